"""What the sales team was given, person by person: leads, alerts, and how soon somebody was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.report import CellType, Column, Columns, Report, report
from server.reports import french
from server.reports.performance.campaign import span
from server.reports.performance.reading import HOUSE, DaySpan, counted
from server.store import absences
from server.store.absences import Absence
from server.store.instants import SECOND, Micros, midnight
from server.store.schema.events import events
from server.store.schema.messages import outbox
from server.store.schema.rules import team

#: How soon is told of the last alerts, so many at most.
_LAST = 200
#: Nobody takes so long; whoever was reached later was by something else.
_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SellerLine:
    """One person. `turn`: the next lead is theirs; `seconds`: the median until a lead was reached."""

    name: str
    email: str | None
    turn: bool
    absent: bool
    until: str
    given: int
    alerts: int
    seconds: int | None

    @property
    def state(self) -> str:
        """In a few words."""
        if self.absent:
            return f"en absence jusqu’au {self.until}" if self.until else "en absence"
        return "le prochain lead" if self.turn else "à son tour"


async def seller_lines(
    conn: AsyncConnection, days: DaySpan, zone: ZoneInfo, reaching: Sequence[str], now: Micros
) -> Sequence[SellerLine]:
    """The team as it is published, in the order of turns, those away now last.

    `reaching`: the types of events that tell that a lead was reached.
    """
    rows = await counted(conn, HOUSE, ("assigned",), days, "subject")
    given: dict[str, int] = {}
    for row in rows:
        given[key_of(row.subject)] = given.get(key_of(row.subject), 0) + row.n
    known = (await conn.execute(select(team).order_by(func.coalesce(team.c.rank, 0)))).all()
    away = {one.key: one for one in await absences.since(conn, now) if one.begins_at <= now}
    found: list[SellerLine] = []
    for row in _in_turn(known, away):
        absence, asked = away.get(row.key), _alerts(row.name, days, zone)
        line = await _line(conn, row, given.get(row.key, 0), asked, reaching)
        gone = _gone(row, away)
        until = "" if absence is None or _for_good(row) else _day(absence.last_day)
        found.append(replace(line, absent=gone, until=until, turn=not gone and not found))
    return found


async def people_of(conn: AsyncConnection) -> Sequence[tuple[str, str, str, bool]]:
    """Name, e-mail, telephone and whether away for good, of each of the team that works, by name."""
    rows = (await conn.execute(select(team))).all()
    return sorted((row.name, row.email or "", row.phone or "", _for_good(row)) for row in rows)


def _in_turn(rows: Sequence[Any], away: Mapping[str, Absence]) -> Sequence[Any]:
    """From whose turn it is, round, as it will be dealt next: places move only as leads are dealt."""
    at = next((n for n, row in enumerate(rows) if row.turn), 0)
    round_ = [*rows[at:], *rows[:at]]
    return sorted(round_, key=lambda row: _gone(row, away))


def _day(text: str) -> str:
    return french.day(date.fromisoformat(text))


def _for_good(row: Any) -> bool:
    return bool(row.position < 0 if row.absent is None else row.absent)


def _gone(row: Any, away: Mapping[str, Absence]) -> bool:
    return _for_good(row) or row.key in away


async def _line(
    conn: AsyncConnection, row: Any, given: int, alerts: Select[Any], reaching: Sequence[str]
) -> SellerLine:
    count = await conn.scalar(select(func.count()).select_from(alerts.subquery())) or 0
    waits = [one for one in await conn.scalars(_waits(alerts, reaching)) if one is not None]
    seconds = round(median(waits) / SECOND) if waits else None
    return SellerLine(row.name, row.email, row.turn, row.position < 0, "", given, count, seconds)


def _alerts(name: str, days: DaySpan, zone: ZoneInfo) -> Select[Any]:
    """Those sent to that person in the period."""
    first, after = midnight(days.first, zone), midnight(days.last + timedelta(days=1), zone)
    return select(outbox.c.lead_id, outbox.c.settled_at).where(
        outbox.c.recipient == name,
        outbox.c.state == "sent",
        outbox.c.settled_at >= first,
        outbox.c.settled_at < after,
    )


def _waits(alerts: Select[Any], reaching: Sequence[str]) -> Select[Any]:
    """Of the last of them, how long until their lead was reached; NULL of who was not."""
    last = alerts.order_by(outbox.c.settled_at.desc()).limit(_LAST).subquery()
    reached = (
        select(func.min(events.c.occurred_at))
        .where(
            events.c.lead_id == last.c.lead_id,
            events.c.type.in_(reaching),
            events.c.occurred_at >= last.c.settled_at,
            events.c.occurred_at <= last.c.settled_at + int(_WITHIN.total_seconds() * SECOND),
        )
        .correlate(last)
        .scalar_subquery()
    )
    return select(reached - last.c.settled_at)


_TEAM: Columns[SellerLine] = {
    Column("Personne", "personne"): lambda one: one.name,
    Column("Courriel", "courriel"): lambda one: one.email,
    Column("Son tour", "tour_dit"): lambda one: one.state,
    Column("", "absent", CellType.FLAG): lambda one: one.absent,
    Column("Leads reçus", "leads", CellType.COUNT): lambda one: one.given,
    Column("Alertes", "alertes", CellType.COUNT): lambda one: one.alerts,
    Column("Délai de réponse", "delai", CellType.DELAY): lambda one: one.seconds,
}


def sales_report(lines: Sequence[SellerLine], days: DaySpan) -> Report:
    """Each person, what came to them, and how soon they answered."""
    return report(
        f"Équipe de vente, {span(days)}",
        _TEAM,
        lines,
        empty="Personne dans l’équipe de vente : ajoutez quelqu’un, puis publiez.",
        notes=(
            "Le délai va de l’alerte au premier contact établi avec son lead, en sept jours au plus : la "
            f"médiane des {_LAST} dernières alertes de la période.",
        ),
    )
