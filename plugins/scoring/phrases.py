"""Phrases on a lead's score. Above and below are strict; between holds both ends."""

from collections.abc import Sequence
from decimal import Decimal

from relance.effects import ChangeScore, Effect
from relance.facts import All, Compare, Condition, Literal, Score
from relance.phrase import Kind, Phrase
from relance.values import Change, Comparator, whole


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


def add_points(points: Decimal) -> Sequence[Effect]:
    """So many more."""
    return (ChangeScore(Change(_counted(points, "Retirer"))),)


def take_points(points: Decimal) -> Sequence[Effect]:
    """So many less."""
    return (ChangeScore(Change(-_counted(points, "Ajouter"))),)


def set_points(score: Decimal) -> Sequence[Effect]:
    """That many, whatever there were."""
    return (ChangeScore(Change(whole(score), absolute=True)),)


def _counted(points: Decimal, other: str) -> int:
    count = whole(points)
    if count < 0:
        raise ValueError(f"écrivez «\u00a0{other} {-count} points\u00a0»")
    return count


PHRASES = (
    Phrase(
        id="scoring.above",
        kind=Kind.STATE,
        pattern="Pointage lead au-dessus de {score:nombre}",
        aliases=("(Pointage|Score) [du lead] [est] au-dessus de {score:nombre}",),
        means=above,
        help="Vrai si le pointage du lead est strictement plus grand que ce nombre.",
        example="Pointage lead au-dessus de (50)",
        english="Lead score above {score:nombre}",
    ),
    Phrase(
        id="scoring.below",
        kind=Kind.STATE,
        pattern="Pointage lead en-dessous de {score:nombre}",
        aliases=(
            "Pointage lead au-dessous de {score:nombre}",
            "(Pointage|Score) [du lead] [est] (au-dessous|en-dessous) de {score:nombre}",
        ),
        means=below,
        help="Vrai si le pointage du lead est strictement plus petit que ce nombre.",
        example="Pointage lead en-dessous de (10)",
        english="Lead score below {score:nombre}",
    ),
    Phrase(
        id="scoring.between",
        kind=Kind.STATE,
        pattern="Pointage lead entre {low:nombre} et {high:nombre}",
        aliases=("(Pointage|Score) [du lead] [est] entre {low:nombre} et {high:nombre}",),
        means=between,
        help="Vrai si le pointage du lead est entre ces deux nombres, les deux compris.",
        example="Pointage lead entre (10) et (50)",
        english="Lead score between {low:nombre} and {high:nombre}",
    ),
    Phrase(
        id="scoring.compared",
        kind=Kind.STATE,
        pattern="Pointage lead [est] {comparator:comparateur} {score:nombre}",
        aliases=(
            "(Pointage|Score) [du lead] [est] [de] {comparator:comparateur} {score:nombre} [points]",
            "Score lead [est] {comparator:comparateur} {score:nombre}",
        ),
        means=compared,
        help="Compare le pointage du lead à ce nombre.",
        example="Pointage lead (égal à) (10)",
        english="Lead score {comparator:comparateur} {score:nombre}",
    ),
    Phrase(
        id="scoring.change",
        kind=Kind.ACTIVITY,
        pattern="Changer pointage {change:changement}",
        aliases=("Changer score {change:changement}",),
        means=change_score,
        help="Ajoute des points (+10), en retire (-5) ou donne une valeur au pointage (=50).",
        example="Changer pointage (+10)",
        english="Change score {change:changement}",
    ),
    Phrase(
        id="scoring.add",
        kind=Kind.ACTIVITY,
        pattern="Ajouter {points:nombre} points",
        aliases=(
            "(Ajouter|Donner|Attribuer) {points:nombre} points [au (lead|contact|pointage|score)]",
            "Ajouter {points:nombre} au (pointage|score)",
            "Augmenter le (pointage|score) de {points:nombre} [points]",
        ),
        means=add_points,
        help="Ajoute ce nombre de points au pointage du lead.",
        example="Ajouter 10 points",
        english="Add {points:nombre} points",
    ),
    Phrase(
        id="scoring.take",
        kind=Kind.ACTIVITY,
        pattern="Retirer {points:nombre} points",
        aliases=(
            "(Retirer|Enlever|Soustraire|Ôter) {points:nombre} points "
            "[au (lead|contact|pointage|score)]",
            "(Diminuer|Baisser|Réduire) le (pointage|score) de {points:nombre} [points]",
        ),
        means=take_points,
        help="Retire ce nombre de points au pointage du lead, qui peut devenir négatif.",
        example="Retirer 5 points",
        english="Take {points:nombre} points off",
    ),
    Phrase(
        id="scoring.set",
        kind=Kind.ACTIVITY,
        pattern="Mettre le pointage à {score:nombre}",
        aliases=(
            "(Mettre|Remettre) le (pointage|score) à {score:nombre} [points]",
            "Changer le (pointage|score) à {score:nombre}",
        ),
        means=set_points,
        help="Donne cette valeur au pointage du lead.",
        example="Mettre le pointage à 0",
        english="Set the score to {score:nombre}",
    ),
)
