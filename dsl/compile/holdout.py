"""« témoin »: a share of those who enter, drawn as a « répartir » does, goes the same way and gets nothing."""

from collections.abc import Sequence
from decimal import Decimal

from dsl.compile.linking import relinked
from dsl.program import END, HOLDOUT, Place, Share, Split, Statement
from relance.said import Said
from relance.values import Percentage

_WHOLE = 10_000
_HELD, _OTHERS = "témoin", "campagne"


def held_back(
    statements: Sequence[Statement], part: int, salt: str, line: int
) -> tuple[Statement, ...]:
    """The statements, who gets nothing being drawn first.

    Those of a part are those of any larger part too: raised, it spares nobody who was held back.
    """
    place = Place(line, Said(HOLDOUT, (("name", _HELD), ("part", Percentage(Decimal(part) / 100)))))
    shares = (Share(_HELD, part, 1), Share(_OTHERS, _WHOLE, 1))
    draw = Split(HOLDOUT, place, f"{salt}/{HOLDOUT}", shares)
    return (draw, *(relinked(one, lambda at: END if at == END else at + 1) for one in statements))
