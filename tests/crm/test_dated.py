"""Facts that say since when they hold: the latest one wins, in whatever order they come."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.testing import VirtualClock
from server.intake.intake import Intake
from server.store.store import Store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WHO = Identities(email="aline@exemple.ca")


def said(city: str, hours: int, source: str = "crm", who: Identities = WHO, **more) -> Incoming:
    at = NOON + timedelta(hours=hours)
    return Incoming(source, who, {"ville": city, **more}, as_of=at, proof=Proof.SIGNED)


async def city(store: Store) -> list[str | None]:
    table = store.fields.table
    query = select(table.c.f_ville).where(table.c.merged_into.is_(None))
    async with store.read() as conn:
        return list((await conn.execute(query)).scalars())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_whatever_the_order_the_latest_stays(
    store: Store, clock: VirtualClock, order: tuple[int, ...]
) -> None:
    intake = Intake(store, clock)
    for hours in order:
        await intake.record([said(f"ville {hours}", hours)])
    assert await city(store) == ["ville 2"]


async def test_together_or_alone_it_is_the_same(store: Store, clock: VirtualClock) -> None:
    await Intake(store, clock).record([said("tard", 2), said("tôt", 1)])
    assert await city(store) == ["tard"]


async def test_each_field_has_its_own_date(store: Store, clock: VirtualClock) -> None:
    intake = Intake(store, clock)
    await intake.record([said("Laval", 2)])
    (receipt,) = await intake.record([said("Québec", 1, prénom="Aline")])
    table = store.fields.table
    async with store.read() as conn:
        row = (await conn.execute(select(table).where(table.c.id == receipt.lead_id))).one()
    assert (row.f_ville, row.f_prenom) == ("Laval", "Aline")


async def test_the_date_counts_whoever_tells_and_what_has_none_is_of_now(
    store: Store, clock: VirtualClock
) -> None:
    clock.set(NOON + timedelta(days=1))
    intake = Intake(store, clock)
    await intake.record([said("Laval", 9)])
    await intake.record([said("Québec", 1, source="autre")])
    assert await city(store) == ["Laval"]
    await intake.record([Incoming("autre", WHO, {"ville": "Gaspé"}, proof=Proof.SIGNED)])
    assert await city(store) == ["Gaspé"]


async def test_of_one_instant_what_is_received_last_stays(
    store: Store, clock: VirtualClock
) -> None:
    intake = Intake(store, clock)
    await intake.record([said("première", 1)])
    await intake.record([said("seconde", 1)])
    assert await city(store) == ["seconde"]


async def test_leads_made_one_keep_the_dates_of_both(store: Store, clock: VirtualClock) -> None:
    intake = Intake(store, clock)
    phone = Identities(phone="514 555-0101")
    await intake.record([said("par téléphone", 5, who=phone)])
    await intake.record([said("par courriel", 1)])
    both = Identities(email="aline@exemple.ca", phone="514 555-0101")
    await intake.record([said("trop tard", 3, who=both)])
    assert "trop tard" not in await city(store)
