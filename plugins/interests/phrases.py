"""Phrases on a lead's interest in a topic. Above and below are strict; between holds both ends."""

from collections.abc import Sequence
from decimal import Decimal

from relance.effects import ChangeInterest, Effect
from relance.facts import All, Compare, Condition, Interest, Literal
from relance.phrase import Kind, Phrase
from relance.slot import SlotType
from relance.values import Change, Comparator

TOPIC = SlotType("intérêt", "un sujet d’intérêt, comme « Vélo »")


def above(topic: str, score: Decimal) -> Condition:
    """More than that, strictly."""
    return Compare(Interest(topic), Comparator.GREATER, Literal(score))


def below(topic: str, score: Decimal) -> Condition:
    """Less than that, strictly."""
    return Compare(Interest(topic), Comparator.LESS, Literal(score))


def between(topic: str, low: Decimal, high: Decimal) -> Condition:
    """From `low` to `high`, both in."""
    if low > high:
        raise ValueError(
            f"le premier nombre doit être le plus petit des deux : écrivez « entre ({high}) et ({low}) »"
        )
    return All(
        (
            Compare(Interest(topic), Comparator.AT_LEAST, Literal(low)),
            Compare(Interest(topic), Comparator.AT_MOST, Literal(high)),
        )
    )


def compared(topic: str, comparator: Comparator, score: Decimal) -> Condition:
    """As the comparison says."""
    return Compare(Interest(topic), comparator, Literal(score))


def change_interest(topic: str, change: Change) -> Sequence[Effect]:
    """Add, take away, or set."""
    return (ChangeInterest(topic, change),)


_NEVER = " L’intérêt d’un lead dont on ne sait rien est de 0."

PHRASES = (
    Phrase(
        id="interests.below",
        kind=Kind.STATE,
        pattern='Intérêt "{topic:intérêt}" au-dessous de "{score:nombre}"?',
        aliases=('Intérêt "{topic:intérêt}" en-dessous de "{score:nombre}"?',),
        means=below,
        help="Vrai si l’intérêt du lead pour ce sujet est strictement plus petit que ce nombre."
        + _NEVER,
        example='Intérêt "Vélo" au-dessous de "5" ?',
        english='Interest "{topic:intérêt}" below "{score:nombre}"',
    ),
    Phrase(
        id="interests.above",
        kind=Kind.STATE,
        pattern='Intérêt "{topic:intérêt}" au-dessus de "{score:nombre}"',
        means=above,
        help="Vrai si l’intérêt du lead pour ce sujet est strictement plus grand que ce nombre."
        + _NEVER,
        example='Intérêt "Vélo" au-dessus de "10"',
        english='Interest "{topic:intérêt}" above "{score:nombre}"',
    ),
    Phrase(
        id="interests.between",
        kind=Kind.STATE,
        pattern='Intérêt "{topic:intérêt}" entre "{low:nombre}" et "{high:nombre}"',
        means=between,
        help="Vrai si l’intérêt du lead pour ce sujet est entre ces deux nombres, les deux compris."
        + _NEVER,
        example='Intérêt "Vélo" entre "5" et "10"',
        english='Interest "{topic:intérêt}" between "{low:nombre}" and "{high:nombre}"',
    ),
    Phrase(
        id="interests.compared",
        kind=Kind.STATE,
        pattern='Intérêt "{topic:intérêt}" [est] {comparator:comparateur} "{score:nombre}"',
        means=compared,
        help="Compare à ce nombre l’intérêt du lead pour ce sujet." + _NEVER,
        example='Intérêt "Vélo" (égal à) "10"',
        english='Interest "{topic:intérêt}" {comparator:comparateur} "{score:nombre}"',
    ),
    Phrase(
        id="interests.change",
        kind=Kind.ACTIVITY,
        pattern='Modifier l’intérêt de "{topic:intérêt}" à "{change:changement}"',
        aliases=(
            'Modifier l’intérpet de "{topic:intérêt}" à "{change:changement}"',
            'Modifier l’intérêt pour "{topic:intérêt}" à "{change:changement}"',
        ),
        means=change_interest,
        help="Ajoute des points (+10) à l’intérêt du lead pour ce sujet, en retire (-5) ou lui donne "
        "une valeur (=50).",
        example='Modifier l’intérêt de "Vélo" à "+10"',
        english='Change interest in "{topic:intérêt}" to "{change:changement}"',
    ),
)
