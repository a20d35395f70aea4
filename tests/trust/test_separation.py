"""A merge undone: two leads again, each with its own."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from relance.proof import Proof
from relance.testing import VirtualClock
from server.store.instants import now_micros
from server.store.reopening import InHand
from server.store.schema.metadata import metadata
from server.store.separation import Further, NotMerged, merged_into, separate
from server.store.store import Store
from tests.intake.conftest import OTHER_VISITOR, VISITOR, Desk

ALINE = {"email": "aline@exemple.ca"}
HELD = (
    *("list_members", "lead_tags", "edges", "refusals", "interests", "flips", "points", "missed"),
    *("enrolments", "waits", "journal", "outbox", "identities", "attached", "events"),
    "field_proofs",
)


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)


async def everything(desk: Desk, leads: Sequence[int]) -> dict[str, list[Any]]:
    """All that is known of those leads; when a journey is next looked at aside."""
    found: dict[str, list[Any]] = {}
    table = desk.store.fields.table
    async with desk.store.read() as conn:
        for name in HELD:
            held = metadata.tables[name]
            columns = [column for column in held.c if column.name != "wake_at"]
            rows = await conn.execute(select(*columns).where(held.c.lead_id.in_(leads)))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
        rows = await conn.execute(select(table).where(table.c.id.in_(leads)))
        found["leads"] = sorted(tuple(row) for row in rows)
    return found


async def undo(desk: Desk, source: int) -> int:
    async with desk.store.write() as conn:
        return await separate(conn, desk.store.fields.table, source, now_micros(desk.clock))


async def full(desk: Desk, lead: int, other: bool) -> None:
    """Something of each kind; `other` says of which of the two."""
    n = 2 if other else 1
    i = {"i": lead}
    await desk.do("UPDATE leads SET score = :n WHERE id = :i", n=10 * n, **i)
    for key in ("clients", f"liste-{n}"):
        await desk.do("INSERT INTO list_members VALUES (:i, :k, :n)", k=key, n=n, **i)
        await desk.do("INSERT INTO lead_tags VALUES (:i, :k, 'É', :n)", k=key, n=n, **i)
        await desk.do("INSERT INTO interests VALUES (:i, :k, 'É', :n)", k=key, n=n, **i)
    await desk.do("INSERT INTO edges VALUES (:i, 1, :n)", n=n, **i)
    await desk.do("INSERT INTO refusals VALUES (:i, 1, 'once_only', :n, NULL, NULL)", n=n, **i)
    await desk.do(
        "INSERT INTO flips (lead_id, owner, number, zone, day) "
        "VALUES (:i, 1, :n, 'UTC', date('2026-02-03'))",
        n=n,
        **i,
    )
    await desk.do(
        "INSERT INTO points (lead_id, id, at, delta, reason) VALUES (:i, :n, 1, 10, 'r')", n=n, **i
    )
    await desk.do(
        "INSERT INTO attached (channel, hash, lead_id, name, text, at) VALUES ('push', :h, :i, :name, 'texte', 1)",
        h=f"navigateur {n}",
        name=f"navigateur {n}",
        **i,
    )
    await desk.do(
        "INSERT INTO missed (lead_id, version_id, event_id, entering, type) "
        "VALUES (:i, 1, :n, true, 'x')",
        n=n,
        **i,
    )
    await desk.enrol(lead, campaign=1, entry=1, active=False)
    # Both are in the second campaign: one of the two leaves it when they become one.
    await desk.enrol(lead, campaign=2, entry=1, active=True, entered_at=1_000 * n)
    await desk.do("INSERT INTO waits VALUES (:i, 'custom', 2, 1)", **i)
    await desk.do(
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
        "created_at, due_at) VALUES (:i, 2, 1, 1, 0, 'email', 'Bonjour', 'pending', 1, 5)",
        **i,
    )


async def two(desk: Desk) -> tuple[int, int]:
    source = (await desk.bring({"ville": "Gaspé"}, "avant", visitor=VISITOR)).lead_id
    target = (await desk.bring({"prénom": "Aline"}, "connue", **ALINE)).lead_id
    desk.clock.advance(hours=1)
    return source, target


async def join(desk: Desk, event: str | None = None) -> None:
    await desk.bring(None, event, visitor=VISITOR, **ALINE)


@pytest.mark.parametrize("anonymous_is_later", [False, True])
async def test_what_was_before_is_again(desk: Desk, anonymous_is_later: bool) -> None:
    source, target = await two(desk)
    await full(desk, source, other=anonymous_is_later)
    await full(desk, target, other=not anonymous_is_later)
    before = await everything(desk, [source, target])
    await join(desk)
    assert (await desk.fields(source)).merged_into == target
    assert (await desk.fields(target)).f_ville == "Gaspé"
    assert await undo(desk, source) == target
    after = await everything(desk, [source, target])
    # What was told of the one they had become is hers.
    before["events"] = [row for row in after["events"] if row in before["events"]]
    assert {row[0] for row in after["events"] if row not in before["events"]} <= {target}
    after["events"] = before["events"]
    for name, rows in before.items():
        assert after[name] == rows, name


async def test_what_came_since_stays_with_who_they_had_become(desk: Desk) -> None:
    source, target = await two(desk)
    await join(desk, "ensemble")
    await desk.bring({"ville": "Laval"}, "après", **ALINE)
    await undo(desk, source)
    assert await desk.subjects(source) == ["avant"]
    assert await desk.subjects(target) == ["connue", "ensemble", "après"]
    assert (await desk.fields(source)).f_ville == "Gaspé"
    assert (await desk.fields(target)).f_ville == "Laval", "told of her since"
    assert (await desk.bring(visitor=VISITOR)).lead_id == source


async def test_a_journey_that_went_on_goes_on_as_its_own_leads(desk: Desk) -> None:
    source, target = await two(desk)
    await desk.enrol(source, campaign=7)
    await desk.enrol(target, campaign=7, active=False)
    await join(desk)
    await desk.do("UPDATE enrolments SET statement = 5, moves = 3 WHERE campaign_id = 7 AND active")
    await undo(desk, source)
    rows = await desk.rows(
        "SELECT lead_id, entry, statement FROM enrolments WHERE campaign_id = 7 ORDER BY lead_id"
    )
    assert [tuple(row) for row in rows] == [(source, 1, 5), (target, 1, 0)]


async def test_while_a_channel_has_a_message_of_theirs_they_stay_one(desk: Desk) -> None:
    source, target = await two(desk)
    await full(desk, source, other=False)
    await join(desk)
    await desk.do("UPDATE outbox SET state = 'sending', attempts = 1")
    before = await everything(desk, [source, target])
    with pytest.raises(InHand):
        await undo(desk, source)
    assert await everything(desk, [source, target]) == before
    await desk.do("UPDATE outbox SET state = 'sent', due_at = NULL, settled_at = 9")
    assert await undo(desk, source) == target
    assert await desk.rows("SELECT lead_id, state FROM outbox") == [(source, "sent")]


async def test_of_a_chain_the_last_is_undone_first(desk: Desk) -> None:
    source, target = await two(desk)
    await join(desk)
    third = (await desk.bring(None, "troisième", phone="514 555-0188")).lead_id
    await desk.bring(None, None, phone="514 555-0188", **ALINE)
    async with desk.store.read() as conn:
        assert set(await merged_into(conn, target)) == {third, source}
    await undo(desk, source)
    await undo(desk, third)
    assert await desk.subjects(source) == ["avant"]
    assert await desk.subjects(third) == ["troisième"]
    with pytest.raises(NotMerged):
        await undo(desk, source)


async def test_a_lead_merged_in_turn_is_separated_first(desk: Desk) -> None:
    # An anonymous browser becomes a known phone's, which becomes a known e-mail's.
    source = (await desk.bring(None, "pages", visitor=VISITOR)).lead_id
    middle = (await desk.bring(None, "téléphone", phone="514 555-0188")).lead_id
    await desk.bring(phone="514 555-0188", visitor=VISITOR)
    last = (await desk.bring(None, "courriel", **ALINE)).lead_id
    await desk.bring(phone="514 555-0188", proof=Proof.TEAM, **ALINE)
    with pytest.raises(Further) as further:
        await undo(desk, source)
    assert further.value.args == (middle, last)
    assert await undo(desk, middle) == last
    assert await desk.subjects(middle) == ["pages", "téléphone"]
    assert await undo(desk, source) == middle
    assert await desk.subjects(source) == ["pages"]
    assert await desk.subjects(middle) == ["téléphone"]
    assert await desk.subjects(last) == ["courriel"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_joined_to_one_either_may_be_separated_first(
    desk: Desk, order: tuple[int, int]
) -> None:
    target = (await desk.bring({"ville": "Gaspé"}, "elle", **ALINE)).lead_id
    sources = []
    for n, (city, mark) in enumerate({"Laval": VISITOR, "Percé": OTHER_VISITOR}.items()):
        desk.clock.advance(hours=1)
        lead = (await desk.bring({"ville": city}, None, visitor=mark)).lead_id
        await desk.do("INSERT INTO list_members VALUES (:i, 'clients', :n)", i=lead, n=n)
        await desk.do("INSERT INTO interests VALUES (:i, 'vélo', 'Vélo', :n)", i=lead, n=n + 1)
        sources.append(lead)
    before = await everything(desk, [target, *sources])
    for mark in (VISITOR, OTHER_VISITOR):
        await desk.bring(None, None, visitor=mark, **ALINE)
    first, last = (sources[place] for place in order)
    assert (await desk.fields(target)).f_ville == "Percé"
    await undo(desk, first)
    kept = "Percé" if last == sources[1] else "Laval"
    assert (await desk.fields(target)).f_ville == kept, "of the one that still is she"
    (row,) = await desk.rows("SELECT since FROM list_members WHERE lead_id = :i", i=target)
    assert row.since == sources.index(last)
    await undo(desk, last)
    after = await everything(desk, [target, *sources])
    for name in ("leads", "field_proofs", "list_members", "interests"):
        assert after[name] == before[name], name
