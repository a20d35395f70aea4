"""A fact told again in another spelling is the same fact; another fact under its key is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from relance.events import NewEvent
from relance.host import Clock, Identities, Incoming
from relance.values import Amount, Several
from server.intake.canon import _former_hash
from server.intake.intake import Intake
from server.store.store import Store

AT = datetime(2026, 3, 1, 15, tzinfo=UTC)


def fact_of(
    email: str = "aline@exemple.ca",
    fields: dict[str, Any] | None = None,
    properties: dict[str, Any] | None = None,
    subject: str = "Vélo",
    at: datetime | None = AT,
    source: str = "events",
) -> Incoming:
    event = NewEvent(
        "purchase", subject, properties=properties or {}, occurred_at=at, amount=Amount(Decimal(5))
    )
    return Incoming(source, Identities(email=email), fields or {}, (event,), "K-1")


SAME: Sequence[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"email": "Aline@Exemple.CA"}, {}),
    ({"subject": "VÉLO"}, {"subject": " vélo "}),
    ({"properties": {"a": 1, "b": 2}}, {"properties": {"b": 2, "a": 1}}),
    ({"properties": {"Montant": "42,50"}}, {"properties": {"montant": 42.5}}),
    ({"properties": {"montant": 42}}, {"properties": {"montant": "42.00"}}),
    ({"properties": {"n": None}}, {}),
    ({"properties": {"o": {"x": 1, "y": "A"}}}, {"properties": {"o": {"y": "a", "x": 1.0}}}),
    (
        {"properties": {"date": "2026-03-01T10:00:00-05:00"}},
        {"properties": {"date": "2026-03-01T15:00:00Z"}},
    ),
    (
        {"properties": {"date": "2026-03-01T10:00:00"}},
        {"properties": {"date": "2026-03-01T15:00:00+00:00"}},
    ),
    ({"at": AT}, {"at": AT.astimezone(timezone(timedelta(hours=-5)))}),
    ({"fields": {"Ville": "Lévis"}}, {"fields": {"ville": "LÉVIS"}}),
]
OTHER: Sequence[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"email": "bob@exemple.ca"}, {}),
    ({"subject": "Ski"}, {}),
    ({"properties": {"montant": 42}}, {"properties": {"montant": 43}}),
    ({"properties": {"code": "007"}}, {"properties": {"code": "7"}}),
    ({"fields": {"ville": "Lévis"}}, {"fields": {"ville": "Laval"}}),
    (
        {"properties": {"date": "2026-03-01T10:00:00-05:00"}},
        {"properties": {"date": "2026-03-01T10:00:00Z"}},
    ),
    ({"fields": {"v": Several(("a", "b"))}}, {"fields": {"v": Several(("b", "a"))}}),
]


@pytest.mark.parametrize(("first", "again"), SAME)
async def test_the_same_fact_spelled_otherwise_is_received_already(
    store: Store, clock: Clock, first: dict[str, Any], again: dict[str, Any]
) -> None:
    intake = Intake(store, clock)
    await intake.record([fact_of(**first)])
    for telling in (again, first):
        receipt = (await intake.record([fact_of(**telling)]))[0]
        assert (receipt.duplicate, receipt.conflict) == (True, False)


@pytest.mark.parametrize(("first", "again"), OTHER)
async def test_another_fact_under_the_same_key_is_told(
    store: Store, clock: Clock, first: dict[str, Any], again: dict[str, Any]
) -> None:
    intake = Intake(store, clock)
    await intake.record([fact_of(**first)])
    assert (await intake.record([fact_of(**again)]))[0].conflict


async def test_what_was_received_before_is_held_to_the_hash_of_then(
    store: Store, clock: Clock
) -> None:
    intake = Intake(store, clock)
    fact = fact_of(properties={"montant": "42"})
    await intake.record([fact])
    async with store.write() as conn:
        await conn.execute(text("UPDATE receipts SET body_hash = :h"), {"h": _former_hash(fact)})
    assert not (await intake.record([fact]))[0].conflict
    assert (await intake.record([fact_of(properties={"montant": "43"})]))[0].conflict
