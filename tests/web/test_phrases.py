"""The phrases of the web plugin: what they refuse, and which pages they stand for."""

import pytest

from plugins.web.addresses import page_of
from plugins.web.phrases import page, section
from plugins.web.recency import RECENCY
from relance.slot import Unreadable
from tests.plugins.catalogue import meaning


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Dernière visite (avant)(30 jours)", "il y a plus de"),
        ("Dernière visite (il y a plus de)(2026-12-01)", "avant"),
        ("Dernière visite (il y a plus de)(1 mois)", "minutes"),
        ("Durée dernière visite (supérieure à)(1 mois)", "minutes"),
        ("Nombre de visites (au moins)(2,5)", "entier"),
        ("Nombre de pages visitées (au moins)(0,5)", "entier"),
        ("Page web (www.exemple.ca/tarifs) visitée", "adresse complète"),
        ("Section de site web (exemple.ca) visitée", "adresse complète"),
    ],
)
def test_values_that_make_no_sense_together_are_refused_in_french(
    sentence: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        meaning(sentence)


@pytest.mark.parametrize("text", ["", "bientôt", "30 jours", "il y a"])
def test_what_says_no_time_is_told_what_does(text: str) -> None:
    read = RECENCY.read(text)
    assert isinstance(read, Unreadable)
    assert "il y a plus de" in (read.instead or "")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/tarifs", "/tarifs"),
        ("/tarifs/", "/tarifs"),
        ("tarifs", "/tarifs"),
        ("tarifs.html", "/tarifs.html"),
        ("/", "/"),
        ("/blogue/*", "/blogue/*"),
        ("*", "*"),
        ("*/recherche?q=*", "*/recherche?q=*"),
        ("https://www.exemple.ca/", "https://www.exemple.ca/"),
        ("https://www.exemple.ca/tarifs/", "https://www.exemple.ca/tarifs"),
    ],
)
def test_a_page_is_looked_for_as_pages_are_kept(written: str, kept: str) -> None:
    assert page(written).subject == kept
    seen = page_of(written)
    assert seen is None or seen.address == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [("/blogue", "/blogue*"), ("/blogue/", "/blogue/*"), ("blogue/*", "/blogue/*"), ("*", "*")],
)
def test_a_section_is_all_that_begins_so(written: str, kept: str) -> None:
    assert section(written).subject == kept
