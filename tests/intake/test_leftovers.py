"""What comes in and finds no place on its lead is kept, counted, shown, and forgotten in its time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from relance.values import Several
from server.housekeeping import sweep
from server.intake.intake import Intake
from server.plugins import load_plugins
from server.reports.timeline import timeline
from server.store import leftovers
from server.store.store import Store

WHO = Identities(email="aline@exemple.ca")
MARK = Identities(visitor="v" * 24)


def fact(fields: dict[str, Any], who: Identities = WHO, *events: NewEvent) -> Incoming:
    return Incoming("form:contact", who, fields, events)


async def kept(store: Store) -> list[tuple[Any, ...]]:
    query = "SELECT field, reason, value, times FROM leftovers ORDER BY field, reason"
    async with store.read() as conn:
        return [tuple(row) for row in await conn.execute(text(query))]


@pytest.fixture
async def intake(store: Store, clock: VirtualClock) -> Intake:
    async with store.write() as conn:
        await store.fields.declare(
            conn, [("sport", "choix", ("Vélo", "Ski")), ("enfants", "nombre", ())]
        )
    return Intake(store, clock)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"sport": "Golf"}, ("sport", "choice", "Golf", 1)),
        ({"enfants": "plusieurs"}, ("enfants", "number", "plusieurs", 1)),
        ({"date de naissance": "bientôt"}, ("date de naissance", "date", "bientôt", 1)),
        ({"cellulaire": "demain"}, ("cellulaire", "phone", "demain", 1)),
        ({"enfants": Several(("1", "2"))}, ("enfants", "several", "1", 1)),
        ({"taille": "M"}, ("taille", "unknown", "M", 1)),
    ],
)
async def test_a_value_without_a_place_is_kept_with_its_reason(
    store: Store, intake: Intake, fields: dict[str, Any], left: tuple[Any, ...]
) -> None:
    await intake.record([fact(fields)])
    assert await kept(store) == [left]


async def test_a_name_that_found_no_place_finds_one_once_its_field_is_declared(
    store: Store, intake: Intake
) -> None:
    await intake.record([fact({"taille": "M"})])
    async with store.write() as conn:
        await store.fields.declare(conn, [("Taille", "texte", ())])
    await intake.record([fact({"taille": "L"})])
    assert [row[2:] for row in await kept(store)] == [("M", 1)]
    async with store.read() as conn:
        assert await conn.scalar(text("SELECT f_taille FROM leads")) == "L"


async def test_what_is_right_empty_or_kept_by_its_event_leaves_nothing(
    store: Store, intake: Intake
) -> None:
    event = NewEvent("form_submitted", "Contact", properties={"Taille": "M"})
    fields = {"sport": "ski", "enfants": "", "ville": None, "Taille": "M", "nom": "Roy"}
    await intake.record([fact(fields, WHO, event)])
    assert await kept(store) == []


async def test_the_same_again_counts_up_and_shows_the_last(store: Store, intake: Intake) -> None:
    for value in ("Golf", "Golf", "Tennis"):
        await intake.record([fact({"sport": value})])
    await intake.record([fact({"sport": "Golf"}, Identities(email="b@exemple.ca"))])
    async with store.read() as conn:
        (group,) = await leftovers.groups(conn)
    assert (group.times, group.leads, group.lead_id) == (4, 2, 2)
    assert (await kept(store))[0] == ("sport", "choice", "Tennis", 3)


async def test_an_address_of_nobody_is_told_with_the_name_it_came_under(
    store: Store, intake: Intake
) -> None:
    event = NewEvent("form_submitted", "Contact", properties={"champ 3": "z@exemple.ca"})
    await intake.record([fact({}, MARK, event)])
    assert await kept(store) == [("champ 3", "anonymous", "z@exemple.ca", 1)]
    await intake.record([fact({}, WHO, event)])
    assert len(await kept(store)) == 1


async def test_a_form_no_rule_hears_is_counted_by_its_name(store: Store, intake: Intake) -> None:
    intake.hears = lambda event: event.subject_key == "infolettre"
    for name in ("Infolettre", "Concours", "Concours"):
        await intake.record([fact({}, WHO, NewEvent("form_submitted", name))])
    assert await kept(store) == [("Concours", "unheard", "Concours", 2)]


async def test_the_lead_s_own_story_says_it(store: Store, intake: Intake) -> None:
    (receipt,) = await intake.record([fact({"sport": "Golf"})])
    lines = await timeline(store, receipt.lead_id, load_plugins().glossary)
    (line,) = [one for one in lines if one.kind == "leftover"]
    assert "Golf" in line.text
    assert "choix" in line.reason


async def test_a_stranger_leaves_little_and_not_for_long(
    store: Store, intake: Intake, clock: VirtualClock
) -> None:
    await intake.record([fact({f"inconnu {n}": "x" * 4_000 for n in range(90)})])
    rows = await kept(store)
    assert len(rows) == leftovers.MOST_OF_A_FACT
    assert max(len(row[2]) for row in rows) <= 200
    clock.advance(timedelta(days=31))
    await sweep(store, clock)
    assert await kept(store) == []


async def test_only_so_many_are_kept(
    store: Store, intake: Intake, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "MOST_KEPT", 3)
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        await intake.record([fact({f"inconnu {number}": "x"})])
    await sweep(store, clock)
    assert [row[0] for row in await kept(store)] == ["inconnu 2", "inconnu 3", "inconnu 4"]


async def test_a_lead_found_to_be_another_brings_what_it_left(store: Store, intake: Intake) -> None:
    await intake.record([fact({"sport": "Golf"}, MARK)])
    (receipt,) = await intake.record([fact({}, Identities(email="a@b.ca", visitor="v" * 24))])
    async with store.read() as conn:
        assert [row.value for row in await leftovers.of_lead(conn, receipt.lead_id)] == ["Golf"]
