"""A report is a value, told in each form by one renderer: terminal, JSON, file, page."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, To, report
from relance.values import Amount
from server.access.audit import AuditEntry
from server.cli.outcome import CommandStop
from server.cli.report import tell
from server.exports.report import write
from server.reports.as_json import as_json
from server.reports.audit import audit_report
from server.reports.chart import charts
from server.reports.experiments import experiments_report
from server.reports.glossary import BARE
from server.reports.screen import screen, unfilled
from server.store.instants import to_micros
from server.web.templates import render

ZONE = ZoneInfo("America/Montreal")
NOON = datetime(2026, 12, 2, 17, 3, tzinfo=UTC)
COLUMNS: Columns[dict[str, object]] = {
    Column("Liste"): lambda one: f"{one['nom']} (été)",
    Column("Nom", "nom", to=To.SHEET): lambda one: one["nom"],
    Column("Membres", "membres", CellType.COUNT): lambda one: one["membres"],
    Column("Taux", "mesures.taux", CellType.SHARE): lambda one: one["taux"],
    Column("Délai", "mesures.delai", CellType.DELAY): lambda one: one["delai"],
    Column("Ventes", "ventes", CellType.AMOUNT): lambda one: one["ventes"],
    Column("Jour", "jour", CellType.DAY): lambda one: date(2026, 12, 24),
    Column("Depuis", "depuis", CellType.INSTANT): lambda one: NOON,
    Column("Active", "active", CellType.FLAG): lambda one: True,
    Column("UTM", "utm", CellType.NAMED, To.SHEET): lambda one: {"source": "a", "medium": "b"},
    Column("", "etat"): lambda one: "held",
}
FULL = {
    "nom": "=Noël",
    "membres": 1234,
    "taux": 0.125,
    "delai": 90.0,
    "ventes": Amount(Decimal("49.9"), "CAD"),
}
EMPTY = {"nom": "B", "membres": 0, "taux": None, "delai": None, "ventes": None}
LISTS = report("Listes", COLUMNS, [FULL, EMPTY], notes=["2 listes."])

GOLDEN = Path(__file__).parent / "terminal"


def plain(text: str) -> str:
    """Without no-break spaces, nor those that end a line."""
    return re.sub(r" +$", "", text.replace("\u00a0", " "), flags=re.MULTILINE)


@pytest.fixture
def shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    def run(found: Report | ReportSet, width: int = 120, **form: object) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        tell(found, ZONE, **form)  # type: ignore[arg-type]
        return plain(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("width", [120, 60])
def test_a_terminal_shows_words_and_sets_what_is_counted_to_the_right(
    shown: Callable[..., str], width: int
) -> None:
    golden = GOLDEN / f"largeur-{width}.txt"
    assert shown(LISTS, width=width) == golden.read_text(encoding="utf-8")


def test_nothing_is_said_in_a_sentence(shown: Callable[..., str]) -> None:
    assert shown(report("Listes", COLUMNS, [], empty="Aucune liste.")) == "Aucune liste.\n"
    assert json.loads(shown(report("Listes", COLUMNS, [], empty="Rien."), as_json=True)) == []


def test_programs_read_what_was_found_by_its_keys(shown: Callable[..., str]) -> None:
    first, second = json.loads(shown(LISTS, as_json=True))
    assert first == {
        "nom": "=Noël",
        "membres": 1234,
        "mesures": {"taux": 0.125, "delai": 90.0},
        "ventes": "49.9000",
        "jour": "2026-12-24",
        "depuis": "2026-12-02T17:03:00+00:00",
        "active": True,
        "utm": {"source": "a", "medium": "b"},
        "etat": "held",
    }
    assert second["mesures"] == {"taux": None, "delai": None}


def test_a_file_holds_numbers_with_their_units_and_nothing_to_run(
    tmp_path: Path, shown: Callable[..., str]
) -> None:
    path = tmp_path / "listes.csv"
    assert shown(LISTS, output=path) == f"2 lignes écrites dans « {path} ».\n"
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";")
    heading, first, second = rows
    assert dict(zip(heading, first, strict=True)) == {
        "Liste": "'=Noël (été)",
        "Nom": "'=Noël",
        "Membres": "1234",
        "Taux (%)": "12,50",
        "Délai (secondes)": "90,0",
        "Ventes": "49,90",
        "Jour": "2026-12-24",
        "Depuis": "2026-12-02 12:03",
        "Active": "oui",
        "UTM": "source=a | medium=b",
    }
    assert second[3:6] == ["", "", ""]
    assert path.stat().st_mode & 0o077 == 0


def test_a_workbook_holds_numbers_as_numbers(tmp_path: Path) -> None:
    write(LISTS, tmp_path / "listes.xlsx", ZONE)
    sheet = load_workbook(tmp_path / "listes.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:6] == ["=Noël", 1234, 12.5, 90, 49.9]


def test_a_file_whose_name_says_no_form_is_refused(tmp_path: Path) -> None:
    apart = ({"output": Path("l.csv"), "as_json": True}, {"charted": True, "as_json": True})
    for form in ({"output": tmp_path / "listes.pdf"}, *apart):
        with pytest.raises(CommandStop):
            tell(LISTS, ZONE, **form)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_what_was_cut_is_told_whatever_the_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = report("Listes", COLUMNS, [FULL, FULL], most=1, cut="La première ; il y en a d’autres.")
    for form in ({}, {"as_json": True}, {"output": tmp_path / "l.csv"}):
        tell(cut, ZONE, **form)  # type: ignore[arg-type]
        out, err = capsys.readouterr()
        assert "il y en a d’autres" in err
        assert "autres" not in out
    assert report("Listes", COLUMNS, [FULL], most=1, cut="d’autres").cut == ""


def test_a_record_is_one_object_and_a_line_a_measure(shown: Callable[..., str]) -> None:
    one = report("Du 1er au 2", COLUMNS, [FULL], layout=Layout.RECORD)
    assert as_json(one) == as_json(LISTS)[0]  # type: ignore[index]
    assert ("Taux", "12,5\u00a0%") in screen(one, ZONE).rows


def test_bars_are_as_long_as_their_share_of_the_longest(shown: Callable[..., str]) -> None:
    members, rate, *_ = charts(LISTS, ZONE)
    assert plain(members.title) == "Listes : Membres"
    assert [(one.label, plain(one.value), one.length) for one in members.bars] == [
        ("=Noël (été)", "1 234", 1.0),
        ("B (été)", "0", 0.0),
    ]
    assert [one.length for one in rate.bars] == [0.125, 0.0], "a rate is drawn on the whole"
    drawn = shown(LISTS, width=60, charted=True).splitlines()
    assert drawn[0] == "Listes : Membres"
    assert re.fullmatch(r" =Noël \(été\)  █{30,}  1 234", drawn[1])
    assert re.fullmatch(r" B \(été\) +0", drawn[2])
    assert drawn[-1] == "2 listes."


def test_what_is_counted_alike_is_drawn_on_one_scale_and_called_in_words() -> None:
    columns: Columns[tuple[int, int, int]] = {
        Column("Version", "version", CellType.NUMBER): lambda one: one[0],
        Column("Message"): lambda one: "Bienvenue",
        Column("Envoyés", "envoyes", CellType.COUNT): lambda one: one[1],
        Column("Lus", "lus", CellType.COUNT): lambda one: one[2],
    }
    sent, read = charts(report("Messages", columns, [(2, 100, 10), (1, 50, 0)]), ZONE)
    assert [one.length for one in (*sent.bars, *read.bars)] == [1.0, 0.5, 0.1, 0.0]
    assert [one.label for one in read.bars] == ["version 2 · Bienvenue", "version 1 · Bienvenue"]
    left_out = unfilled(["Sorties, du 1er au 2", "Étiquettes"])
    assert plain(left_out) == "Rien à montrer pour l’instant : sorties, étiquettes."


def test_the_measures_of_a_record_are_bars_with_those_of_their_kind() -> None:
    one = report("Du 1er au 2", COLUMNS, [FULL], layout=Layout.RECORD)
    drawn = [[bar.label for bar in chart.bars] for chart in charts(one, ZONE)]
    assert drawn == [["Membres"], ["Taux"], ["Ventes"], ["Délai"]]
    assert charts(report("Rien", COLUMNS, [], empty="Rien."), ZONE) == []


NAMES: Columns[str] = {Column("Nom", "nom"): lambda one: one}
BOTH = ReportSet("Tout", {"listes": LISTS, "noms": report("Noms : a/b", NAMES, ["=A"])})


def test_reports_of_one_question_are_one_object_or_one_screen(shown: Callable[..., str]) -> None:
    found = json.loads(shown(BOTH, as_json=True))
    assert found == {"listes": as_json(LISTS), "noms": [{"nom": "=A"}]}
    assert shown(BOTH).count("=A") == 1


def test_reports_of_one_question_are_sheets_of_a_book_or_files(
    tmp_path: Path, shown: Callable[..., str]
) -> None:
    assert shown(BOTH, output=tmp_path / "tout.xlsx").startswith("3 lignes écrites dans")
    book = load_workbook(tmp_path / "tout.xlsx")
    assert book.sheetnames == ["Listes", "Noms   a b"]
    assert [cell.value for cell in book["Noms   a b"]["A"]] == ["Nom", "=A"]
    shown(BOTH, output=tmp_path / "tout.csv")
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == [
        "tout-listes.csv",
        "tout-noms.csv",
    ]
    assert "'=A" in (tmp_path / "tout-noms.csv").read_text(encoding="utf-8-sig")


def test_moments_of_a_same_minute_are_told_to_the_second() -> None:
    columns: Columns[datetime] = {Column("Quand", "quand", CellType.EXACT_INSTANT): lambda at: at}
    several = [NOON, NOON.replace(second=7), NOON.replace(hour=3)]
    shown = [plain(cell) for (cell,) in screen(report("", columns, several), ZONE).rows]
    assert shown == [
        "2 déc. 2026 à 12 h 03 min 00 s",
        "2 déc. 2026 à 12 h 03 min 07 s",
        "1er déc. 2026 à 22 h 03",
    ]


def test_an_address_is_never_cut_in_a_narrow_terminal(shown: Callable[..., str]) -> None:
    columns: Columns[str] = {
        Column("Nom"): lambda one: "un nom bien long " * 4,
        Column("Adresse", "adresse", CellType.ADDRESS): lambda one: one,
    }
    address = f"https://exemple.ca/l/{'a' * 40}"
    assert address in shown(report("", columns, [address]), width=80)


def test_no_word_is_lost_however_narrow_the_terminal(shown: Callable[..., str]) -> None:
    """Where each longest word just fits, rich alone writes past the edge, and rows end there."""
    row = {
        "Quand": "29 nov. 2026 à 16\u00a0h\u00a002\u00a0min\u00a014\u00a0s",
        "Ce qui a été fait": "migration annulée",
        "Publication": "2",
        "Détails": "rendues : 2",
    }
    columns: Columns[None] = {Column(head): lambda _, cell=cell: cell for head, cell in row.items()}
    found = report("Historique", columns, [None])
    for width in range(56, 96):
        lines = shown(found, width=width).splitlines()
        assert max(map(len, lines)) <= width
        words = set(" ".join(lines).split())
        assert words >= set(" ".join([*row, *row.values()]).split())


def test_the_audit_log_and_experiments_are_paragraphs_where_a_table_would_cut_their_words(
    shown: Callable[..., str],
) -> None:
    given = {"rôles": "lecture, données personnelles, administration"}
    entry = AuditEntry(
        *(12, to_micros(NOON), "Zoé <zoe@exemple.ca>", "jeton « Tableur »", "compte.invite"),
        *("Camille <camille@exemple.ca>", {}, given, ""),
    )
    narrow = shown(audit_report([entry], 10), width=80)
    assert "Qui : Zoé <zoe@exemple.ca>\n" in narrow
    assert "Avant et après : rôles : lecture, données personnelles, administration\n" in narrow
    assert experiments_report([], BARE).layout is Layout.FOLDING


def test_a_page_shows_a_table_that_screen_readers_follow() -> None:
    one = report("Listes & co", COLUMNS, [{**FULL, "nom": "<b>"}], notes=["1 < 2"])
    shown = plain(render("_table.html", table=screen(one, ZONE)))
    assert "<caption><h2>Listes &amp; co</h2></caption>" in shown
    assert '<th scope="col" class="counted">Membres</th>' in shown
    assert (
        '<th scope="row">&lt;b&gt; (été)</th><td class="counted" data-label="Membres">1\u202f234</td>'
        in shown
    )
    assert "Nom</th>" not in shown
    assert "<p>1 &lt; 2</p>" in shown
    none = report("Listes", COLUMNS, [], empty="Aucune <liste>.")
    empty = render("_table.html", table=screen(none, ZONE))
    assert '<td class="none" colspan="8">Aucune &lt;liste&gt;.</td>' in empty
