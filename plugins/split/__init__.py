"""A draw: one lead in so many, the same ones for ever."""

from collections.abc import Sequence

from relance.facts import Condition, Draw
from relance.hookspecs import hookimpl
from relance.phrase import Kind, Phrase
from relance.values import Percentage

relance_contract = 1


def draw(share: Percentage) -> Condition:
    """True for that share of leads."""
    return Draw(share.value)


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """The simple two-way draw; « répartir » does the rest."""
    return (
        Phrase(
            id="split.draw",
            kind=Kind.STATE,
            pattern="Split {share:pourcentage}",
            english="Split {share:pourcentage}",
            means=draw,
            help="Vrai pour cette part des leads, tirée au sort une fois pour toutes : le même "
            "lead reçoit toujours la même réponse au même endroit du script.",
            example="Split 50 %",
        ),
    )
