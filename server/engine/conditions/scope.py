"""Whose condition it is, and what its words refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from dsl.phrases.words import BARE, Words
from server.engine.wake import Works, weekdays
from server.store.fields import FieldCatalogue


@dataclass(frozen=True)
class Scope:
    """Whose condition it is: the rows it is asked of, and what its words refer to.

    `enrolment` is the batch, the enrolments or None when the lead is in no campaign yet;
    `horizon` the last event that may be seen (those behind it in the queue have not happened yet).
    """

    dialect: str
    fields: FieldCatalogue
    zone: ZoneInfo
    lead_id: ColumnElement[int]
    enrolment: FromClause | None = None
    horizon: ColumnElement[int] | None = None
    #: The statement that marks each named step, by folded name.
    steps: Mapping[str, int] = field(default_factory=dict)
    #: Which days are worked, for those who wait so many of them.
    works: Works = weekdays
    #: How what is said is told to people.
    words: Words = BARE
    #: The property of events that tells the stays of a campaign apart, where one does.
    stays_by: str | None = None
    #: Whether the batch's own rows count as enrolments (within a tick).
    in_tick: bool = True

    def of(self, **changes: Any) -> "Scope":
        """The same, but for these."""
        return replace(self, **changes)
