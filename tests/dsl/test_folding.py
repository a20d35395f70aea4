"""What is one word or one name, and what is two (`relance.fold`)."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dsl.language.fr.values import COMPARATORS, comparator
from dsl.text.lexer import lex
from plugins.leads.orders import read_order
from plugins.web.recency import read_recency
from relance.fold import fold, identifier_of, key_of, names_something
from relance.slot import Unreadable
from relance.values import Comparator
from server.store.fields import column_of

ONE = [
    ("Été", "ÉTÉ", "ete", "E\u0301te\u0301", " Été ", "été\u200b"),
    ("L’été", "L'été", "LʼÉTÉ", "l`ete"),
    ("Œuvre", "oeuvre", "ŒUVRE"),
    ("À bientôt", "à\u00a0bientot", "A  BIENTÔT", "à\u202fbientôt"),
    ("Rendez-vous", "rendez‑vous", "RENDEZ–VOUS", "rendez−vous"),
    ("Promo A+", "promo a+", "ＰＲＯＭＯ　Ａ＋"),
    ("Straße", "STRASSE", "strasse"),
    ("ΣΟΦΟΣ", "σοφος"),
    ("İstanbul", "istanbul", "ISTANBUL"),
    ("Diyarbakır", "DIYARBAKIR"),
    ("ﬁn", "fin"),
    ("𝗣𝗿𝗼𝗺𝗼", "promo"),
    ("МОСКВА", "Москва"),
    ("❤️", "❤"),
    ("한국", "한국"),
]
APART = [
    ("A", "A+", "A-", "A++", "+A", "A#", "A*", "A/", "A&", "A@", "A%", "A.", "A!", "A?", "A="),
    ("C", "C++", "C#"),
    ("AB.12", "AB-12", "AB_12", "AB/12", "AB 12", "AB12", "AB,12", "AB:12", "AB+12"),
    ("北京", "上海", "東京"),
    ("Москва", "Киев"),
    ("и", "й"),
    ("е", "ё"),
    ("か", "が"),
    ("はは", "ぱぱ", "ばば"),
    ("मंगल", "मगल"),
    ("سَلام", "سلام"),
    ("שָׁלוֹם", "שלום"),
    ("καλά", "κάλα"),
    ("🚲", "🚗", "👍", "👍🏽"),
    ("👩‍💻", "👩💻", "👨‍💻"),
    ("=", "≠", "≈", "≡"),
    ("<", "≮", "≤", ">", "≯", "≥"),
    ("50 %", "50 €", "50", "50 °"),
    ("m²", "m2", "m³"),
    ("½", "1/2"),
    ("①", "1"),
    ("٣", "3", "३"),
    ("ø", "o"),
    ("R&D", "RD", "R et D"),
    (".NET", "NET"),
    ("#1", "1", "n°1"),
]


@pytest.mark.parametrize("names", ONE, ids=lambda names: names[0])
def test_what_french_writing_varies_is_one_name(names: tuple[str, ...]) -> None:
    assert len({key_of(name) for name in names}) == 1, [key_of(name) for name in names]
    assert len({fold(name) for name in names}) == 1
    assert len({identifier_of(name) for name in names}) == 1


@pytest.mark.parametrize("names", APART, ids=lambda names: names[0])
def test_signs_and_letters_tell_names_apart(names: tuple[str, ...]) -> None:
    for one, other in combinations(names, 2):
        assert key_of(one) != key_of(other)
        assert fold(one) != fold(other)


@pytest.mark.parametrize("names", [one for one in APART if one[0] != "AB.12"], ids=lambda n: n[0])
def test_signs_and_letters_tell_fields_and_their_columns_apart(names: tuple[str, ...]) -> None:
    for one, other in combinations(names, 2):
        assert identifier_of(one) != identifier_of(other)
        assert column_of(one) != column_of(other)
        assert column_of(one).isascii()
        assert column_of(one).replace("_", "a").isalnum()


def test_a_field_is_one_however_programs_spell_its_spaces() -> None:
    spelt = ("Date de naissance", "date_de_naissance", "date-de-naissance", "DATE  DE NAISSANCE")
    assert {identifier_of(name) for name in spelt} == {"date-de-naissance"}
    assert column_of("date de naissance") == "f_date_de_naissance"
    assert len({identifier_of(name) for name in ("AB.12", "AB-12", "AB/12", "AB+12", "AB12")}) == 5


@pytest.mark.parametrize("text", ["", " ", "…", "!!!", "-", "«»", "\u200b", "()"])
def test_marks_alone_are_no_name(text: str) -> None:
    assert not names_something(text)


@pytest.mark.parametrize("text", ["A", "3", "🚲", "+", "北", "€"])
def test_a_letter_a_digit_a_symbol_is_one(text: str) -> None:
    assert names_something(text)


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(
        "aàâeéèAÉœŒßıİiſσςΣ'’`´-–− \u00a0\u0301\u0338\u200d\u200cいがか゛йи=≠+AB.12", max_size=8
    ),
)


@given(TEXTS)
@example("ế\u200dế")
@example("e\u200d\u0301")
@example("=\u0338")
@example("ŉ´")
def test_what_is_folded_is_folded(text: str) -> None:
    for rule in (fold, key_of, identifier_of):
        assert rule(rule(text)) == rule(text)


@given(TEXTS)
def test_capitals_make_no_other_name(text: str) -> None:
    assert fold(text.upper()) == fold(text.upper().lower())
    assert fold(text) == fold(text.casefold())


def reference(text: str) -> str:
    """The most that may be set aside: layout, capitals, Latin accents, spaces, what is not seen."""
    marks, latin = [], False
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    for char in text:
        if not unicodedata.combining(char):
            latin = "LATIN" in unicodedata.name(char, "")
        if not (latin and unicodedata.category(char) == "Mn"):
            marks.append(char)
    shown = "".join(
        one for one in marks if unicodedata.category(one) not in ("Cf", "Mn") or not latin
    )
    for plain, varied in (("'", "’ʼ‘‛′´`"), ("-", "‐‑‒–—―−"), ("i", "ı"), ("oe", "œ"), ("ae", "æ")):
        for one in varied:
            shown = shown.replace(one, plain)
    return " ".join(shown.split())


VISIBLE = st.text(
    st.characters(exclude_categories=("C", "Z", "Mn", "Me", "Sk", "Lm")), min_size=1, max_size=6
)


@given(VISIBLE, VISIBLE)
def test_no_two_names_become_one_but_by_what_is_set_aside(one: str, other: str) -> None:
    if reference(one) != reference(other):
        assert fold(one) != fold(other)


@given(
    VISIBLE,
    st.sampled_from(list("+-#./&@%$€=<>≤≥≠~^|§°")),
    st.sampled_from(list("+-#./&@%$€=<>≤≥≠~^|§°")),
)
def test_a_sign_added_makes_another_name(name: str, sign: str, other: str) -> None:
    assert fold(name + sign) != fold(name)
    assert (fold(name + sign) == fold(name + other)) == (sign == other)


SIGNS = {
    "=": Comparator.EQUAL,
    "==": Comparator.EQUAL,
    "≠": Comparator.DIFFERENT,
    "=\u0338": Comparator.DIFFERENT,
    "!=": Comparator.DIFFERENT,
    "<>": Comparator.DIFFERENT,
    "<": Comparator.LESS,
    ">": Comparator.GREATER,
    "≤": Comparator.AT_MOST,
    "⩽": Comparator.AT_MOST,
    "<=": Comparator.AT_MOST,
    "≥": Comparator.AT_LEAST,
    "⩾": Comparator.AT_LEAST,
    ">=": Comparator.AT_LEAST,
}


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_compares_is_read_as_itself(sign: str) -> None:
    assert comparator(sign) is SIGNS[sign]
    assert comparator(f" {sign} ") is SIGNS[sign]


@pytest.mark.parametrize("sign", ["≮", "≯", "≰", "≱", "≢", "≈", "≉", "~", "≡"])
def test_a_sign_nobody_defined_is_refused_rather_than_read_as_another(sign: str) -> None:
    for read in (comparator, read_order, read_recency):
        assert isinstance(read(sign), Unreadable)


def test_dates_are_not_compared_by_the_contrary_of_what_is_written() -> None:
    assert isinstance(read_order("≠"), Unreadable)
    assert read_recency("≠") is Comparator.DIFFERENT


def test_every_spelling_of_a_comparison_survives_folding() -> None:
    assert {fold(spelling) for spelling in COMPARATORS} == set(COMPARATORS)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_is_one_lexeme_where_it_stands_bare(sign: str) -> None:
    lexemes, _ = lex(f"où montant {sign} 400", 0, len(f"où montant {sign} 400"))
    assert [one.kind for one in lexemes] == ["w", "w", "p", "n"]
