"""« témoin »: a share of those who enter, drawn as a « répartir » does, goes the same way and gets nothing."""

from collections.abc import Sequence
from decimal import Decimal

from dsl.compile.linking import relinked
from dsl.program import END, HOLDOUT, Place, Share, Split, Statement
from relance.said import Said
from relance.values import Percentage

_WHOLE = 10_000


def held_back(
    statements: Sequence[Statement],
    part: int,
    salt: str,
    line: int,
    compared: tuple[str, str],
) -> tuple[Statement, ...]:
    """The statements, who gets nothing being drawn first.

    `compared`: what those of that part, of 10,000, and the others are called.
    Those of a part are those of any larger part too: raised, it spares nobody who was held back.
    """
    held, others = compared
    place = Place(line, Said(HOLDOUT, (("name", held), ("part", Percentage(Decimal(part) / 100)))))
    shares = (Share(held, part, 1), Share(others, _WHOLE, 1))
    draw = Split(HOLDOUT, place, f"{salt}/{HOLDOUT}", shares)
    return (draw, *(relinked(one, lambda at: END if at == END else at + 1) for one in statements))
