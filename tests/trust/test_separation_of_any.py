"""Whatever two leads were, joined then separated they are it again: each row, field, proof, owner."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count, permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from relance.testing import VirtualClock
from server.store import moving
from server.store.counters import keeping
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.schema.metadata import metadata
from server.store.separation import Further, separate
from server.store.store import Store
from tests.counters import counters_agree
from tests.intake.conftest import Desk
from tests.trust.test_separation import everything

FEW = st.integers(1, 3)
AT = st.integers(1, 4)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "f_courriel": st.sampled_from(["aline@exemple.ca", "paul@exemple.ca"]),
    "f_prenom": st.sampled_from(["Aline", "Paul", "", "Zoé «ç»"]),
    "f_date_de_naissance": st.sampled_from([date(1990, 2, 28), date(2001, 12, 31)]),
    "f_budget": st.sampled_from([Decimal("0.1"), Decimal("-12"), Decimal("123456789.01")]),
    "f_membre": st.booleans(),
}


@st.composite
def enrolments(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entries of a lead in two campaigns; the last of each may go on, in the third the last for each
    value.
    """
    found = []
    for campaign in (1, 2, 3):
        last = draw(st.integers(0, 3 if campaign == 3 else 2))
        values = [draw(st.sampled_from("AB")) if campaign == 3 else "" for _ in range(last)]
        for entry, value in enumerate(values, 1):
            active = value not in values[entry:] and draw(st.booleans())
            found.append(
                {
                    "campaign_id": campaign,
                    "entry": entry,
                    "stay_value": value,
                    "active": active,
                    "outcome": None if active else draw(st.sampled_from(["ended", "merged"])),
                    "entered_at": draw(AT),
                    "messages": draw(st.lists(MESSAGES, max_size=2)),
                    "waits": active and draw(st.booleans()),
                }
            )
    return found


#: What is counted of the journal.
OF_JOURNAL = ("entered", "passed", "ever entered", "ever passed", "house entered")
MESSAGES = st.sampled_from([("pending", 0), ("pending", 1), ("sending", 1), ("sent", 1)])
LEAD = st.fixed_dictionaries(
    {
        "lead": st.fixed_dictionaries(
            {
                "created_at": AT,
                "proof": FEW,
                "told_at": st.none() | AT,
                "score": st.integers(-9, 9),
                **{name: st.none() | value for name, value in FIELDS.items()},
            }
        ),
        "proofs": st.dictionaries(st.sampled_from(sorted(FIELDS)), st.tuples(FEW, AT)),
        "lists": st.dictionaries(st.sampled_from("ab"), AT),
        "tags": st.dictionaries(st.sampled_from("ab"), AT),
        "interests": st.dictionaries(st.sampled_from("ab"), st.integers(-3, 3)),
        "edges": st.frozensets(FEW),
        "refusals": st.dictionaries(st.sampled_from(["once_only", "too_soon"]), AT),
        "leftovers": st.dictionaries(st.sampled_from("ab"), AT),
        "flips": st.dictionaries(FEW, st.sampled_from([None, date(2026, 2, 3)])),
        "missed": st.frozensets(FEW),
        "points": st.lists(st.integers(-9, 9), max_size=4),
        "events": st.lists(st.booleans(), max_size=6),
        "identities": st.lists(st.sampled_from(["email", "phone", "visitor"]), max_size=3),
        "attached": st.integers(0, 2),
        "declarations": st.booleans(),
        "enrolments": enrolments(),
    }
)

#: Which is joined to which, and how many parts of a long history follow before the next is.
JOINED = st.lists(st.tuples(st.permutations(range(3)), st.integers(0, 3)), min_size=1, max_size=2)


def rows(lead: int, known: dict[str, Any], fresh: Iterator[int]) -> Iterator[tuple[str, Any]]:
    """Each row of a lead, with its table's name."""
    yield "leads", {"id": lead, **known["lead"]}
    for field, (proof, at) in known["proofs"].items():
        yield "field_proofs", {"field": field, "proof": proof, "at": at}
    for key, since in known["lists"].items():
        yield "list_members", {"list_key": key, "since": since}
    for key, since in known["tags"].items():
        yield "lead_tags", {"tag_key": key, "name": key.upper(), "since": since}
    for key, value in known["interests"].items():
        yield "interests", {"topic_key": key, "topic": key.upper(), "value": value}
    for number in known["edges"]:
        yield "edges", {"version_id": 1, "trigger": number}
    for reason, at in known["refusals"].items():
        yield "refusals", {"campaign_id": 1, "reason": reason, "at": at}
    for field, at in known["leftovers"].items():
        values = {
            "source": "formulaire",
            "field": field,
            "reason": "unknown",
            "value": f"de {lead}",
        }
        yield "leftovers", {**values, "at": at, "times": at}
    for number, day in known["flips"].items():
        at = None if day else number
        yield "flips", {"owner": 1, "number": number, "at": at, "zone": "UTC", "day": day}
    for number in known["missed"]:
        values = {"version_id": 1, "event_id": next(fresh), "entering": number > 1}
        yield "missed", {**values, "type": "custom"}
    for delta in known["points"]:
        yield "points", {"id": next(fresh), "at": 1, "delta": delta, "reason": "r"}
    for waits in known["events"]:
        values = {"type": "custom", "id": next(fresh), "occurred_at": 1, "received_at": 1}
        yield "events", values
        if waits:
            yield "inbox", {"type": values["type"], "id": values["id"], "subject_key": None}
    for n, kind in enumerate(known["identities"]):
        yield "identities", {"kind": kind, "value": f"{lead} {n}", "proof": n}
    for n in range(known["attached"]):
        name = f"{lead} {n}"
        yield "attached", {"channel": "push", "hash": name, "name": name, "text": "t", "at": n}
    if known["declarations"]:
        values = {"field": "f_prenom", "value": '"Léa"', "hash": "h", "proof": 1, "source": "s"}
        when = {"at": 1, "received_at": 1, "state": "pending"}
        yield "declarations", {"id": next(fresh), **values, "visitor": "", **when}
    for one in known["enrolments"]:
        place = {"campaign_id": one["campaign_id"], "entry": one["entry"]}
        stands = {"version_id": 1, "statement": 1, "moves": 1, "since_at": 1, "since_event": 0}
        values = {name: one[name] for name in ("stay_value", "active", "outcome", "entered_at")}
        yield "enrolments", {**place, **stands, **values, "deadline": 9 if one["active"] else None}
        moved = {"version_id": 1, "at": 1, "kind": "entered", "cause": "event"}
        yield "journal", {**place, "move": 1, **moved}
        if one["waits"]:
            yield "waits", {"topic": "custom", **place}
        for n, (state, attempts) in enumerate(one["messages"]):
            sent = {"channel": "email", "message": "m", "state": state, "attempts": attempts}
            when = {"created_at": 1, "due_at": None if state == "sent" else n}
            done = {"settled_at": 1 if state == "sent" else None}
            yield "outbox", {**place, "move": 1, "ordinal": n, **sent, **when, **done}


class Table:
    """Leads of a trial, in a base that holds those of the trials before."""

    def __init__(self, desk: Desk, fresh: Iterator[int]) -> None:
        self._desk, self._fresh = desk, fresh
        self._fields = desk.store.fields.table
        self.leads: list[int] = []

    async def seat(self, known: Sequence[dict[str, Any]]) -> None:
        async with self._desk.store.write() as conn:
            for one in known:
                lead = next(self._fresh)
                self.leads.append(lead)
                for name, row in rows(lead, one, self._fresh):
                    table = self._fields if name == "leads" else metadata.tables[name]
                    of = {} if name == "leads" else {"lead_id": lead}
                    await conn.execute(insert(table).values(**of, **row))

    async def join(self, source: int, target: int) -> None:
        async with self._desk.store.write() as conn:
            await merge(conn, self._fields, [(source, target)], now_micros(self._desk.clock))

    async def undo(self, source: int) -> bool:
        async with self._desk.store.write() as conn:
            try:
                await separate(conn, self._fields, source, now_micros(self._desk.clock))
            except Further:
                return False
        return True

    async def go_on(self, parts: int) -> None:
        for _ in range(parts):
            async with self._desk.store.write() as conn:
                if not await moving.go_on(conn):
                    return

    async def all(self) -> dict[str, list[Any]]:
        found = await everything(self._desk, self.leads)
        async with self._desk.store.read() as conn:
            for name in ("leftovers", "declarations"):
                table = metadata.tables[name]
                of_them = select(table).where(table.c.lead_id.in_(self.leads))
                found[name] = sorted(tuple(row) for row in await conn.execute(of_them))
            for name in ("moving", "merges", "merged_rows"):
                found[name] = list((await conn.execute(text(f"SELECT * FROM {name}"))).all())
        return found


async def declared(store: Store) -> None:
    await store.declare_fields([("budget", "nombre", ()), ("membre", "oui/non", ())])


async def trial(
    desk: Desk, fresh: Iterator[int], known: Any, joined: Any, last_first: bool = True
) -> None:
    """Join leads as told, undo all of it, and look."""
    table = Table(desk, fresh)
    await table.seat(known)
    before = await table.all()
    became: dict[int, int] = {}
    for (one, other, _), parts in joined:
        source, target = table.leads[one], table.leads[other]
        if source != target and source not in became and target not in became:
            await table.join(source, target)
            became[source] = target
            await table.go_on(parts)
    left = list(reversed(became)) if last_first else list(became)
    while left:
        undone = [source for source in left if await table.undo(source)]
        assert undone, "the last merge can always be undone"
        left = [source for source in left if source not in undone]
    after = await table.all()
    for name, expected in before.items():
        assert after[name] == expected, name


def test_leads_joined_and_separated_are_what_they_were(
    store_url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PART", 3)
    fresh = count(1)
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(store_url, clock))
        runner.run(declared(store))
        runner.run(keeping.keep(store, ZoneInfo("UTC")))

        # Each example joins and undoes in a base: to make one smaller takes minutes.
        @settings(max_examples=10, deadline=None, phases=[Phase.reuse, Phase.generate])
        @given(st.lists(LEAD, min_size=3, max_size=3), JOINED, st.booleans())
        def tried(known: Any, joined: Any, last_first: bool) -> None:
            runner.run(trial(Desk(store, clock), fresh, known, joined, last_first))
            # The journal is written by hand here, which only the engine does and counts.
            runner.run(counters_agree(store, but=OF_JOURNAL))

        try:
            tried()
        finally:
            runner.run(store.close())


BARE: dict[str, Any] = {
    "lead": {"created_at": 1, "proof": 1, "told_at": None, "score": 0},
    **{
        key: {}
        for key in ("proofs", "lists", "tags", "interests", "refusals", "leftovers", "flips")
    },
    **dict.fromkeys(("edges", "missed"), frozenset()),
    **{key: [] for key in ("points", "events", "identities")},
    "attached": 0,
    "declarations": False,
}
ONE, OTHER = ((1, 0, 2), 0), ((2, 0, 1), 0)


def inside(entered_at: int, message: str) -> dict[str, Any]:
    """A lead that is in a campaign, waits there, and has a message to be sent."""
    place = {"campaign_id": 1, "entry": 1, "stay_value": "", "active": True, "outcome": None}
    journey = {**place, "entered_at": entered_at, "messages": [(message, 0)], "waits": True}
    return {**BARE, "enrolments": [journey]}


@pytest.mark.parametrize("last_first", [True, False])
@pytest.mark.parametrize("entered", list(permutations((1, 2, 3))))
async def test_three_that_were_in_one_campaign_are_in_it_again(
    store: Store, clock: VirtualClock, entered: tuple[int, ...], last_first: bool
) -> None:
    await declared(store)
    known = [inside(at, "pending") for at in entered]
    await trial(Desk(store, clock), count(1), known, [ONE, OTHER], last_first)


@pytest.mark.parametrize("entered", [1, 2, 3])
async def test_stays_in_parallel_are_each_given_back_for_its_own_value(
    store: Store, clock: VirtualClock, entered: int
) -> None:
    """Both are inside for the order A, one of the two ends; those for B and C are nobody else's."""
    await declared(store)
    (first,) = inside(2, "pending")["enrolments"]
    many = [{**first, "entry": at, "stay_value": one} for at, one in enumerate("AB", 1)]
    others = [{**first, "entry": at, "stay_value": one} for at, one in enumerate("CA", 1)]
    others[1]["entered_at"] = entered
    known = [{**BARE, "enrolments": each} for each in (many, others, [])]
    desk, fresh = Desk(store, clock), count(1)
    await trial(desk, fresh, known, [ONE])
    table = Table(desk, fresh)
    await table.seat(known)
    one, other, _ = table.leads
    await table.join(other, one)
    active = (
        "SELECT stay_value FROM enrolments WHERE active AND lead_id = :lead ORDER BY stay_value"
    )
    assert [row.stay_value for row in await desk.rows(active, lead=one)] == list("ABC")


async def test_four_in_one_campaign_separated_in_any_order_are_in_it_again(
    store: Store, clock: VirtualClock
) -> None:
    await declared(store)
    fresh = count(1)
    for order in permutations((1, 2, 3)):
        table = Table(Desk(store, clock), fresh)
        await table.seat([inside(at, "pending") for at in (4, 3, 2, 1)])
        before = await table.all()
        for one in (1, 2, 3):
            await table.join(table.leads[one], table.leads[0])
        for one in order:
            assert await table.undo(table.leads[one])
        after = await table.all()
        assert after == before, order


async def test_a_journey_that_a_third_lead_ended_goes_on_from_where_it_was(
    store: Store, clock: VirtualClock
) -> None:
    await declared(store)
    desk = Desk(store, clock)
    table = Table(desk, count(1))
    await table.seat([inside(at, "sent") for at in (3, 2, 1)])
    first, second, third = table.leads
    await table.join(second, first)
    await desk.do(
        "UPDATE enrolments SET moves = 7, statement = 4 WHERE active AND lead_id = :l", l=first
    )
    await desk.do("UPDATE waits SET topic = 'later' WHERE lead_id = :l", l=first)
    await table.join(third, first)
    await table.undo(second)
    stands = "SELECT moves, statement, active FROM enrolments WHERE lead_id = :lead"
    assert [tuple(row) for row in await desk.rows(stands, lead=second)] == [(7, 4, True)]
    waits = await desk.rows("SELECT topic FROM waits WHERE lead_id = :lead", lead=second)
    assert [row.topic for row in waits] == ["later"]
