"""Statements compiled once for all databases of a kind: a test's own would compile each of them anew.

SQLAlchemy keeps what it compiled by engine; what it keeps it by tells statements apart by all that they
are made of, so that those of two engines may well be told together.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

#: As many as a test's process meets.
_MOST = 20_000


def share() -> None:
    """Have all engines share what is compiled for their kind of database."""
    compiled = defaultdict[type, LRUCache[Any, Any]](lambda: LRUCache(_MOST))
    Engine._compiled_cache = property(  # type: ignore[assignment]
        lambda engine: compiled[type(engine.dialect)], lambda engine, own: None
    )
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda dialect, other: type(dialect) is type(other)  # type: ignore[method-assign]
