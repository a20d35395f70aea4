"""Whatever strangers left in the base, no command lets it out raw: terminal, JSON, CSV or workbook.

The base is filled as it would be, every value of a stranger's holding a mark; then the mark is
replaced in each text of each table by what repaints, turns round, hides, or a spreadsheet runs.
"""

import asyncio
import csv
import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from unicodedata import category

import httpx
import pytest
from openpyxl import load_workbook

from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.reach import Suppress
from server.cli.commands import COMMANDS
from server.orders.publishing import PublishOrder
from server.runtime import Runtime
from server.settings import load_settings
from server.spreadsheet import table
from tests.cli.conftest import Said
from tests.signed import sign_in
from tests.whole import running

MARK = "zzmarkzz"
CONTROLS = "\x1b[2J\x1b]8;;http://mal.example\x07clic\x1b]8;;\x07\x9b2J\x08\x7f"
UNSEEN = "\u202e\u2066\u2069\u200b\u200e\ufeff\u2028"
HOSTILE = f"{CONTROLS}{UNSEEN}[bold]\n\r=cmd|' /C calc'!A1{'x' * 3_000}"
FORMULAS = ("=cmd|' /C calc'!A1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "\u200b=1+1", "\u202e@x")

#: What a spreadsheet runs, whatever it takes for a space before.
RUN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+@\-＝＋－＠−]")

#: The forms a report is told in; a file is read back as soon as it is written.
SHEETS = ("sortie.csv", "sortie.xlsx")
FORMS = (("{}",), ("{}", "--json"), ("{}", "--sortie", "{}/sortie.csv"))
#: How each command is asked for what the base holds; what it writes to a file is read from it.
ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "explain": (("toutes", "1", "--dossier", "{}"), ("Tarifs", "1", "--dossier", "{}")),
    "listes": FORMS,
    "groupes": FORMS,
    "experiences": (*FORMS, ("{}", "--campagne", MARK)),
    "objectifs": (*FORMS, ("{}", "--campagne", MARK)),
    "supprimer-liste": ((MARK, "--dossier", "{}"),),
    "exporter": (("{}/sortie.csv", "--dossier", "{}"), ("{}/sortie.xlsx", "--dossier", "{}")),
    "indicateurs": FORMS,
    "rapport": tuple(
        (*words, "--dossier", *form)
        for form in FORMS
        for words in (
            ("maison",),
            ("presents", "Tarifs"),
            ("message",),
            ("sources",),
            ("lead", "1"),
            ("enregistres",),
            ("enregistre", MARK),
        )
    ),
    "comptes": tuple((*form, "--verifier") for form in FORMS),
    "sante": FORMS,
    "etat": FORMS,
    "migrer-base": tuple((*form, "--verifier") for form in FORMS),
    "incertains": FORMS,
    "retenus": FORMS,
    "limites": FORMS,
    "politique": FORMS,
    "refus": FORMS,
    "ecartees": (*FORMS, *((*form, "--retablies") for form in FORMS)),
    "declarations": FORMS,
    "liens": FORMS,
    "retablir": ((f"{MARK}@exemple.ca", "--raison", MARK, "--dossier", "{}"),),
    "accepter": (("1", "--dossier", "{}"),),
    "refuser": (("2", "--dossier", "{}"),),
    "separer": (("1", "--dossier", "{}"),),
    "importer": (("{}/entree.csv", "--dossier", "{}"),),
    "dossier": (("1", "--dossier", "{}"), ("1", "--json", "--dossier", "{}")),
    "oublier": (("1", "--dossier", "{}"), ("1", "--json", "--dossier", "{}")),
    "publications": FORMS,
    "demandes": FORMS,
    "accorder": (("1", "--dossier", "{}", "--essai"), ("1", "--dossier", "{}")),
    "decliner": (("1", "--pourquoi", MARK, "--dossier", "{}"),),
    "comparer": (("--dossier", "{}"), ("--dossier", "{}", "--json")),
    "publier": (("{}", "--essai"), ("{}", "--note", MARK)),
    "statut": (("--dossier", "{}"), ("--dossier", "{}", "--json")),
    "historique": (("Tarifs", "--dossier", "{}"), ("Tarifs", "--dossier", "{}", "--json")),
    **dict.fromkeys(
        ("activer", "pause", "reprendre", "archiver", "restaurer"),
        (("Tarifs", "--dossier", "{}"), (MARK, "--dossier", "{}")),
    ),
    "supprimer-campagne": (("Tarifs", "--dossier", "{}"), (MARK, "--dossier", "{}")),
    "ranger": (
        ("Tarifs", "--classeur", MARK, "--etiquette", MARK, "--dossier", "{}"),
        ("Tarifs", "--oter-etiquette", MARK, "--dossier", "{}", "--json"),
        (MARK, "--sans-classeur", "--dossier", "{}"),
    ),
    "apercu": (("Tarifs", "--lead", "1", "--dossier", "{}"), (MARK, "--dossier", "{}")),
    "utilisateur": (
        ("lister", "--dossier", "{}"),
        ("lister", "--dossier", "{}", "--json"),
        ("lien", f"{MARK}@exemple.ca", "--dossier", "{}"),
        ("inviter", f"{MARK}c@exemple.ca", "--role", MARK, "--dossier", "{}"),
    ),
    "absences": (
        ("lister", "--dossier", "{}"),
        ("lister", "--dossier", "{}", "--json"),
        ("noter", MARK, "--du", "2026-12-20", "--dossier", "{}"),
        ("oter", "1", "--dossier", "{}"),
    ),
    "audit": (*FORMS, ("{}", "--verifier")),
    "appels": (("--dossier", "{}"), (MARK, "--dossier", "{}", "--json")),
}
#: Those that show a stranger's words when the base is so filled.
TELLING = {"explain", "accepter", "limites", "ecartees", "sante", "incertains", "declarations"} | {
    "refus",
    "retenus",
    "demandes",
}
#: Those that read no base: files and arguments are tried in `test_safe`.
WITHOUT = {
    "demo",
    "serve",
    "check",
    "fmt",
    "lsp",
    "test",
    "phrases",
    "restaurer-base",
    "modeles",
    "nouveau",
    "cloner",
    "copier-regles",
    "repartir",  # of a base on PostgreSQL, how large its tables are: `test_spreading`
}


def test_every_command_that_reads_a_base_is_tried_here() -> None:
    assert set(COMMANDS) == set(ASKED) | WITHOUT


def raw(text: str) -> set[str]:
    """The signs of a text that a terminal would obey, or that nobody sees."""
    kept = "\n\u00a0\u202f\u200d\ufe0f"
    return {
        sign for sign in text if category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign not in kept
    }


async def fill(project: Path) -> None:
    """What strangers tell, each value holding the mark."""
    who = Identities(email=f"{MARK}@exemple.ca")
    fields = {"prénom": MARK, "ville": MARK, "date de naissance": MARK, "vendeur": MARK}
    events = (
        NewEvent("form_submitted", MARK, properties={MARK: MARK, "utm_source": MARK}),
        NewEvent("form_submitted", "Demande de tarif", properties={MARK: MARK}),
        NewEvent(
            "page_visited", MARK, f"https://www.lapetiteroue.example/{MARK}?utm_source={MARK}"
        ),
        NewEvent("link_clicked", MARK, properties={"utm_campaign": MARK}),
        NewEvent("purchase", MARK, properties={"produit": MARK}),
    )
    async with running(Runtime(load_settings(project, {"RELANCE_PORT": "0"}))) as server:
        await server.host.record([Incoming("équipe", who, {"ville": "Lévis"}, proof=Proof.TEAM)])
        await server.host.record([Incoming(f"form:{MARK}", who, fields, events)])
        await server.host.record([Incoming("form:contact", who, {"ville": "Québec"})])
        address, reason = f"{MARK}b@exemple.ca", f"rebond : 550 {MARK}"
        dead = Suppress("email", address, reason, asked=False)
        await server.host.record([Incoming("form:contact", who, reach=[dead])])


def spoil(base: Path) -> None:
    """Put what is hostile in place of the mark, in each text of each table."""
    connection = sqlite3.connect(base)
    tables = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    message = (
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, recipient,"
        " state, created_at, doubted_at, settled_at, reason) VALUES (1,1,9,9,?,'email',?,?,?,1,1,1,?)"
    )
    for at, state in enumerate(("doubtful", "held", "limited", "failed", "refused", "unreachable")):
        connection.execute(message, (at, MARK, MARK, state, MARK))
    connection.execute("INSERT INTO list_members VALUES (1, ?, 1)", (MARK,))
    asked = PublishOrder(MARK, MARK).arguments()["publication"]
    connection.execute(
        "INSERT INTO publication_requests (at, who, person, wish, over, digest, changes, state)"
        " VALUES (1, ?, ?, ?, 1, ?, '[]', 'waiting')",
        (MARK, MARK, asked, MARK),
    )
    connection.execute("INSERT INTO lead_tags VALUES (1, ?, ?, 1)", (MARK, MARK))
    connection.execute(
        "INSERT INTO lifted_suppressions (channel, address_key, reason, at, asked, why, lifted_at)"
        " VALUES ('email', ?, ?, 1, 0, ?, 1)",
        (MARK, MARK, MARK),
    )
    for name in tables:
        for _, column, kind, *_ in list(connection.execute(f"PRAGMA table_info('{name}')")):
            if kind.startswith(("TEXT", "VARCHAR", "JSON")):
                escaped = json.dumps(HOSTILE)[1:-1]
                connection.execute(
                    f'UPDATE OR IGNORE "{name}" SET "{column}" = replace("{column}", ?,'
                    f" CASE WHEN substr(\"{column}\", 1, 1) IN ('{{', '[', '\"') THEN ? ELSE ? END)"
                    f' WHERE "{column}" LIKE ?',
                    (MARK, escaped, HOSTILE, f"%{MARK}%"),
                )
    connection.commit()
    connection.close()


def test_no_command_lets_out_raw_what_the_base_holds(
    relance: Callable[..., Said], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    asyncio.run(fill(project))
    spoil(project / ".relance" / "relance.db")
    heading = HOSTILE.replace("\n", "").replace("\r", "")[:200]
    (project / "entree.csv").write_text(f'courriel;{heading}\na@b.ca;"{HOSTILE}"\n', "utf-8")
    telling = set()
    for command, several in ASKED.items():
        for arguments in several:
            said = relance(command, *(one.replace("{}", str(project)) for one in arguments))
            assert raw(said.out + said.err) == set(), (command, arguments)
            assert "Traceback" not in said.err
            output = said.out + said.err + "".join(map(written, map(project.joinpath, SHEETS)))
            telling |= {(command, form_of(arguments))} if "mal.example" in output else set()
    assert telling >= {(one, form) for one in TELLING - {"explain", "accepter"} for form in ALL[:3]}
    assert telling >= {(one, "") for one in TELLING} | {("exporter", one) for one in SHEETS}


ALL = ("", "--json", *SHEETS)


def form_of(arguments: Sequence[str]) -> str:
    """Which form it was asked in; none is the terminal."""
    return next((one for one in ALL[1:] if any(word.endswith(one) for word in arguments)), "")


def written(path: Path) -> str:
    """What a command wrote to that file, if it did, once nothing in it can be run; it goes."""
    if not path.exists():
        return ""
    text = _of_csv(path) if path.suffix == ".csv" else _of_workbook(path)
    path.unlink()
    return text


def _of_csv(path: Path) -> str:
    text = path.read_text(encoding="utf-8-sig")
    for cell in (cell for row in csv.reader(StringIO(text), delimiter=";") for cell in row):
        assert raw(cell) == set()
        assert not RUN.match(cell) or re.fullmatch(r"[+-][0-9.,]+", cell), cell
    return text


def _of_workbook(path: Path) -> str:
    sheet = load_workbook(path).active
    assert sheet is not None
    cells = [one for row in sheet.iter_rows() for one in row]
    assert "f" not in {one.data_type for one in cells}
    text = "\n".join(str(one.value or "") for one in cells)
    assert raw(text) == set()
    return text


async def test_no_page_shows_raw_what_the_base_holds(project: Path) -> None:
    await fill(project)
    spoil(project / ".relance" / "relance.db")
    runtime = Runtime(load_settings(project, {"RELANCE_PORT": "0"}))
    async with running(runtime) as server, httpx.AsyncClient() as client:
        await sign_in(server, client)
        for path in ("/", "/sante"):
            answer = await client.get(f"{server.url}{path}")
            assert "mal.example" in answer.text, path
            assert raw(answer.text) == set(), path


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_formula_is_a_text_in_whatever_width(tmp_path: Path, formula: str, name: str) -> None:
    with table(tmp_path / name) as file:
        file.row([formula])
    if name == "t.csv":
        cell = (tmp_path / name).read_text(encoding="utf-8-sig").strip().strip('"')
        assert cell.startswith("'")
        assert raw(cell) == set()
    else:
        sheet = load_workbook(tmp_path / name).active
        assert sheet is not None
        assert (sheet["A1"].data_type, raw(sheet["A1"].value)) == ("s", set())
