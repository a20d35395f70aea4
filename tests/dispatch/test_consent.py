"""Consent at the door: nothing of marketing leaves that the person did not agree to, as is asked."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from relance.consent import IMPORTED, Basis, given, withdrawn
from relance.events import NewEvent
from relance.nature import Nature
from relance.proof import Proof
from relance.testing import FakeChannel
from server.dispatch.dispatch import Dispatch
from server.dispatch.terms import Terms
from server.store.arrivals import EventRow, insert_events
from server.store.instants import to_micros
from tests.dispatch.outbox import Noticed, Outbox

NOW = datetime.fromisoformat("2026-12-01T12:00:00-05:00")
YES, REQUEST = given(Basis.EXPRESS, None, "form:A"), given(Basis.IMPLIED, None, "form:A")
NO = withdrawn(None, "lien")
NUMBERS = count(1)


def of_channel(channel: str) -> NewEvent:
    return given(Basis.EXPRESS, channel, "form:A")


def until(**later: float) -> NewEvent:
    return given(Basis.EXPRESS, None, "form:A", until=NOW + timedelta(**later))


BY_FILE = given(Basis.EXPRESS, None, f"{IMPORTED}salon.csv")
TO_CONFIRM = given(Basis.EXPRESS, None, "form:A", to_confirm=True)


async def happens(outbox: Outbox, lead: int, event: NewEvent, at: datetime) -> None:
    row = EventRow(
        *(lead, event.type, next(NUMBERS), to_micros(at), to_micros(at)),
        subject=event.subject,
        context=event.context,
        properties=json.dumps(dict(event.properties or {})),
    )
    async with outbox.store.write() as conn:
        await insert_events(conn, [row], silent=[lead])


@pytest.mark.parametrize("known", [False, True])
async def test_a_turn_looks_for_consents_only_where_somebody_s_is_known(
    outbox: Outbox, *, known: bool
) -> None:
    if known:
        await happens(outbox, 2, YES, NOW)
    await outbox.put(1, "Promotion")
    asked: list[str] = []

    def heard(*given: Any) -> None:
        asked.append(given[2])

    async with outbox.store.write() as conn:
        sql_event.listen(conn.sync_connection, "before_cursor_execute", heard)
        taken = await outbox.claims().claim(conn, NOW + timedelta(days=1), 8)
    assert len(taken) == 1
    assert any("FROM events" in one for one in asked) is known


@pytest.mark.parametrize(
    ("ledger", "proof", "leaves"),
    [
        ((), Proof.TEAM, False),
        ((YES,), Proof.TEAM, True),
        ((REQUEST,), Proof.TEAM, False),
        ((YES, NO), Proof.TEAM, False),
        ((YES, NO, YES), Proof.TEAM, True),
        ((YES, NO, BY_FILE), Proof.TEAM, False),
        ((BY_FILE,), Proof.TEAM, True),
        ((of_channel("sms"),), Proof.TEAM, False),
        ((of_channel("email"),), Proof.TEAM, True),
        ((until(days=-1),), Proof.TEAM, False),
        ((until(days=1),), Proof.TEAM, True),
        ((TO_CONFIRM,), Proof.STATED, False),
        ((TO_CONFIRM,), Proof.CONFIRMED, True),
    ],
)
async def test_a_message_that_nobody_agreed_to_is_refused_at_the_door(
    outbox: Outbox,
    intake: Noticed,
    ledger: Sequence[NewEvent],
    proof: Proof,
    leaves: bool,
) -> None:
    outbox.clock.set(NOW)
    await outbox.lead(7, "zoe@exemple.ca", proof=int(proof))
    for at, event in enumerate(ledger):
        await happens(outbox, 7, event, NOW - timedelta(days=9 - at))
    states = await dispatched(outbox, intake, Terms(consent=Basis.EXPRESS))
    assert states == ["sent" if leaves else "unconsented"]


async def dispatched(outbox: Outbox, intake: Noticed, terms: Terms) -> list[str]:
    channel = FakeChannel()
    await outbox.put(7, "Offre")
    await Dispatch(outbox.store, outbox.clock, [channel], intake, terms).drain()
    states = await outbox.states()
    assert len(channel.attempts) == states.count("sent")
    return states


@pytest.mark.parametrize("ledger", [(YES, NO), (YES, NO, BY_FILE), (NO, TO_CONFIRM, BY_FILE)])
async def test_a_refusal_stops_marketing_even_where_nothing_is_asked(
    outbox: Outbox, intake: Noticed, ledger: Sequence[NewEvent]
) -> None:
    outbox.clock.set(NOW)
    await outbox.lead(7, "zoe@exemple.ca", proof=int(Proof.STATED))
    for at, event in enumerate(ledger):
        await happens(outbox, 7, event, NOW - timedelta(days=9 - at))
    assert await dispatched(outbox, intake, Terms()) == ["unconsented"]


async def test_a_form_filled_again_confirms_nothing_for_who_is_known_by_it_alone(
    outbox: Outbox, intake: Noticed
) -> None:
    came = NOW - timedelta(days=1)
    outbox.clock.set(NOW)
    unknown = {"proof": int(Proof.STATED), "created_at": to_micros(came)}
    await outbox.lead(7, "zoe@exemple.ca", **unknown)
    for at in (came, NOW):
        await happens(outbox, 7, TO_CONFIRM, at)
    assert await dispatched(outbox, intake, Terms()) == ["unconsented"]
    await outbox.lead(8, "zoe.connue@exemple.ca", **unknown)
    await happens(outbox, 8, TO_CONFIRM, NOW)
    await outbox.put(8, "Offre")
    assert await dispatched(outbox, intake, Terms()) == ["unconsented", "sent", "unconsented"]


async def test_a_purchase_is_a_basis_for_two_years_where_that_is_enough(
    outbox: Outbox, intake: Noticed
) -> None:
    outbox.clock.set(NOW)
    await outbox.lead(7, "zoe@exemple.ca")
    terms = Terms(consent=Basis.IMPLIED, implied={"purchase": 24})
    await happens(outbox, 7, NewEvent("purchase", "Vélo"), NOW.replace(year=2024, month=11))
    assert await dispatched(outbox, intake, terms) == ["unconsented"]
    await happens(outbox, 7, NewEvent("purchase", "Pneu"), NOW.replace(year=2025))
    assert await dispatched(outbox, intake, terms) == ["unconsented", "sent"]


async def test_a_message_of_service_leaves_without_any_consent(
    outbox: Outbox, intake: Noticed
) -> None:
    await outbox.lead(7, "zoe@exemple.ca")
    terms = Terms(consent=Basis.EXPRESS, nature=lambda _channel, _message: Nature.SERVICE)
    assert await dispatched(outbox, intake, terms) == ["sent"]
