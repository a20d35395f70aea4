"""Stable draws: the same lead at the same place draws the same number for ever, on either store.

An integer hash written in arithmetic both databases share: every product stays below 2^62.
`z = c·(a·lead + b)^5 + d`, modulo the prime 2^31 - 1; a fifth power is a permutation of that
field that no line through the plane survives, so that two places draw independently.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal_column

from server.engine.seed import digest_of

#: Draws go from 0 to this number, excluded: hundredths of a percent.
RANGE = 10_000
_P = 2_147_483_647


@lru_cache(maxsize=4096)
def _coefficients(salt: str) -> tuple[int, int, int, int]:
    digest = digest_of(salt)
    a, b, c, d = (int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24))
    return 1 + a % (_P - 1), b % _P, 1 + c % (_P - 1), d % _P


def draw(lead_id: int, salt: str) -> int:
    """The number that lead draws at that place."""
    a, b, c, d = _coefficients(salt)
    x = (lead_id % _P * a + b) % _P
    square = x * x % _P
    return (square * square % _P * x % _P * c + d) % _P % RANGE


def draw_sql(lead_id: ColumnElement[Any], salt: str) -> ColumnElement[int]:
    """`draw`, in SQL."""
    a, b, c, d = (_number(number) for number in _coefficients(salt))
    prime = _number(_P)
    x = (lead_id % prime * a + b) % prime
    square = x * x % prime
    return (square * square % prime * x % prime * c + d) % prime % _number(RANGE)


def _number(number: int) -> ColumnElement[int]:
    return literal_column(str(number), BigInteger)
