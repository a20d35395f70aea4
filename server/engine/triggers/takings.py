"""Those who are there already: a state that holds lets in whoever it held for before it was asked.

When a campaign is first published it takes those for whom a state of its entries holds, when its
period opens those for whom one holds by then; and with « réentrée : après sortie », who leaves while
one still holds comes in again (Audience looks at its smart lists anew at each pass; seed 004). Who is
concerned is read from `edges`, where it is kept anyway. A crowd comes in part by part, each told by
events that the entry answers as any other; how far it got is committed with them.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from dsl.phrases.words import Words
from dsl.program import Exit, Program, Reentry
from dsl.program_codec import from_json
from server.engine import parts
from server.engine.batch import batch, gone, outcome
from server.engine.event_insertion import EventInsertion
from server.engine.index import Index
from server.engine.listener import CampaignListener, listeners
from server.engine.lists.declared import written
from server.engine.owner import Key
from server.engine.parameters import NOW
from server.engine.parts import next_part
from server.engine.tick import Prepared, Tick
from server.engine.triggers.edge import held, rows_of
from server.engine.triggers.state_events import insert_state_events, state_events
from server.engine.version import RecordedProgram, Version
from server.store.arrivals import insert_events
from server.store.calendar import zone_named
from server.store.instants import Micros
from server.store.schema.campaigns import campaigns, edges, enrolments, takings, versions

log = logging.getLogger("relance.triggers")

#: Why a state is told to hold: what the journal shows.
PUBLISHED, OPENED, LEAVING = "publication", "période", "sortie"
#: Whoever left so does not come in again by himself.
FOR_GOOD = (Exit.REMOVED, Exit.MERGED, Exit.OUTRANKED)


@dataclass(frozen=True, slots=True)
class Taking:
    """When those who are there are to be taken; `opening`: at the opening of a period.

    At an opening the re-entry clause decides about those who came before; at a publication nobody
    who ever came is taken again.
    """

    due_at: Micros
    opening: bool


def state_entries(version: Version) -> Sequence[CampaignListener]:
    """The entries of a version that a state opens."""
    return [each for each in listeners(version) if each.outcome is None and each.by_state]


def taking(
    listener: CampaignListener,
    now: Micros,
    former: Version | None,
    unfinished: Mapping[Key, Taking],
) -> Taking | None:
    """What an entry newly published takes; `former`: what its campaign ran until now, if it did."""
    version = listener.version
    if version.period_end is not None and now >= version.period_end:
        return None
    if not version.in_period(now):
        return Taking(version.looked_from(version.period_start or now), True)
    now_or_next = version.looked_from(now)
    if former is None:
        return Taking(now_or_next, False)
    if not former.in_period(now):
        return Taking(now_or_next, True)
    known = same_entry(listener, former.program)
    return Taking(now_or_next, False) if known is None else unfinished.get((former.id, known))


def same_entry(listener: CampaignListener, former: Program) -> int | None:
    """The number of the entry of another program that asks the same."""
    condition = listener.trigger.condition
    wanted = written(condition) if condition is not None else None
    for number, trigger in enumerate(former.entries):
        state = trigger.on is None and trigger.schedule is None
        asked = trigger.condition if state else None
        if asked is not None and written(asked) == wanted:
            return number
    return None


async def take_over(tick: Tick, zone: ZoneInfo, recorded: Iterable[RecordedProgram]) -> None:
    """What entries of campaigns that do not run had half taken, the new ones that ask the same go on with.

    Those of campaigns that run are planned anew (`plan`).
    """
    came = {item.former: item.version_id for item in recorded if item.new and item.former}
    midway = select(takings.c.version_id).join_from(
        takings, versions, versions.c.id == takings.c.version_id
    )
    midway = midway.join(campaigns, campaigns.c.id == versions.c.campaign_id)
    found = await tick.conn.scalars(midway.where(~campaigns.c.runs).distinct())
    for former in [number for number in found if number in came]:
        before, now = await _read(tick, zone, former), await _read(tick, zone, came[former])
        for listener in state_entries(now):
            number = same_entry(listener, before.program)
            mine = (takings.c.version_id == former, takings.c.trigger == number)
            there = {"version_id": now.id, "trigger": listener.number}
            await tick.conn.execute(update(takings).where(*mine).values(there))


async def _read(tick: Tick, zone: ZoneInfo, number: int) -> Version:
    """A version, as the store has it."""
    query = select(versions, campaigns.c.key).join_from(
        versions, campaigns, campaigns.c.id == versions.c.campaign_id
    )
    row = (await tick.conn.execute(query.where(versions.c.id == number))).one()
    program = from_json(row.program)
    own = zone_named(program.zone) or zone
    return Version(row.id, row.campaign_id, row.key, program, own, True)


async def plan(tick: Tick, index: Index, recorded: Iterable[RecordedProgram]) -> None:
    """Have each version taken up by a publication take those who are there."""
    items = [item for item in recorded if item.version_id in index.versions]
    found = (await tick.conn.execute(select(takings))).all()
    unfinished = {
        (row.version_id, row.trigger): Taking(row.due_at, bool(row.opening)) for row in found
    }
    before = {item.former for item in items if item.new and item.former is not None}
    formers = await _formers(tick, index, before)
    rows = []
    for item in items:
        version = index.versions[item.version_id]
        if not (item.new or item.reopened):
            continue
        former = formers.get(item.former) if item.former is not None else None
        for listener in state_entries(version):
            planned = taking(listener, tick.now, former, unfinished)
            key = (version.id, listener.number)
            if planned is not None and (key not in unfinished or item.reopened):
                rows.append(_row(listener, planned))
    again = [item.version_id for item in items if item.reopened]
    current = select(campaigns.c.version_id).where(campaigns.c.present)
    gone = takings.c.version_id.not_in(current) | takings.c.version_id.in_(again)
    await tick.conn.execute(delete(takings).where(gone))
    if rows:
        await tick.conn.execute(insert(takings), rows)


async def take_those_there(
    tick: Tick, entries: Iterable[CampaignListener], *, opening: bool
) -> None:
    """Have the entries of campaigns that begin to run take them, those left midway aside."""
    found = await tick.conn.execute(select(takings.c.version_id, takings.c.trigger))
    midway = {tuple(row) for row in found}
    rows = [
        _row(each, Taking(each.version.looked_from(tick.now), opening))
        for each in entries
        if each.by_state and each.key not in midway
    ]
    if rows:
        await tick.conn.execute(insert(takings), rows)


def _row(listener: CampaignListener, planned: Taking) -> dict[str, Any]:
    return {
        "version_id": listener.version.id,
        "trigger": listener.number,
        "due_at": planned.due_at,
        "opening": planned.opening,
        "place": listener.place,
        "after_lead": 0,
        "told": 0,
    }


async def _formers(tick: Tick, index: Index, wanted: Collection[int]) -> dict[int, Version]:
    query = (
        select(versions.c.id, versions.c.campaign_id, versions.c.program, campaigns.c.key)
        .join_from(versions, campaigns, campaigns.c.id == versions.c.campaign_id)
        .where(versions.c.id.in_(sorted(wanted)))
    )
    found = {}
    runs = {version.key: version for version in index.versions.values()}
    for row in (await tick.conn.execute(query)).all() if wanted else ():
        program = from_json(row.program)
        zone = zone_named(program.zone) or runs[row.key].zone
        found[row.id] = Version(row.id, row.campaign_id, row.key, program, zone, False)
    return found


class Takings:
    """Lets them in. One part a tick, when events leave it the room."""

    def __init__(self, index: Index, words: Words) -> None:
        self._words = words
        self._states: dict[Key, CampaignListener] = {}
        self._returns: dict[int, list[EventInsertion]] = {}
        for listener in index.states:
            if listener.outcome is not None:
                continue
            version = listener.version
            self._states[version.id, listener.number] = listener
            if version.program.reentry is Reentry.AFTER_EXIT and version.group is None:
                mine = self._returns.setdefault(version.campaign_id, [])
                mine.append(_returning(listener))

    async def go_on(self, tick: Tick, quarantined: Collection[int], limit: int) -> bool:
        """Tell of one part more; whether there was one."""
        due = select(takings).where(
            takings.c.due_at <= tick.now, takings.c.version_id.not_in(list(quarantined))
        )
        first = due.order_by(takings.c.due_at, takings.c.place).limit(1)
        row = (await tick.conn.execute(first)).one_or_none()
        if row is None:
            return False
        mine = (takings.c.version_id == row.version_id) & (takings.c.trigger == row.trigger)
        listener = self._states.get((row.version_id, row.trigger))
        if listener is None:
            await tick.conn.execute(delete(takings).where(mine))
            return True
        part = await next_part(tick, row.after_lead, parts.PART)
        here = (edges.c.lead_id > part.after, edges.c.lead_id <= part.upto)
        query = _there(listener, row).where(*here).order_by(edges.c.lead_id).limit(limit)
        leads = (await tick.conn.execute(query)).scalars().all()
        if leads:
            why = OPENED if row.opening else PUBLISHED
            stands = ((lead, listener.subject) for lead in leads)
            await insert_events(tick.conn, state_events(tick, stands, why))
        taken = row.told + len(leads)
        if part.whole and len(leads) < limit:
            await tick.conn.execute(delete(takings).where(mine))
            log.info(
                "« %s » (%s) : %d personne(s) déjà concernée(s) prise(s)",
                listener.version.program.name,
                self._words.of(listener.trigger.place.said),
                taken,
            )
        else:
            upto = leads[-1] if len(leads) == limit else part.upto
            change = update(takings).where(mine).values(after_lead=upto, told=taken)
            await tick.conn.execute(change)
        return True

    async def return_(self, tick: Tick) -> None:
        """Have those who leave now while a state of the entry still holds come in again."""
        if not self._returns:
            return
        leaving = await tick.ask(_leaving)
        for campaign_id, count in leaving:
            for statement in self._returns.get(campaign_id, ()):
                first = tick.store.ids.reserve(count)
                await statement.run(tick, True, p_first_id=first)


def _there(listener: CampaignListener, row: Any) -> Select[Any]:
    """Those for whom the state holds, whom the campaign may take."""
    version = listener.version
    came = [
        enrolments.c.lead_id == edges.c.lead_id,
        enrolments.c.campaign_id == version.campaign_id,
    ]
    if row.opening and version.program.reentry is not Reentry.NEVER:
        came.append(enrolments.c.active | (enrolments.c.entered_at >= row.due_at))
    return select(edges.c.lead_id).where(
        rows_of(listener), ~_exit_holds(version, edges.c.lead_id), ~exists(select(1).where(*came))
    )


def _exit_holds(version: Version, lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a state that takes out holds: nobody is let in by a state to leave by another.

    One that suppresses is for the entry to answer, which keeps the refusal.
    """
    program = version.program
    other = edges.alias("out")
    return exists(
        select(1).where(
            other.c.lead_id == lead_id,
            other.c.version_id == version.id,
            other.c.trigger >= len(program.entries) + len(program.suppressions),
        )
    )


# Who went through without waiting came in and leaves at the same instant: for him to come in again
# would be to turn for ever, so he does not until the state has ceased and come back.
_again = (
    gone,
    ~batch.c.fresh,
    batch.c.entered_at < NOW,
    outcome.not_in([one.value for one in FOR_GOOD]),
)
_leaving = Prepared(
    select(batch.c.campaign_id, func.count()).where(*_again).group_by(batch.c.campaign_id)
)


def _returning(listener: CampaignListener) -> Any:
    version = listener.version
    rows = select(batch.c.lead_id).where(
        *_again,
        batch.c.campaign_id == version.campaign_id,
        held(listener, batch.c.lead_id),
        ~_exit_holds(version, batch.c.lead_id),
    )
    return insert_state_events(rows, batch.c.lead_id, listener.subject, LEAVING)
