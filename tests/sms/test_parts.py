"""What a text costs: the seven-bit alphabet while it can, and which letters make it impossible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.sms.parts import simplified, size_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # An escape and its letter are never torn apart: 152 and 1, then one place is lost.
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("🚲" * 35, 1),
        ("🚲" * 36, 2),
        ("ê" * 66 + "🚲" + "ê" * 66, 3),
    ],
)
def test_parts_are_counted_as_phones_do(text: str, parts: int) -> None:
    assert size_of(text).parts == parts


def test_the_letters_of_french_that_fit_are_those_of_the_table() -> None:
    assert size_of("àéèùäöüÉÇñ€'\"").heavy == ()
    for letter in "âçêëîïôœûÿÀÂÈÊËÎÏÔŒÙÛ«»’…–—":
        assert size_of(letter).heavy == (letter,), letter


def test_the_author_is_told_which_letters_cost_that_much() -> None:
    assert size_of("ê" * 80).said() == "80 caractères, 2 parties de 67 à cause de : ê"
    assert size_of("a").said() == "1 caractère, 1 partie"


def test_a_simpler_writing_fits_the_small_alphabet() -> None:
    plain = simplified("Ça y est… l’été, c’est « fête » à Bœuf-sur-Île — 5\u00a0€")
    assert plain == "Ça y est... l'été, c'est \" fete \" à Boeuf-sur-Ile - 5 €"
    assert size_of(plain).heavy == ()


def test_what_has_no_simpler_writing_stays() -> None:
    assert simplified("🚲 北京") == "🚲 北京"


@given(st.text(max_size=400))
def test_no_text_breaks_the_count(text: str) -> None:
    size = size_of(text)
    assert size.parts >= 1
    assert size.places >= len(text)
    assert size_of(simplified(text)).parts <= 4 * size.parts + 1
