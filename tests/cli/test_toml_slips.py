"""A settings file with a slip: told like a script's, all lines at once, with what to write instead."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from relance.toml_file import CODES, UnreadableToml, read
from server.settings import load_settings

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"

SLIPS = [
    ('adresse = “https://a.ca”', "R119", 'adresse = "https://a.ca"'),
    ("adresse = « https://a.ca »", "R119", 'adresse = "https://a.ca"'),
    ("[formulaires]\norigines = [“https://a.ca”, “https://b.ca”]", "R119", 'origines = ["https://a.ca", "https://b.ca"]'),
    ("adresse = https://a.ca", "R120", 'adresse = "https://a.ca"'),
    ("ville = Québec # la nôtre", "R120", 'ville = "Québec" # la nôtre'),
    ("devise = ‘CAD’", "R120", 'devise = "CAD"'),
    ("actif = oui", "R122", "actif = true"),
    ("actif = Faux", "R122", "actif = false"),
    ("debit = 2,5", "R123", "debit = 2.5"),
    ('adresse = "https://a.ca', "R124", 'adresse = "https://a.ca"'),
    ('[formulaires]\norigines = ["https://a.ca"', "R124", 'origines = ["https://a.ca"]'),
    ("[formulaires\ndebit = 2", "R124", "[formulaires]"),
    ("port : 8080", "R125", "port = 8080"),
    ("port 8080", "R125", None),
    ("région = \"CA\"", "R125", 'region = "CA"'),
    ("port = 8080\nport = 8081", "R121", None),
    ("[email]\nport = 25\n[web]\n[email]\nserveur = \"x\"", "R121", None),
    ('adresse = """\nhttps://a.ca\n', "R124", None),
    ('[formulaires]\norigines = ["https://a.ca" "https://b.ca"]', "R125", 'origines = ["https://a.ca", "https://b.ca"]'),
    ('origines = [\n  "https://a.ca" # la nôtre\n  "https://b.ca"\n]\nport = 8080', "R125", '"https://a.ca", # la nôtre'),
    ('origines = [\n  "https://a.ca"\n[email]\nport = 25', "R124", '"https://a.ca"]'),
    ('origines = ["https://a.ca"\nport = 8080', "R124", 'origines = ["https://a.ca"]'),
    ('origines = [\n  https://a.ca,\n]', "R120", '"https://a.ca",'),
    ('origines = [\n  "https://a.ca\n]', "R124", '"https://a.ca"'),
    ("origines = [https://a.ca, https://b.ca]", "R120", 'origines = ["https://a.ca", "https://b.ca"]'),
    ("origines = [“https://a.ca” “https://b.ca”]", "R119", 'origines = ["https://a.ca", "https://b.ca"]'),
    ('origines = "https://a.ca", "https://b.ca"', "R125", 'origines = ["https://a.ca", "https://b.ca"]'),
    ('adresse = "https://a.ca",', "R125", 'adresse = "https://a.ca"'),
    ("origines = [", "R124", None),
    ("origines = [\nport = 8080", "R124", None),
    ("port = 8 080", "R123", "port = 8080"),
    ("port = 8\u00a0080", "R123", "port = 8080"),
    ("port = 8\u202f080 # le nôtre", "R123", "port = 8080 # le nôtre"),
    ("port = 80 80", "R123", "port = 8080"),
    ("debit = 1 000,5", "R123", "debit = 1000.5"),
    ("debit = 1.000,5", "R123", None),
    ("delai = 30 minutes", "R120", None),
    ("sommes = [8 080, 3]", "R125", None),
    ("telephone = 514 555 0101", "R120", 'telephone = "514 555 0101"'),
    ("telephone = 06 12 34 56 78", "R120", 'telephone = "06 12 34 56 78"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "instead"), SLIPS)
def test_a_slip_is_told_with_what_to_write_instead(
    text: str, code: str, instead: str | None
) -> None:
    (fault,) = read(text, "relance.toml").faults
    assert fault.code == code
    assert fault.column >= 1
    _, proposes, proposed = fault.message.partition("Écrivez plutôt : ")
    assert (proposed if proposes else None) == instead
    if instead is not None:
        lines = text.split("\n")
        lines[fault.line - 1] = instead
        tomllib.loads("\n".join(lines))


def test_several_are_told_at_once_each_at_its_place(relance: Callable, project: Path) -> None:
    text = "port = 8080\nport = 8081\ndebut\n\n[email]\nserveur = “smtp.a.ca”\nserveurr = oui\n"
    (project / "relance.toml").write_text(text, encoding="utf-8")
    done = relance("check", project, "--json")
    diagnostics = [
        one for one in json.loads(done.out)["diagnostics"] if "relance.toml" in one["file"]
    ]
    assert [(one["code"], one["start"]["line"]) for one in diagnostics] == [
        ("R121", 2),
        ("R125", 3),
        ("R119", 6),
        ("R122", 7),
        (None, 7),
    ]
    assert done.code == 1
    shown = relance("check", project).out
    assert "relance.toml:6:11  R119  erreur : Guillemets typographiques" in shown


def test_the_server_refuses_to_start_with_the_first_place(relance: Callable, project: Path) -> None:
    (project / "relance.toml").write_text("port = 8080\nactif = oui\nville = Lyon\n", "utf-8")
    with pytest.raises(UnreadableToml, match=r"ligne 2, colonne 9 \(R122\).*relance check"):
        load_settings(project)


def test_neither_a_bom_nor_the_line_ends_of_windows_are_a_slip(project: Path) -> None:
    (project / "relance.toml").write_bytes(b"\xef\xbb\xbfport = 8081\r\n[formulaires]\r\n")
    assert load_settings(project).port == 8081


def test_what_follows_a_list_nobody_closed_is_read_or_left_unread_but_never_as_its_own() -> None:
    read_on = read('origines = [\n  "https://a.ca"\n  "https://b.ca"\n]\nport = oui', "x")
    assert read_on.data == {"origines": ["https://a.ca", "https://b.ca"], "port": True}
    assert [one.code for one in read_on.faults] == ["R125", "R122"]
    lost = read('ecoute = "::1"\norigines = [\nport = oui\ndebit = 2,5', "x")
    assert lost.data == {"ecoute": "::1"}
    assert [(one.code, one.line) for one in lost.faults] == [("R124", 2)]


@pytest.mark.parametrize("code", CODES)
def test_a_code_of_a_settings_file_has_its_page_whose_example_is_taken(
    code: str, relance: Callable, project: Path
) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code} — {CODES[code]}\n")
    wrong, right = (part.split("\n```")[0] for part in page.split("```toml\n")[1:])
    assert {one.code for one in read(wrong, "x").faults} == {code}
    assert read(right, "x").faults == ()
    (project / "relance.toml").write_text(right, "utf-8")
    assert not [one for one in relance("check", project).out.splitlines() if "relance.toml" in one]


@pytest.mark.parametrize(
    "text", ["=" * 5000, "[" * 5000, "a = " + "[" * 5000, "«" * 3000, "\x00", "a.b\n" * 500]
)
def test_any_text_is_answered(text: str) -> None:
    assert read(text, "x").faults
