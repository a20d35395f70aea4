"""French spaces: nobody types them, everybody reads them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import server
from server.reports.spacing import spaced
from server.web.templates import _environment, render
from server.web.typography import day_in_words, fr, percent, thousands


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("« Bienvenue »", "«\u00a0Bienvenue\u00a0»"),
        ("Objectif : 25 %", "Objectif\u00a0: 25\u202f%"),
        ("Publier ? Oui ; vraiment !", "Publier\u202f? Oui\u202f; vraiment\u202f!"),
        ("9 h 05, 1 284 personnes", "9\u00a0h\u00a005, 1\u202f284\u00a0personnes"),
        ("lead n° 12", "lead n°\u00a012"),
        ("https://exemple.ca/?a=1;b", "https://exemple.ca/?a=1;b"),
    ],
)
def test_a_sentence_is_given_the_spaces_of_french(typed: str, read: str) -> None:
    assert spaced(typed) == read
    assert spaced(read) == read


def test_the_words_of_a_template_are_spaced_and_its_values_are_left_alone() -> None:
    template = _environment().from_string("« {{ name }} » : <b>{{ sentence | fr }}</b>")
    shown = template.render(name="a : b", sentence="<i> : 3 %")
    assert shown == "«\u00a0a : b\u00a0»\u00a0: <b>&lt;i&gt;\u00a0: 3\u202f%</b>"


def test_numbers_and_days_are_written_as_they_are_read() -> None:
    assert (thousands(12_842), percent(0.2157), percent(None)) == (
        "12\u202f842",
        "21,6\u202f%",
        "—",
    )
    zone, now = ZoneInfo("America/Montreal"), datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    assert day_in_words(now, zone, now) == "aujourd’hui"
    late = datetime(2025, 12, 1, 23, 0, tzinfo=UTC)
    assert day_in_words(late, zone, now) == "lundi\u00a01er\u00a0décembre\u00a02025"


def test_markup_of_a_stranger_stays_words() -> None:
    assert fr("<script> !") == "&lt;script&gt;\u202f!"
    pieces = '{% import "pieces.html" as p %}{{ p.chip(name, "on") }}'
    shown = _environment().from_string(pieces).render(name='"><script>')
    assert "<script>" not in shown
    assert render("message.html", title="<b>", advice="").count("&lt;b&gt;") == 2


def test_no_two_rooms_have_a_template_of_the_same_name() -> None:
    """Whichever room is asked first would answer for both."""
    rooms = Path(server.__file__).parent
    pages = [one.name for part in ("web", "http") for one in (rooms / part).rglob("pages/*.html")]
    assert pages
    assert sorted(set(pages)) == sorted(pages)
