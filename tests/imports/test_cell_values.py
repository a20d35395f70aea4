"""What cells say: read as French is written, never guessed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.safe_cells import defused, plain
from server.imports import cells
from server.imports.cells import Unfit, reader_of
from server.store.fields import FieldCatalogue


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("2026/12/24", date(2026, 12, 24)),
        ("03/04/2026", date(2026, 4, 3)),
        ("3-4-2026", date(2026, 4, 3)),
        ("24.12.2026", date(2026, 12, 24)),
        ("24 décembre 2026", date(2026, 12, 24)),
        ("1er janv. 2026", date(2026, 1, 1)),
        ("5 juil. 2026", date(2026, 7, 5)),
        ("29/02/2024", date(2024, 2, 29)),
        ("2026-12-24 00:00:00", date(2026, 12, 24)),
        ("2026-12-24T10:30:00Z", date(2026, 12, 24)),
    ],
)
def test_a_date_is_read_day_first(text: str, day: date) -> None:
    assert cells.day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "24/12/26",
        "12/24/2026",
        "29/02/2026",
        "bientôt",
        "2026",
        "5 jui 2026",
        "01/01/0001",
        "1/1/9999",
    ],
)
def test_a_date_that_would_have_to_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        cells.day(text)


def test_a_year_of_two_digits_is_told_as_such() -> None:
    with pytest.raises(Unfit, match="quatre chiffres"):
        cells.day("24/12/26")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50", "1234.50"),
        ("1\u202f234,5 $", "1234.5"),
        ("-3", "-3"),
        ("0,1", "0.1"),
        ("12 %", "12"),
    ],
)
def test_a_number_is_read_as_french_writes_it(text: str, number: str) -> None:
    assert cells.number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "1e400", "1.234,50", "1,234.50", "abc", "1_000", "٣"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        cells.number(text)


#: Texts that begin as formulas do, far oftener than chance would have it.
TEXTS = st.text() | st.text(alphabet="'=+-@\t\ra1;")


@given(TEXTS)
def test_what_is_written_for_a_spreadsheet_reads_back_as_it_was(text: str) -> None:
    assert plain(defused(text)) == text


@given(TEXTS)
def test_nothing_written_for_a_spreadsheet_begins_like_a_formula(text: str) -> None:
    begins = defused(text)[:1]
    if defused(text) == text and text[1:].replace(",", ".").replace(".", "", 1).isdecimal():
        assert begins not in {"=", "@", "\t", "\r"}
    else:
        assert begins not in {"=", "+", "-", "@", "\t", "\r"}


@pytest.mark.parametrize("number", ["+15145550123", "-12,50", "+33612345678"])
def test_a_number_goes_out_as_other_tools_read_it(number: str) -> None:
    assert defused(number) == number


@pytest.mark.parametrize("formula", ["+1+cmd", "-1-2", "+1514'!A1", "+", "=1", "@x", "+1 2"])
def test_what_is_more_than_a_number_is_kept_from_running(formula: str) -> None:
    assert defused(formula) == f"'{formula}"


@given(st.lists(st.text(min_size=1).map(str.strip).filter(bool), unique=True))
def test_names_in_a_cell_read_back(names: list[str]) -> None:
    assert list(cells.names(cells.joined(names))) == names


def test_a_lone_backslash_at_the_end_costs_neither_its_name_nor_time() -> None:
    assert list(cells.names("Clients | Vélo\\")) == ["Clients", "Vélo\\"]
    began = perf_counter()
    cells.names("a" * 40_000 + "\\")
    cells.names("\\|" * 20_000 + "\\")
    assert perf_counter() - began < 1


@pytest.mark.parametrize(
    "before",
    ["", " ", "\u00a0", "\ufeff", "\u200b", "\u2060", "\u3164", "'", "\x00", "\u202e \ufe0f"],
)
@pytest.mark.parametrize("sign", [*"=+-@", *"＝＋－＠", *"﹦﹢﹣﹫", *"⁼⁺⁻₌₊₋", "\u2212"])
def test_a_formula_is_one_in_any_width_and_behind_what_is_not_seen(before: str, sign: str) -> None:
    text = f"{before}{sign}1+1"
    assert defused(text) == f"'{text}"
    assert plain(defused(text)) == text


@pytest.mark.parametrize(
    "text", ["Aline", "l’été", "12-3", "– Aline", "'Aline", " a=b", "№ 5", "#1", ""]
)
def test_what_is_no_formula_is_written_as_it_is(text: str) -> None:
    assert defused(text) == plain(text) == text


def tastes(cell: str) -> object:
    kinds: dict[str, Any] = {"type": "choix multiple", "choices": ("Vélo", "Ski", "Ski de fond")}
    known = replace(FieldCatalogue().get("ville"), **kinds)  # type: ignore[type-var]
    return reader_of(known, "CA")(cell)


@pytest.mark.parametrize("cell", ["Vélo, Ski de fond", "ski de fond;velo", "velo | Ski de fond"])
def test_the_elements_of_a_multiple_choice_are_read_however_they_are_separated(cell: str) -> None:
    assert tastes(cell) == "Vélo, Ski de fond"


def test_an_element_that_is_no_choice_is_named() -> None:
    with pytest.raises(Unfit, match="Golf"):
        tastes("Vélo, Golf")


@pytest.mark.parametrize(
    "blank", ["\u180b", "\u180f", "\u2065", "\ufff0", "\ufff8", "\U000e0000", "\U000e0fff"]
)
@pytest.mark.parametrize("sign", "=＝﹢－＠")
def test_no_sign_that_shows_nothing_hides_a_formula(blank: str, sign: str) -> None:
    text = f"{blank}{sign}1+1"
    assert defused(text) == f"'{text}"
    assert plain(defused(text)) == text


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("langue", "fr", "fr"),
        ("langue", "fr-CA", "fr-CA"),
        ("langue", "Français", "fr"),
        ("langue", "english", "en"),
        ("fuseau", " Europe/Paris ", "Europe/Paris"),
    ],
)
def test_a_language_and_a_zone_are_kept_as_the_server_reads_them(
    field: str, text: str, value: str
) -> None:
    column = FieldCatalogue().get(field)
    assert column is not None
    assert reader_of(column, "CA")(text) == value


@pytest.mark.parametrize(("field", "text"), [("langue", "klingon!"), ("fuseau", "Lune/Mer")])
def test_a_language_or_a_zone_that_is_none_is_refused_with_its_row(field: str, text: str) -> None:
    column = FieldCatalogue().get(field)
    assert column is not None
    with pytest.raises(Unfit, match=r"n’est pas une langue|n’est pas un fuseau"):
        reader_of(column, "CA")(text)
