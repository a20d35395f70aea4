"""Two conditions joined by « et » or « ou » are two conditions, whichever they are and in both orders.

Keys are folded, so that « ou » and « où », « a » and « à », « la » and « là » are one: nothing that
may follow a condition is to swallow the link and the condition after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import pytest

from dsl.language.fr.examples import A_NAME, OF_TYPE
from dsl.language.fr.pieces import PIECES
from dsl.phrases.catalogue import DECISIONS, Catalogue
from dsl.phrases.pattern import Variant, expand
from dsl.read.conditions import conditions
from dsl.read.sentence import Sentence, SentenceSource
from dsl.text.lexer import lex
from dsl.tree.nodes import PhraseUse
from server.plugins import load_plugins

OPERANDS = ("EVERY", "AT_STEP", "EXITED", "REACHED", "MEASURE")
LINKS = {"et": "AND", "ou": "OR"}
#: What stands beside every writing of every condition: an event, a state, one that ends on a bare
#: value, one that is no phrase, and the one whose words are also those of « où le champ … ».
BESIDE = (
    "Formulaire (Tarif) rempli",
    "Lead étiqueté (VIP)",
    "Pointage lead > 50",
    "chaque jour à 9 h",
    "Champ (ville) est égal à (Lévis)",
)


@cache
def catalogue() -> Catalogue:
    return load_plugins().catalogue


def read(text: str) -> list[str]:
    """What a line of conditions is read as: a phrase by its id, anything else by its kind."""
    lexemes, _ = lex(text, 0, len(text))
    done = conditions(SentenceSource.of(text, catalogue()), Sentence(lexemes))
    said = [
        token.value.phrase.id
        if isinstance(token.value, PhraseUse) and token.value.phrase
        else token.type
        for token in done.tokens
    ]
    return [*said, *(one.code for one in done.found)]


def filled(variant: Variant, *, bare: bool) -> str:
    """A writing with a value in each place: « 3 jours », or « (3 jours) »."""
    return variant.written(
        {
            slot.name: OF_TYPE[slot.type]
            if bare and slot.type in OF_TYPE
            else f"({OF_TYPE.get(slot.type, A_NAME)})"
            for slot in variant.slots
        }
    )


@cache
def conditions_alone() -> Mapping[str, str]:
    """Every way to write every condition, and what it is read as when it stands alone."""
    variants = [
        *(one.variant for one in catalogue().writings if one.entry.phrase.kind in DECISIONS),
        *(
            variant
            for piece in PIECES
            if piece.terminal in OPERANDS
            for pattern in piece.patterns
            for variant in expand(pattern)
        ),
    ]
    written = {filled(one, bare=bare): None for one in variants for bare in (True, False)}
    found = {text: read(text) for text in (*written, *BESIDE)}
    return {text: said[0] for text, said in found.items() if len(said) == 1}


def swallowed(first: str, others: Iterable[str], link: str) -> Sequence[str]:
    """Of these conditions, those that are no longer two when `first` is joined to them, before or
    after: « A et B et A et C … », which says every pair both ways."""
    alone, joining = conditions_alone(), list(others)
    pairs = [text for one in joining for text in (first, one)]
    joined = f" {link} ".join((*pairs, first))
    wanted = [alone[text] for text in (*pairs, first)]
    between = [LINKS[link]] * (len(wanted) - 1)
    if (
        read(joined)
        == [said for both in zip(wanted, between, strict=False) for said in both] + wanted[-1:]
    ):
        return ()
    return [
        f"{left} {link} {right}"
        for one in joining
        for left, right in ((first, one), (one, first))
        if read(f"{left} {link} {right}") != [alone[left], LINKS[link], alone[right]]
    ]


@pytest.mark.parametrize("link", LINKS)
def test_every_condition_joined_to_every_other_makes_two_conditions(link: str) -> None:
    by_meaning = {said: text for text, said in reversed(conditions_alone().items())}
    texts = list(by_meaning.values())
    assert len(texts) > 100
    found = [swallowed(one, texts[index:], link) for index, one in enumerate(texts)]
    assert [pair for several in found for pair in several] == []


@pytest.mark.parametrize("link", LINKS)
def test_however_a_condition_is_written_what_is_joined_to_it_is_another(link: str) -> None:
    assert len(conditions_alone()) > 400
    found = [swallowed(one, conditions_alone(), link) for one in BESIDE]
    assert [pair for several in found for pair in several] == []


@pytest.mark.parametrize(
    ("written", "as_read"),
    [
        ("Achat effectué où Champ (montant) est égal à (50)", ["QUALIFIER"]),
        ("Achat effectué ou (montant) est égal à (50)", ["QUALIFIER"]),
        ("Achat effectué où montant > 50", ["QUALIFIER"]),
        ("Achat effectué ou Champ (ville) est égal à (50)", ["OR", "leads.field_compared"]),
        ("Achat effectué OU champ (ville) est égal à (50)", ["OR", "leads.field_compared"]),
        ("Achat effectué et non Champ (ville) est vide", ["AND", "NOT", "leads.field_empty"]),
    ],
)
def test_the_accent_tells_a_precision_from_another_condition(
    written: str, as_read: list[str]
) -> None:
    assert read(written)[1:] == as_read
