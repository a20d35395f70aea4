"""What is to come for a lead in a campaign if nothing changes: its program, read from where it stands.

Each condition is asked of the facts of now, at the instant it will be looked at. Where the answer may
depend on what is done on the way there, or on a draw, the reading stops and says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import (
    END,
    Act,
    Await,
    Decide,
    Exit,
    Jump,
    Leave,
    LoopStart,
    Pause,
    Program,
    Statement,
    Step,
)
from relance.effects import Send
from relance.waits import WaitFor
from server.reports import words
from server.reports.glossary import Glossary
from server.reports.verdict import Askable, WithinStay, verify
from server.store.calendar import later
from server.store.instants import Micros, from_micros, to_micros

#: A reading goes no further: what is said beyond would interest nobody.
_MOST = 24


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing to come. `at` None: nobody can tell when; `sends`: the messages (channel, name) of it.

    `kind`: « act », « rest », « leave », « unsure ».
    """

    at: datetime | None
    text: str
    kind: str
    line: int | None = None
    sends: tuple[tuple[str, str], ...] = ()


def sends_of(statement: Statement) -> tuple[tuple[str, str], ...]:
    """The messages it sends to the lead: channel and name."""
    effects = statement.effects if isinstance(statement, Act) else ()
    return tuple(
        (one.channel, one.message) for one in effects if isinstance(one, Send) and one.to is None
    )


async def forecast(
    store: Askable,
    program: Program,
    enrolment: Any,
    now: datetime,
    zone: ZoneInfo,
    glossary: Glossary,
) -> Sequence[Coming]:
    """What is to come, in its order; nothing for who is no more inside."""
    if not enrolment.active or enrolment.arriving:
        return ()
    stay = WithinStay(enrolment.campaign_id, enrolment.entry, program)
    reading = _Reading(store, stay, enrolment, now, zone, glossary)
    return [one async for one in reading.follow()]


class _Reading:
    """One reading: where it is, when, and whether what was done since may change the facts."""

    def __init__(
        self,
        store: Askable,
        stay: WithinStay,
        enrolment: Any,
        now: datetime,
        zone: ZoneInfo,
        glossary: Glossary,
    ) -> None:
        self._store, self._stay, self._lead = store, stay, enrolment.lead_id
        self._row, self._zone, self._glossary = enrolment, zone, glossary
        self._now: Micros = to_micros(now)
        self._at: Micros = self._now
        self._changed = False

    async def follow(self) -> Any:
        """Each thing to come."""
        departure = self._departure()
        if isinstance(departure, Coming):
            yield departure
            return
        place: int = departure
        for _ in range(_MOST):
            if self._row.expires_at is not None and self._at >= self._row.expires_at:
                yield Coming(
                    from_micros(self._row.expires_at), self._leaving(Exit.TIMEOUT), "leave"
                )
                return
            if not 0 <= place < len(self._statements):
                yield Coming(from_micros(self._at), self._leaving(Exit.FINISHED), "leave")
                return
            statement = self._statements[place]
            said, then = await self._through(statement)
            if said is not None:
                yield said
            if then is None:
                return
            place = then

    @property
    def _statements(self) -> Sequence[Statement]:
        return self._stay.program.statements

    def _departure(self) -> "int | Coming":
        """Where it goes on from what it waits for now, or what says that nobody knows."""
        here = self._row.statement
        statement = self._statements[here] if 0 <= here < len(self._statements) else None
        if isinstance(statement, Await):
            if self._row.deadline is None:
                text = "Rien de lui-même : il attend, sans limite de temps"
                return Coming(None, text, "rest", statement.place.line)
            self._at = max(self._now, self._row.deadline)
            return statement.timeout
        if isinstance(statement, Pause):
            if self._row.wake_at is None:
                return self._unsure(statement)
            self._at = max(self._now, self._row.wake_at)
            return statement.next
        return here if statement is not None else END

    async def _through(self, statement: Statement) -> tuple[Coming | None, int | None]:
        """What is said of a statement, and where it leads; None where the reading stops."""
        said, line = self._glossary.said(statement.place.said), statement.place.line
        at = from_micros(self._at)
        match statement:
            case Act():
                sends = sends_of(statement)
                self._changed |= len(sends) < len(statement.effects)
                return Coming(at, said, "act", line, sends), statement.next
            case Step() | LoopStart():
                return None, statement.next
            case Decide() if not self._changed:
                zone = self._zone
                found = await verify(
                    self._store, statement.condition, self._lead, at, zone, self._glossary,
                    stay=self._stay,
                )  # fmt: skip
                text = f"{said} : {'oui' if found.holds else 'non'}"
                return Coming(
                    at, text, "rest", line
                ), statement.yes if found.holds else statement.no
            case Pause(wait=WaitFor(duration)):
                self._at = later(self._at, duration, self._zone)
                return Coming(at, said, "rest", line), statement.next
            case Await(limit=limit) if limit is not None and await self._is_quiet(statement):
                self._at = later(self._at, limit, self._zone)
                return Coming(at, said, "rest", line), statement.timeout
            case Jump(limit=None):
                return None, statement.target
            case Leave():
                return Coming(at, self._leaving(statement.outcome), "leave", line), None
            case _:
                return self._unsure(statement), None

    async def _is_quiet(self, wait: Await) -> bool:
        """Whether nothing of what a wait to come is for was ever so: it then lasts its whole length."""
        if self._changed:
            return False
        for branch in wait.branches:
            found = await verify(
                self._store, branch.condition, self._lead, from_micros(self._at), self._zone,
                self._glossary,
            )  # fmt: skip
            if found.holds:
                return False
        return True

    def _unsure(self, statement: Statement) -> Coming:
        said = self._glossary.said(statement.place.said)
        text = f"Puis, selon ce qu’il en sera alors : {said}"
        return Coming(None, text, "unsure", statement.place.line)

    def _leaving(self, outcome: Exit) -> str:
        return f"Quitte la campagne : {words.outcome(outcome.value)}"


def next_places(statement: Statement) -> Iterator[int]:
    """Where a statement may lead, whatever is so."""
    match statement:
        case Decide():
            yield from (statement.yes, statement.no)
        case Await():
            yield from (branch.next for branch in statement.branches)
            yield statement.timeout
        case Leave():
            return
        case _:
            shares = getattr(statement, "shares", None)
            if shares is not None:
                yield from (share.next for share in shares)
                return
            yield from (
                getattr(statement, name)
                for name in ("body", "target", "next")
                if hasattr(statement, name)
            )
