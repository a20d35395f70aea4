"""A base of an earlier version, brought to the present one, keeps what it held."""

from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.testing import VirtualClock
from server.store.migrate import migrate
from server.store.store import Store
from server.store.versions import config, head

SCORED = "INSERT INTO leads (id, created_at, score) VALUES (1, 5, 40), (2, 6, 0)"


SILENCED = (
    "INSERT INTO suppressions (channel, address_key, reason, at) VALUES "
    "('email', 'a@exemple.ca', 'rebond : 550 user unknown', 5), "
    "('email', 'b@exemple.ca', 'désabonnement', 5), "
    "('sms', '+15145551234', 'le fournisseur répond 30005', 5), "
    "('sms', '+15145551235', 'le fournisseur répond 21610', 5)"
)


def asynchronous(url: str) -> str:
    """The address with the driver that awaits."""
    return url.replace("sqlite://", "sqlite+aiosqlite://").replace(
        "postgresql://", "postgresql+asyncpg://"
    )


async def upgraded(empty_url: str, version: str, before: str, query: str) -> list[tuple[Any, ...]]:
    """What a base of that version, where `before` was done, answers once brought to the present."""
    engine = create_async_engine(asynchronous(empty_url))
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), version))
        for statement in before.split(";\n"):
            await conn.execute(text(statement))
    async with engine.begin() as conn:
        await conn.run_sync(migrate)
        found = [tuple(row) for row in await conn.execute(text(query))]
    await engine.dispose()
    return found


async def test_the_points_leads_had_before_there_was_a_history_are_its_first_row(
    empty_url: str,
) -> None:
    query = "SELECT lead_id, at, delta, reason FROM points"
    found = await upgraded(empty_url, "0002", SCORED, query)
    assert found == [(1, 5, 40, "Avant l’historique")]


async def test_addresses_silenced_by_a_server_are_told_from_those_by_the_person(
    empty_url: str,
) -> None:
    query = "SELECT address_key FROM suppressions WHERE asked ORDER BY address_key"
    found = await upgraded(empty_url, "0003", SILENCED, query)
    assert found == [("+15145551235",), ("b@exemple.ca",)]


PROGRAM = (
    '["Program","Essai",null,"UTC",null,null,["Reentry","NEVER"],null,null,["()"],["()"],["()",'
    '["Act","a",["Place",1,"ici"],["()"],1],'
    '["Pause","p",["Place",1,"ici"],["WaitUntil",["Field","fin"],["time","09:00:00"],-1],2]],0]'
)
CAMPAIGN = "INSERT INTO campaigns (id, key, name, active) VALUES (3, 'essai', 'Essai', true)"
VERSION = (
    "INSERT INTO versions (id, campaign_id, hash, program, source, published_at) "
    f"VALUES (7, 3, 'h', '{PROGRAM}', '', 5)"
)
RESTING = (
    "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
    "entered_at, since_at, since_event) VALUES (1, 3, 1, 7, true, 1, 2, 5, 5, 0), "
    "(2, 3, 1, 7, true, 0, 2, 5, 5, 0), (3, 3, 1, 7, false, 1, 2, 5, 5, 0)"
)


async def test_those_who_rest_until_the_day_of_a_field_hear_of_its_changes(empty_url: str) -> None:
    before = f"{CAMPAIGN};\n{VERSION};\n{RESTING}"
    found = await upgraded(empty_url, "0014", before, "SELECT * FROM waits")
    assert found == [(1, "lead_updated", 3, 1)]


async def test_what_waited_for_the_engine_waits_still_and_nothing_else_does(
    empty_url: str,
) -> None:
    event = "INSERT INTO events (lead_id, type, id, subject_key, occurred_at, received_at, pending)"
    before = (
        f"{event} VALUES (1, 'custom', 7, 'achat', 5, 5, true), (1, 'custom', 6, 'achat', 5, 5, false), "
        "(2, 'lead_updated', 8, NULL, 5, 5, true)"
    )
    query = "SELECT lead_id, id, type, subject_key FROM inbox ORDER BY id"
    found = await upgraded(empty_url, "0063", before, query)
    assert found == [(1, 7, "custom", "achat"), (2, 8, "lead_updated", None)]


def test_the_last_migration_is_the_one_alembic_goes_to() -> None:
    assert head() == ScriptDirectory.from_config(config()).get_current_head()


async def test_a_base_of_the_present_version_is_opened_without_alembic(
    store_url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "upgrade", None)
    await (await Store.open(store_url, clock)).close()


ENDING = PROGRAM.replace('"UTC",null,null', '"UTC",null,["date","2026-12-31"]')
ENDING_VERSION = VERSION.replace(PROGRAM, ENDING)
IN_PERIOD = (
    "UPDATE enrolments SET expires_at = 90, deadline = 95, wake_at = 90 WHERE lead_id = 1;\n"
    "UPDATE enrolments SET expires_at = 90, deadline = 80, wake_at = 80 WHERE lead_id = 2"
)


async def test_those_who_were_to_leave_as_the_period_ends_stay(empty_url: str) -> None:
    before = f"{CAMPAIGN};\n{ENDING_VERSION};\n{RESTING};\n{IN_PERIOD}"
    query = "SELECT lead_id, wake_at, expires_at FROM enrolments WHERE active ORDER BY lead_id"
    found = await upgraded(empty_url, "0025", before, query)
    assert found == [(1, 95, None), (2, 80, None)]


async def test_merges_decide_by_the_priority_that_programs_said_before_it_was_kept_beside(
    empty_url: str,
) -> None:
    program = '{"format": 3, "value": {"@": "Program", "group": "Ventes", "priority": 7}}'
    campaign = (
        "INSERT INTO campaigns (id, key, name, present, version_id, exclusive_group) "
        "VALUES (3, 'essai', 'Essai', true, 7, 'ventes')"
    )
    before = f"{campaign};\n{VERSION.replace(PROGRAM, program)}"
    found = await upgraded(empty_url, "0045", before, "SELECT priority FROM campaigns")
    assert found == [(7,)]


SENT = (
    "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
    "created_at) VALUES (2, 3, 1, 2, 0, 'email', 'Tarifs', 'sent', 6), "
    "(9, 3, 1, 2, 0, 'email', 'Perdu', 'sent', 6)"
)
DECIDED = (
    "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, cause) VALUES "
    "(2, 3, 1, 2, 7, 6, 'acted', 'move'), (2, 3, 1, 3, 8, 6, 'acted', 'move')"
)
#: Lead 1, to whom it was sent, has become lead 2 since.
READ = (
    "INSERT INTO leads (id, created_at, score, merged_into) VALUES (1, 5, 0, 2), (2, 5, 0, NULL);\n"
    "INSERT INTO message_marks (key, kind, campaign_id, channel, message, at) VALUES "
    "('1.3.4.2.0.6', 'read', 3, 'email', 'Tarifs', 9), "
    "('9.3.1.2.0.6', 'read', 3, 'email', 'Perdu', 9), ('?', 'read', 3, 'email', 'Perdu', 9)"
)


async def test_messages_of_before_are_of_the_version_that_the_journal_knows(empty_url: str) -> None:
    before = f"{SENT};\n{DECIDED};\n{READ}"
    query = (
        "SELECT message, version_id FROM outbox UNION ALL SELECT key, version_id FROM message_marks"
    )
    found = await upgraded(empty_url, "0050", before, query)
    assert sorted(found) == [
        *(("1.3.4.2.0.6", 7), ("9.3.1.2.0.6", None), ("?", None)),
        *(("Perdu", None), ("Tarifs", 7)),
    ]
