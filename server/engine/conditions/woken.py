"""Which of the events handled now may change the answer of a condition, as SQL."""

import json
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, or_

from relance.events import LEAD_UPDATED, EventPattern
from relance.fold import identifier_of, key_of
from server.engine.batch import arrivals
from server.engine.conditions.patterns import matches
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED


def woken(patterns: Iterable[EventPattern], dialect: str, *, blank: bool) -> ColumnElement[bool]:
    """The arrivals that concern these, or that make a lead another; `blank`: or a new one.

    Their properties are left out: an event that differs by them only changes nothing, while
    reading them is what may fail.
    """
    own = [LEAD_MERGED, LEAD_CREATED] if blank else [LEAD_MERGED]
    plain = {replace(pattern, properties=()) for pattern in patterns}
    tests = [_concerns(pattern, dialect) for pattern in sorted(plain, key=repr)]
    return or_(*tests, arrivals.c.type.in_(own))


def _concerns(pattern: EventPattern, dialect: str) -> ColumnElement[bool]:
    if pattern.type != LEAD_UPDATED or pattern.subject is None:
        return matches(pattern, arrivals, dialect)
    # Told by an effect, a field by its name; told from outside, several as a JSON array of keys
    # (of columns, in what an earlier version left to be looked at).
    key = identifier_of(pattern.subject)
    mentions = [
        arrivals.c.properties.contains(json.dumps(one, ensure_ascii=False), autoescape=True)
        for one in sorted({key, key.replace("-", "_")})
    ]
    named = arrivals.c.subject_key == key_of(pattern.subject)
    return and_(arrivals.c.type == LEAD_UPDATED, or_(named, *mentions))
