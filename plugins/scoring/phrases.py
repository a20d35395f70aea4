"""Phrases on a lead's score. Above and below are strict; between holds both ends."""

from collections.abc import Sequence
from decimal import Decimal

from relance.effects import ChangeScore, Effect
from relance.facts import All, Compare, Condition, Literal, Score
from relance.phrase import Kind, Phrase
from relance.values import Change, Comparator


def above(score: Decimal) -> Condition:
    """More than that, strictly."""
    return Compare(Score(), Comparator.GREATER, Literal(score))


def below(score: Decimal) -> Condition:
    """Less than that, strictly."""
    return Compare(Score(), Comparator.LESS, Literal(score))


def between(low: Decimal, high: Decimal) -> Condition:
    """From `low` to `high`, both in."""
    if low > high:
        raise ValueError(
            f"le premier nombre doit être le plus petit des deux : écrivez « entre ({high}) et ({low}) »"
        )
    return All(
        (
            Compare(Score(), Comparator.AT_LEAST, Literal(low)),
            Compare(Score(), Comparator.AT_MOST, Literal(high)),
        )
    )


def compared(comparator: Comparator, score: Decimal) -> Condition:
    """As the comparison says."""
    return Compare(Score(), comparator, Literal(score))


def change_score(change: Change) -> Sequence[Effect]:
    """Add, take away, or set."""
    return (ChangeScore(change),)


PHRASES = (
    Phrase(
        id="scoring.above",
        kind=Kind.STATE,
        pattern="Pointage lead au-dessus de {score:nombre}",
        means=above,
        help="Vrai si le pointage du lead est strictement plus grand que ce nombre.",
        example="Pointage lead au-dessus de (50)",
        english="Lead score above {score:nombre}",
    ),
    Phrase(
        id="scoring.below",
        kind=Kind.STATE,
        pattern="Pointage lead en-dessous de {score:nombre}",
        aliases=("Pointage lead au-dessous de {score:nombre}",),
        means=below,
        help="Vrai si le pointage du lead est strictement plus petit que ce nombre.",
        example="Pointage lead en-dessous de (10)",
        english="Lead score below {score:nombre}",
    ),
    Phrase(
        id="scoring.between",
        kind=Kind.STATE,
        pattern="Pointage lead entre {low:nombre} et {high:nombre}",
        means=between,
        help="Vrai si le pointage du lead est entre ces deux nombres, les deux compris.",
        example="Pointage lead entre (10) et (50)",
        english="Lead score between {low:nombre} and {high:nombre}",
    ),
    Phrase(
        id="scoring.compared",
        kind=Kind.STATE,
        pattern="Pointage lead [est] {comparator:comparateur} {score:nombre}",
        means=compared,
        help="Compare le pointage du lead à ce nombre.",
        example="Pointage lead (égal à) (10)",
        english="Lead score {comparator:comparateur} {score:nombre}",
    ),
    Phrase(
        id="scoring.change",
        kind=Kind.ACTIVITY,
        pattern="Changer pointage {change:changement}",
        means=change_score,
        help="Ajoute des points (+10), en retire (-5) ou donne une valeur au pointage (=50).",
        example="Changer pointage (+10)",
        english="Change score {change:changement}",
    ),
)
