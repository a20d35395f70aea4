"""Every fact of the contract, asked of real leads on both stores."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsl.program import END, Act, Decide, Step
from relance.effects import Send
from relance.events import EventPattern, PropertyTest
from relance.facts import (
    Age,
    All,
    AnyOf,
    AtStep,
    Birthday,
    Compare,
    Contains,
    Count,
    DaysUntil,
    Draw,
    Entered,
    Events,
    Field,
    Happened,
    HasTag,
    InList,
    IsEmpty,
    Leaf,
    Literal,
    MinutesSince,
    Not,
    Score,
    SinceAgo,
    SinceDate,
    SinceEntry,
    SinceStep,
)  # fmt: skip
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Amount, Comparator, Duration
from server.reports.glossary import BARE
from server.reports.verdict import verify
from server.store.fields import column_of
from server.store.store import Store
from tests.engine.world import HERE, World, program

EQ, GT, GE, LT, NE = (
    Comparator.EQUAL,
    Comparator.GREATER,
    Comparator.AT_LEAST,
    Comparator.LESS,
    Comparator.DIFFERENT,
)


async def answer(world: World, condition: Any, lead: int, **options: Any) -> bool:
    """What a decision on that condition says of a lead that has just entered."""
    yes = Act("oui", HERE, (Send("email", "oui"),), END)
    number = int(world.store.ids.next())
    leaf = Leaf(Said("la question"), condition)
    await world.publish(
        program(
            Step("s", HERE, "Début", 1),
            Decide("d", HERE, leaf, 2, END),
            yes,
            name=f"Question {number}",
            **options,
        )
    )
    await world.event(lead)
    await world.settle()
    assert not world.engine.quarantine
    decided = [row for row in await world.journal(lead) if row.kind == "decided"][-1]
    assert decided.leaves.replace(" ", "").startswith(f"[[{decided.branch},")
    assert bool(decided.branch) == ("oui" in await world.sent(lead))
    return bool(decided.branch)


def compare(left: Any, comparator: Comparator, value: Any) -> Compare:
    return Compare(left, comparator, value if isinstance(value, Field) else Literal(value))


FIELDS: list[tuple[dict[str, Any], Any, bool]] = [
    ({"ville": "Montréal"}, compare(Field("ville"), EQ, "MONTREAL"), True),
    ({"ville": "Montréal"}, compare(Field("Ville"), NE, "montréal"), False),
    ({}, compare(Field("ville"), EQ, "x"), False),
    ({}, Not(compare(Field("ville"), EQ, "x")), True),
    ({}, compare(Field("ville"), NE, "x"), False),
    ({"prénom": "Zoé", "nom": "ZOE"}, compare(Field("prénom"), EQ, Field("nom")), True),
    ({"courriel": "a@Gmail.com"}, Contains(Field("courriel"), "@GMAIL"), True),
    ({"courriel": "100 %_"}, Contains(Field("courriel"), "%_"), True),
    ({"courriel": "100"}, Contains(Field("courriel"), "%"), False),
    ({}, Contains(Field("courriel"), "a"), False),
    ({}, IsEmpty(Field("ville")), True),
    ({"ville": " \u00a0"}, IsEmpty(Field("ville")), True),
    ({"ville": "a"}, IsEmpty(Field("ville")), False),
    ({}, IsEmpty(Field("date de naissance")), True),
    ({"score": 50}, compare(Score(), GT, Decimal(50)), False),
    ({"score": 51}, compare(Score(), GT, 50), True),
    ({"date de naissance": date(2000, 1, 2)}, compare(Age(Field("date de naissance")), EQ, 25), True),
    ({"date de naissance": date(2000, 1, 1)}, compare(Age(Field("date de naissance")), EQ, 26), True),
    ({}, compare(Age(Field("date de naissance")), LT, 200), False),
    ({"date de naissance": date(2026, 1, 4)}, compare(DaysUntil(Field("date de naissance")), EQ, 3), True),
    ({"date de naissance": date(2025, 12, 30)}, compare(DaysUntil(Field("date de naissance")), EQ, -2), True),
    ({}, compare(DaysUntil(date(2026, 1, 11)), EQ, 10), True),
    ({"date de naissance": date(2025, 12, 31)}, compare(MinutesSince(Field("date de naissance")), EQ, 1440), True),
    ({"date de naissance": date(2001, 1, 1)}, Birthday(Field("date de naissance")), True),
    ({"date de naissance": date(2001, 1, 2)}, Birthday(Field("date de naissance")), False),
    ({"date de naissance": date(2001, 1, 3)}, Birthday(Field("date de naissance"), -2), True),
    ({"date de naissance": date(1999, 12, 31)}, Birthday(Field("date de naissance"), 1), True),
    ({"date de naissance": date(2001, 1, 1)}, compare(Field("date de naissance"), EQ, date(2001, 1, 1)), True),
    ({"date de naissance": date(2001, 1, 1)}, compare(Field("date de naissance"), GE, "2001-01-02"), False),
    ({"ville": "a", "score": 3}, All((compare(Field("ville"), EQ, "a"), compare(Score(), EQ, 3))), True),
    ({"ville": "a"}, AnyOf((compare(Field("ville"), EQ, "b"), compare(Score(), EQ, 0))), True),
    ({}, Draw(Decimal(100), "x"), True),
    ({}, Draw(Decimal(0), "x"), False),
    ({}, Entered("Jamais"), False),
    ({}, AtStep("Début"), True),
    ({}, AtStep("Fin"), False),
    ({}, InList("Absents"), False),
    ({}, HasTag("rouge"), False),
]  # fmt: skip

TASTES = Field("goûts")


@pytest.mark.parametrize(
    ("held", "condition", "expected"),
    [
        ("Vélo, Ski de fond", Contains(TASTES, "VELO"), True),
        ("Vélo, Ski de fond", Contains(TASTES, "Ski de fond"), True),
        ("Vélo, Ski de fond", Contains(TASTES, "Ski"), False),
        ("Vélo, Ski de fond", Contains(TASTES, "fond"), False),
        ("Vélo, Ski de fond", Contains(TASTES, "Vélo, Ski de fond"), True),
        ("Vélo, Ski", Contains(TASTES, "Ski, Vélo"), True),
        ("Vélo", Contains(TASTES, "Vélo, Ski"), False),
        ("Vélo", Not(Contains(TASTES, "Ski")), True),
        (None, Contains(TASTES, "Ski"), False),
        (None, Not(Contains(TASTES, "Ski")), True),
        (None, IsEmpty(TASTES), True),
        ("Ski", IsEmpty(TASTES), False),
        ("Vélo, Ski", compare(TASTES, EQ, "vélo, ski"), True),
        ("Vélo, Ski", compare(TASTES, EQ, "Vélo"), False),
    ],
)
async def test_a_multiple_choice_holds_its_elements_whole(
    world: World, held: str | None, condition: Any, expected: bool
) -> None:
    choices = ("Vélo", "Ski", "Ski de fond")
    await world.store.declare_fields([("goûts", "choix multiple", choices)])
    lead = await world.lead(**({"goûts": held} if held else {}))
    assert await answer(world, condition, lead) is expected


@pytest.mark.parametrize(("fields", "condition", "expected"), FIELDS)
async def test_a_condition_on_the_lead_reads_its_fields(
    world: World, fields: dict[str, Any], condition: Any, expected: bool
) -> None:
    assert await answer(world, condition, await world.lead(**fields)) is expected


def on_29_february() -> list[tuple[datetime, bool]]:
    return [
        (datetime(2026, 2, 28, 12, tzinfo=UTC), False),
        (datetime(2027, 3, 1, 12, tzinfo=UTC), True),
        (datetime(2028, 2, 28, 12, tzinfo=UTC), False),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), True),
        (datetime(2028, 3, 1, 12, tzinfo=UTC), False),
    ]


@pytest.mark.parametrize(("now", "expected"), on_29_february())
async def test_29_february_is_kept_on_1_march_in_common_years(
    world: World, now: datetime, expected: bool
) -> None:
    world.clock.set(now)
    lead = await world.lead(**{"date de naissance": date(2000, 2, 29)})
    assert await answer(world, Birthday(Field("date de naissance")), lead) is expected


async def test_an_age_turns_on_1_march_for_those_born_on_29_february(world: World) -> None:
    world.clock.set(datetime(2026, 2, 28, 12, tzinfo=UTC))
    lead = await world.lead(**{"date de naissance": date(2000, 2, 29)})
    assert await answer(world, compare(Age(Field("date de naissance")), EQ, 25), lead)


NOON = datetime(2025, 12, 31, 12, tzinfo=UTC)


def bought(**rest: Any) -> EventPattern:
    return EventPattern("custom", "Achat", **rest)


def where(name: str, comparator: Comparator, value: Any) -> tuple[PropertyTest, ...]:
    return (PropertyTest(name, comparator, value),)


PATTERNS: list[tuple[Any, bool]] = [
    (Happened(Events(bought())), True),
    (Happened(Events(EventPattern("custom", "ACHÂT"))), True),
    (Happened(Events(EventPattern("custom", "Ach*"))), True),
    (Happened(Events(EventPattern("custom", "*hat"))), True),
    (Happened(Events(EventPattern("custom", "hat*"))), False),
    (Happened(Events(EventPattern("custom", "https://x.ca/*"))), True),
    (Happened(Events(EventPattern("custom", "https://x.ca/a_b%c"))), True),
    (Happened(Events(EventPattern("custom", "https://x.ca/a?b*"))), False),
    (Happened(Events(EventPattern("custom", None, "boutique du port"))), True),
    (Happened(Events(EventPattern("custom", None, "ailleurs"))), False),
    (Happened(Events(EventPattern("custom"))), True),
    (Happened(Events(bought()), 2), True),
    (Happened(Events(bought()), 3), False),
    (compare(Count(Events(bought())), EQ, 2), True),
    (Happened(Events(bought(properties=where("montant", GT, Decimal(50))))), True),
    (Happened(Events(bought(properties=where("montant", GT, Amount(Decimal("99.5")))))), False),
    (Happened(Events(bought(properties=where("montant", EQ, Decimal("99.5"))))), True),
    (Happened(Events(bought(properties=where("couleur", EQ, "VERT FONCE")))), True),
    (Happened(Events(bought(properties=where("couleur", GT, Decimal(3))))), False),
    (Happened(Events(bought(properties=where("payé", EQ, True)))), True),
    (Happened(Events(bought(properties=where("absent", EQ, "x")))), False),
    (Happened(Events(bought(), SinceDate(date(2025, 12, 31)))), True),
    (Happened(Events(bought(), SinceDate(date(2026, 1, 1)))), False),
    (Happened(Events(bought(), SinceAgo(Duration(days=1)))), True),
    (Happened(Events(bought(), SinceAgo(Duration(seconds=3600)))), False),
    (Happened(Events(bought(), SinceEntry())), False),
    (Happened(Events(EventPattern("form_submitted"), SinceEntry())), True),
    (Happened(Events(bought(), SinceStep("Début"))), False),
    (Happened(Events(bought(), SinceStep("Inconnue"))), False),
    (compare(MinutesSince(Events(bought())), EQ, 720), True),
    (compare(MinutesSince(Events(EventPattern("jamais"))), GE, 0), False),
]


@pytest.mark.parametrize(("condition", "expected"), PATTERNS)
async def test_a_condition_on_events_reads_its_history(
    world: World, condition: Any, expected: bool
) -> None:
    lead = await world.lead()
    details = {"montant": 99.5, "couleur": "vert foncé", "payé": True, 'a"b': 1}
    for address in ("https://x.ca/a_b%c", None):
        await world.event(
            lead, "custom", "achat",
            address=address, context="Boutique du Port", properties=details, at=NOON,
        )  # fmt: skip
    await world.settle()
    assert await answer(world, condition, lead) is expected


async def test_since_a_step_starts_when_it_is_passed(world: World) -> None:
    lead = await world.lead()
    since = Happened(Events(EventPattern("lead_updated"), SinceStep("Début")))
    assert not await answer(world, since, lead)


async def test_a_declared_number_is_compared_as_a_number(world: World) -> None:
    await world.store.declare_fields([("pointure", "nombre", ()), ("vip", "oui/non", ())])
    lead = await world.lead(pointure=Decimal("9.5"), vip=True)
    big = All((compare(Field("pointure"), LT, Decimal(10)), compare(Field("vip"), EQ, True)))
    assert await answer(world, big, lead)


async def test_a_dynamic_list_is_its_condition(world: World) -> None:
    good, poor = await world.lead(score=80), await world.lead(score=20)
    lists = {"Bons clients": compare(Score(), GT, 50)}
    await world.publish(
        program(
            Decide("d", HERE, InList("bons CLIENTS"), 1, END),
            Act("oui", HERE, (Send("email", "oui"),), END),
        ),
        lists=lists,
    )
    for lead in (good, poor):
        await world.event(lead)
    await world.settle()
    assert (await world.sent(good), await world.sent(poor)) == (["oui"], [])


@given(st.dates(date(1930, 1, 1), date(2010, 12, 31)), st.integers(2015, 2035))
@example(date(2000, 2, 29), 2026)
@example(date(2000, 2, 29), 2027)
@example(date(2000, 2, 29), 2028)
@example(date(2000, 3, 1), 2027)
@settings(max_examples=40, deadline=None)
def test_who_has_a_birthday_is_a_year_older_that_day_and_no_other(born: date, year: int) -> None:
    """Asked of a store itself, day after day around the day."""
    around = date(year, born.month, min(born.day, 28))
    days = [around + timedelta(days=n) for n in range(-2, 4)]
    ages, feasts = asyncio.run(_ages(born, days))
    turns = [after != before for before, after in pairwise(ages)]
    assert turns == feasts[1:]
    assert turns.count(True) == 1


async def _ages(born: date, days: Sequence[date]) -> tuple[list[int], list[bool]]:
    store = await Store.open("sqlite://", VirtualClock())
    field = Field("date de naissance")
    leads = store.fields.table
    async with store.write() as conn:
        values = {column_of(field.name): born}
        await conn.execute(leads.insert().values(created_at=0, **values))
    ages, feasts = [], []
    for day in days:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

        async def holds(condition: Any, now: datetime = noon) -> bool:
            return (await verify(store, condition, 1, now, ZoneInfo("UTC"), BARE)).holds

        most = day.year - born.year
        ages += [n for n in (most - 1, most) if await holds(compare(Age(field), EQ, n))]
        feasts.append(await holds(Birthday(field)))
    await store.close()
    return ages, feasts
