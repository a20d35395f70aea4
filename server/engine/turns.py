"""Fair turns: what is rare among the events that wait does not wait behind a crowd.

A tick takes the oldest events. When they fill it, each other kind that waits (a form, an answer of
a shop, a click in a mail) has a share of the tick too, its own oldest first: neither what waits
already nor what comes faster than ticks go can keep it out.
"""

from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, func, select

from server.engine.batch import arrivals
from server.engine.tick import Prepared, Tick
from server.store.schema.events import inbox

_TYPE, _SUBJECT = bindparam("p_type", type_=Text), bindparam("p_subject", type_=Text)
#: Kinds of a type that are looked for in one tick; the next looks for those after.
_KINDS = 32


class EventKind(NamedTuple):
    """What events are alike: their type, and what they are about."""

    type: str
    subject: str | None

    @property
    def holes(self) -> dict[str, str]:
        """What `alike` leaves to fill."""
        found = {"p_type": self.type, "p_subject": self.subject}
        return {name: value for name, value in found.items() if value is not None}


def alike(*, plain: bool) -> tuple[Any, ...]:
    """The tests of an event of a kind; `plain`: one that is about nothing."""
    subject = inbox.c.subject_key
    return inbox.c.type == _TYPE, subject.is_(None) if plain else subject == _SUBJECT


_next_type = Prepared(select(func.min(inbox.c.type)).where(inbox.c.type > _TYPE))
_next_subject = Prepared(
    select(func.min(inbox.c.subject_key)).where(
        inbox.c.type == _TYPE, inbox.c.subject_key > _SUBJECT
    )
)
_oldest = {
    plain: Prepared(select(func.min(inbox.c.id)).where(*alike(plain=plain)))
    for plain in (True, False)
}
_taken = Prepared(select(func.max(arrivals.c.id)))


class Kinds:
    """The kinds of events that wait, found one after another along an index."""

    def __init__(self) -> None:
        #: By type, the subject that was looked for last.
        self._reached: dict[str, str] = {}

    async def left_out(self, tick: Tick) -> list[EventKind]:
        """Those of which the tick, which took the oldest events, has taken none."""
        ((taken,),) = await tick.ask(_taken)
        found: list[EventKind] = []
        type_ = ""
        while (type_ := (await tick.ask(_next_type, p_type=type_))[0][0]) is not None:
            for kind in (EventKind(type_, None), *await self._about(tick, type_)):
                ((first,),) = await tick.ask(_oldest[kind.subject is None], **kind.holes)
                if first is not None and first > taken:
                    found.append(kind)
        return found

    async def _about(self, tick: Tick, type_: str) -> list[EventKind]:
        """What events of that type are about, from where the tick before left it."""
        found: list[EventKind] = []
        subject, turned = self._reached.pop(type_, ""), False
        begun = subject
        while len(found) < _KINDS:
            holes = {"p_type": type_, "p_subject": subject}
            ((after,),) = await tick.ask(_next_subject, **holes)
            if after is None and (turned or not begun):
                return found
            if after is None:
                turned, subject = True, ""
            elif turned and after > begun:
                return found
            else:
                found.append(EventKind(type_, after))
                subject = after
        self._reached[type_] = subject
        return found
