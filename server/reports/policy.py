"""The policy that holds, line by line: what each line holds back now, and what it has had given up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.policy import Policy, Term
from relance.nature import Nature
from relance.report import CellType, Column, Columns, Report, report
from server.reports.performance.reading import EVER, HOUSE, counted
from server.store import policies
from server.store.counters.counted import GIVEN_UP, LONGEST
from server.store.instants import from_micros
from server.store.policies import past_its_time, reason
from server.store.schema.messages import PUT_OFF, outbox


class HeldByTerm(NamedTuple):
    """A line of the policy; how many messages wait because of it, of how many leads, until when.

    `given_up`: how many it has had skipped, or found past their time, since the base counts.
    """

    term: Term
    messages: int = 0
    leads: int = 0
    first: datetime | None = None
    last: datetime | None = None
    given_up: int = 0


async def held_by_term(conn: AsyncConnection) -> Sequence[HeldByTerm]:
    """Each line of the policy published last, in the order of its kinds."""
    policy = (await policies.read(conn)).policy
    number = func.count().label("number")
    leads = func.count(outbox.c.lead_id.distinct()).label("leads")
    bounds = (func.min(outbox.c.due_at).label("first"), func.max(outbox.c.due_at).label("last"))
    query = select(outbox.c.reason, number, leads, *bounds).where(text(PUT_OFF))
    rows = await conn.execute(query.group_by(outbox.c.reason))
    held = {row.reason: row for row in rows}
    kinds = [f"{GIVEN_UP} {state}" for state in ("skipped", "expired")]
    reasons = [said for term in terms_of(policy) for said in _given_up_as(term)]
    counts = await counted(conn, HOUSE, kinds, EVER, "subject", subjects=reasons)
    given_up = {row.subject: row.n for row in counts}
    return [_of(term, held, given_up) for term in terms_of(policy)]


def terms_of(policy: Policy) -> Sequence[Term]:
    """Its lines: caps, then quiet times, then validities."""
    return (*policy.caps, *policy.quiet, *policy.validities)


def _of(term: Term, held: Mapping[str, Any], given_up: Mapping[str, int]) -> HeldByTerm:
    gone = sum(given_up.get(one[:LONGEST], 0) for one in _given_up_as(term))
    row = held.get(reason(term))
    if row is None:
        return HeldByTerm(term, given_up=gone)
    first, last = (None if at is None else from_micros(at) for at in (row.first, row.last))
    return HeldByTerm(term, row.number, row.leads, first, last, gone)


def _given_up_as(term: Term) -> Sequence[str]:
    """What is said of messages that never left because of it."""
    return (reason(term), past_its_time(term))


_COLUMNS: Columns[HeldByTerm] = {
    Column("Règle", "regle"): lambda one: one.term.said,
    Column("Messages", "nature"): lambda one: "tous" if one.term.every else Nature.MARKETING.value,
    Column("Ce qui dépasse", "sort"): lambda one: "sauté" if one.term.skip else "reporté",
    Column("Retenus", "retenus", CellType.COUNT): lambda one: one.messages,
    Column("Leads", "leads", CellType.COUNT): lambda one: one.leads,
    Column("Le premier repart", "premier", CellType.INSTANT): lambda one: one.first,
    Column("Le dernier", "dernier", CellType.INSTANT): lambda one: one.last,
    Column("Jamais partis", "jamais_partis", CellType.COUNT): lambda one: one.given_up,
}


def policy_report(rows: Sequence[HeldByTerm]) -> Report:
    """What holds now."""
    return report(
        "Politique du projet",
        _COLUMNS,
        rows,
        empty="Le projet n’a pas de politique : tout part dès que c’est décidé.",
        notes=["«\u00a0relance explain\u00a0» dit d’un lead ce qui a retenu chaque message."]
        if rows
        else (),
    )
