"""What a season came to, told by the command in every form, as a team would ask it."""

import asyncio
import csv
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from relance.events import CONTACT_MADE, LINK_CLICKED, NewEvent
from relance.host import Identities, Incoming
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.conftest import MAIL, SETTINGS, Said
from tests.email.sink import Sink
from tests.whole import eventually, lay_out, running

SCRIPT = """\
lien suivi « Tarifs d’été » : https://www.lapetiteroue.example/tarifs/ete
  source : affiche
fin

conversion « Achat » : Formulaire (Achat) rempli

campagne « Tarifs »
  objectif « Achat » : Formulaire (Achat) rempli, cible 25 %

  entrée
    quand Formulaire (Demande de tarif) rempli

  sortie réussie
    quand Formulaire (Achat) rempli

  étape « Accueil »
  répartir « Accueil »
    50 % « Un »
      Étiqueter (Curieux)
    50 % « Deux »
      Étiqueter (Curieux)
  fin
  Envoyer courriel (Tarifs)
  étape « Attente »
  attendre 30 jours
fin

campagne « Vide »
  entrée
    quand Formulaire (Rien) rempli

  attendre 1 jour
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")

CAMPAIGN = "SELECT count(*) FROM outbox WHERE state = 'sent'"
ASKED = "Demande de tarif"


async def season(project: Path, sink: Sink) -> None:
    """Three ask, one buys, one reads and clicks; a visitor comes from elsewhere."""
    settings = load_settings(project, {"RELANCE_PORT": "0", **sink.environment})
    async with running(Runtime(settings)) as server:
        for name in ("Aline", "Paul", "Zoé"):
            await tell(server, name, NewEvent("form_submitted", ASKED))
        await eventually(server, CAMPAIGN, [(3,)])
        key = await message_of(server, "aline@exemple.ca")
        for event in (
            NewEvent("email_opened", "Tarifs", properties={"message": key}),
            NewEvent("email_opened", "Tarifs", properties={"message": key}),
            NewEvent(
                LINK_CLICKED,
                "Tarifs d’été",
                context="Tarifs",
                properties={"message": key},
            ),
            NewEvent(
                "page_visited",
                "/tarifs/ete",
                address="https://www.lapetiteroue.example/tarifs/ete?couleur=vert",
                properties={"provenance": "annuaire.example"},
            ),
            NewEvent("form_submitted", "Achat"),
            NewEvent(CONTACT_MADE),
        ):
            await tell(server, "Aline", event)
        left = "SELECT count(*) FROM enrolments WHERE outcome = 'success'"
        await eventually(server, left, [(1,)])


async def tell(server: Runtime, name: str, event: NewEvent) -> None:
    who = Identities(email=f"{name.lower().replace('é', 'e')}@exemple.ca")
    await server.host.record([Incoming("essai", who, fields={"prénom": name}, events=[event])])


async def message_of(server: Runtime, address: str) -> str:
    query = (
        "SELECT o.lead_id, o.campaign_id, o.entry, o.move, o.ordinal, o.created_at FROM outbox o "
        f"JOIN leads l ON l.id = o.lead_id WHERE l.f_courriel = '{address}'"
    )
    async with server.store.read() as conn:
        (row,) = (await conn.exec_driver_sql(query)).all()
    return ".".join(map(str, row))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project once the season is over."""

    async def play() -> None:
        sink = await Sink().start()
        await season(folder, sink)
        await sink.stop()

    folder = tmp_path_factory.mktemp("saison") / "projet"
    lay_out(folder, {"relance.toml": SETTINGS, "courriels/tarifs.md": MAIL, "t.relance": SCRIPT})
    asyncio.run(play())
    return folder


@pytest.fixture
def played(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "projet"))


Command = Callable[..., Said]


def test_a_campaign_tells_all_that_it_came_to(played: Path, relance: Command) -> None:
    found = json.loads(relance("rapport", "campagne", "tarifs", "--dossier", played, "--json").out)
    assert found["resume"] == {
        "entrees": 3,
        "temoins": 0,
        "a_l_interieur": 2,
        "sorties": 1,
        "reussies": 1,
        "echouees": 0,
        "taux_reussite": 1.0,
        "jours_moyens": 0.0,
        "jours_medians": 0.0,
        "etiquettes": 3,
        "envoyes": 3,
        "progression": pytest.approx((1 + 2 * 6 / 7) / 3),
    }
    assert found["etapes"] == [
        {"etape": "Accueil", "a_l_interieur": 0, "passages": 3},
        {"etape": "Attente", "a_l_interieur": 2, "passages": 3},
    ]
    assert found["etiquettes"] == [{"etiquette": "Curieux", "posee": 3}]
    (goal,) = found["objectifs"]
    assert [goal[one] for one in ("objectif", "entres", "atteints", "etat")] == [
        *("Achat", 3, 1, "atteinte"),
    ]
    shares = found["repartitions"]
    assert [one["part"] for one in shares] == ["Un", "Deux"]
    assert [sum(one[key] for one in shares) for key in ("leads", "atteints")] == [3, 1]
    (channel,) = found["canaux"]
    counts = ("envoyes", "livres", "lus", "cliques", "rebonds", "plaintes")
    assert [channel[one] for one in counts] == [3, 3, 1, 1, 0, 0]
    assert channel["taux_lecture"] == pytest.approx(1 / 3)
    assert [one["entrees"] for one in found["versions"]] == [3]
    (sent,) = found["messages_par_version"]
    assert [sent[one] for one in ("version", "message", *counts[:4])] == [1, "Tarifs", 3, 3, 1, 1]


def test_who_is_there_and_who_was_are_searched_by_name(played: Path, relance: Command) -> None:
    def asked(*words: str) -> list[dict[str, object]]:
        said = relance("rapport", *words, "--dossier", played, "--json")
        return json.loads(said.out)  # type: ignore[no-any-return]

    assert {one["nom"] for one in asked("présents", "Tarifs")} == {"Paul", "Zoé"}
    assert [one["nom"] for one in asked("presents", "Tarifs", "--cherche", "ZOE")] == ["Zoé"]
    assert asked("presents", "Tarifs", "--cherche", "aline") == []
    (gone,) = asked("sortis", "Tarifs", "--cherche", "exemple.ca")
    assert (gone["nom"], gone["issue"], gone["reussie"]) == ("Aline", "success", True)


def test_the_house_tells_its_leads_campaigns_messages_and_conversions(
    played: Path, relance: Command
) -> None:
    found = json.loads(relance("rapport", "--dossier", played, "--json").out)
    assert found["resume"]["leads"] == found["resume"]["nouveaux_leads"] == 3
    assert found["resume"]["realisees"] == 1
    active = {one["campagne"]: one for one in found["campagnes"]}
    assert active["Tarifs"]["progression"] == pytest.approx((1 + 2 * 6 / 7) / 3)
    assert active["Vide"]["progression"] is None
    assert found["realisees"] == [{"conversion": "Achat", "realisee": 1}]
    assert len(found["cours"]) == 30
    sums = [sum(day[one] for day in found["cours"]) for one in ("entrees", "sorties", "reussies")]
    assert sums == [3, 1, 1]


def test_a_list_is_told_by_who_joined_it_and_a_lead_by_what_it_was_sent(
    played: Path, relance: Command
) -> None:
    day = 86_400_000_000
    joined = {1: 20_600 * day, 2: 20_500 * day, 3: 20_700 * day}
    with sqlite3.connect(played / ".relance" / "relance.db") as base:
        leads = [row[0] for row in base.execute("SELECT id FROM leads ORDER BY id")]
        base.execute("INSERT INTO lists (id, key, name) VALUES (1, 'salon', 'Salon')")
        base.execute("INSERT INTO lists (id, key, name) VALUES (2, 'vide', 'Vide')")
        rows = zip(leads, joined.values(), strict=True)
        base.executemany("INSERT INTO list_members VALUES (?, 'salon', ?)", rows)
        base.execute("UPDATE leads SET f_courriel = NULL WHERE id = ?", leads[2:])
        base.execute("UPDATE outbox SET state = 'failed' WHERE lead_id = ?", leads[1:2])
    base.close()

    def asked(*words: str | int) -> list[dict[str, object]]:
        said = relance("rapport", *words, "--dossier", played, "--json")
        return json.loads(said.out)  # type: ignore[no-any-return]

    one, none = asked("liste", "--du", "2026-05-01", "--au", "2026-07-01")
    assert list(one.values()) == ["Salon", 3, 1, 2]
    assert list(none.values()) == ["Vide", 0, 0, 0]
    assert [asked("lead", lead)[0]["envoyes"] for lead in leads[:2]] == [1, 0]


def test_a_name_is_that_of_one_and_a_campaign_at_rest_is_not_active(
    played: Path, relance: Command
) -> None:
    with sqlite3.connect(played / ".relance" / "relance.db") as base:
        base.execute("UPDATE outbox SET message = 'Autre' WHERE lead_id = 1")
        base.execute("UPDATE campaigns SET state = 'paused' WHERE key = 'vide'")
    base.close()

    def asked(*words: str) -> list[dict[str, object]]:
        said = relance("rapport", *words, "--dossier", played, "--json")
        return json.loads(said.out)  # type: ignore[no-any-return]

    assert [one["message"] for one in asked("message", "AUTRE")] == ["Autre"]
    assert len(asked("message")) == 2
    assert asked("conversion", "achat") == [{"conversion": "Achat", "realisee": 1}]
    before = ("--du", "2020-01-01", "--au", "2020-01-31")
    assert asked("message", "Autre", *before) == asked("conversion", "Achat", *before) == []
    assert [one["campagne"] for one in asked("campagnes")] == ["Tarifs"]


def test_sources_of_a_tracked_address_are_told(played: Path, relance: Command) -> None:
    said = relance("rapport", "sources", "tarifs d'été", "--dossier", played, "--json")
    found = json.loads(said.out)
    assert [(one["source"], one["visites"]) for one in found["visites"]] == [
        ("annuaire.example", 1)
    ]
    assert [(one["message"], one["clics"]) for one in found["clics"]] == [("Tarifs", 1)]


def test_indicators_are_told_over_time_all_of_them_or_one(played: Path, relance: Command) -> None:
    def asked(*words: str) -> Any:
        said = relance("rapport", "indicateurs", *words, "--dossier", played, "--json")
        return json.loads(said.out)

    every = asked("--par", "jour")
    assert every["resume"]["contacts"] == 1
    days = [(one["du"], one["au"], one["contacts"]) for one in every["cours"]]
    assert (len(days), {first == last for first, last, _ in days}) == (30, {True})
    assert [n for *_, n in days] == [0] * 29 + [1]
    one = asked(
        "nombre de contacts", "--par", "semaine", "--du", "2026-11-04", "--au", "2026-11-17"
    )
    assert [(week["du"], week["au"]) for week in one["cours"]] == [
        ("2026-11-04", "2026-11-08"),
        ("2026-11-09", "2026-11-15"),
        ("2026-11-16", "2026-11-17"),
    ]
    assert set(one["cours"][0]) == {"du", "au", "devise", "contacts"}
    of_one = {name: asked("--campagne", name)["resume"]["contacts"] for name in ("Tarifs", "vide")}
    assert of_one == {"Tarifs": 1, "vide": 0}
    unknown = relance("rapport", "indicateurs", "--campagne", "Tarif", "--dossier", played)
    assert (unknown.code, "pas de campagne" in unknown.err) == (2, True)
    assert relance("rapport", "cours", "--campagne", "Tarifs", "--dossier", played).code == 2


def test_a_report_is_bars_a_table_files_or_a_book(played: Path, relance: Command) -> None:
    words = ("rapport", "campagne", "Tarifs", "--dossier", played)
    assert "Taux de réussite" in relance(*words).out
    drawn = relance(*words, "--graphique")
    assert (drawn.code, drawn.err) == (0, "")
    assert "█" in drawn.out
    relance(*words, "--sortie", played / "t.xlsx")
    assert load_workbook(played / "t.xlsx").sheetnames[1:3] == ["Sorties", "Étapes"]
    relance(*words, "--sortie", played / "t.csv")
    rows = list(csv.reader((played / "t-etapes.csv").open(encoding="utf-8-sig"), delimiter=";"))
    assert rows[1] == ["Accueil", "0", "3"]


@pytest.mark.parametrize(
    "what", ["message", "liste", "lead", "conversion", "cours", "campagnes", "indicateurs"]
)
def test_every_other_report_is_told(played: Path, relance: Command, what: str) -> None:
    name = {"lead": "aline@exemple.ca", "cours": "Tarifs"}.get(what, "")
    said = relance("rapport", what, name, "--par", "semaine", "--dossier", played)
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            ("campagne", "Tarif"),
            "Il n’y a pas de campagne « Tarif ». Campagnes : « Tarifs », « Vide ».",
        ),
        (("campagne",), "Dites de quelle campagne. Campagnes : « Tarifs », « Vide »."),
        (
            ("message", "Tarif"),
            "Aucun message « Tarif » n’a encore été envoyé ni retenu. Vouliez-vous dire « Tarifs » ?",
        ),
        (("conversion", "Abonnement"), "Aucune conversion « Abonnement » n’a encore été réalisée."),
        (("lead",), "Dites de quel lead : son courriel, son téléphone ou son numéro."),
        (("liste", "Salon"), "Listes : aucune."),
        (("bilan",), "Il n’y a pas de rapport « bilan »."),
        (("campagnes", "--du", "2026-12-24", "--au", "2026-12-01"), "échangez-les"),
        (("liste", "Personne"), "Il n’y a pas de liste « Personne »."),
        (
            ("sources", "Rien"),
            "Il n’y a pas de lien suivi « Rien ». Liens suivis : « Tarifs d’été ».",
        ),
        (
            ("indicateurs", "nombre de contact"),
            "Aucun indicateur « nombre de contact ». Vouliez-vous dire « Nombre de contacts » ?",
        ),
        (
            ("indicateurs", "--du", "2020-01-01", "--au", "2026-12-31"),
            "Par jour, ce cours a 2 557 lignes ; il en a 400 au plus. Dites « --par semaine ».",
        ),
        (("lead", "inconnu@exemple.ca"), "Aucun lead ne répond"),
        (("maison", "--cherche", "a"), "--cherche va avec"),
        (("maison", "--json", "--graphique"), "ne vont pas ensemble"),
    ],
)
def test_what_cannot_be_told_says_what_to_ask(
    played: Path, relance: Command, words: tuple[str, ...], answer: str
) -> None:
    said = relance("rapport", *words, "--dossier", played)
    assert said.code == 2
    assert answer in said.err
    assert said.out == ""


def test_counters_are_told_wrong_with_code_one(played: Path, relance: Command) -> None:
    right = relance("comptes", played, "--verifier")
    assert (right.code, right.err) == (0, "")
    assert "tout concorde" in right.out
    with sqlite3.connect(played / ".relance" / "relance.db") as base:
        base.execute("UPDATE counters SET n = n + 1 WHERE kind = 'entered'")
    base.close()
    wrong = relance("comptes", played, "--verifier", "--json")
    assert wrong.code == 1
    (one,) = json.loads(wrong.out)
    assert (one["campagne"], one["quoi"], one["garde"], one["recompte"]) == (
        "Tarifs",
        "entered",
        4,
        3,
    )
    assert relance("comptes", played, "--refaire").code == 0
    assert relance("comptes", played, "--verifier").code == 0
