"""French values, as people write them, and what is said of those that are none."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.language.fr import values
from dsl.language.fr.core_slots import CORE_SLOT_TYPES
from relance.slot import Unreadable
from relance.values import (
    Amount,
    Change,
    Comparator,
    Direction,
    Duration,
    FieldName,
    Percentage,
    Weekday,
)

READ = {kind.name: kind.read for kind in CORE_SLOT_TYPES}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("nombre", "1 234,50", Decimal("1234.50")),
        ("nombre", "1\u202f234\u00a0567", Decimal(1234567)),
        ("nombre", "-5", Decimal(-5)),
        ("pourcentage", "50\u00a0%", Percentage(Decimal(50))),
        ("pourcentage", "12,5 pour cent", Percentage(Decimal("12.5"))),
        ("montant", "49,90 €", Amount(Decimal("49.90"), "EUR")),
        ("montant", "1 000 $", Amount(Decimal(1000), "CAD")),
        ("montant", "50", Amount(Decimal(50), None)),
        ("durée", "3 jours", Duration(days=3)),
        ("durée", "2 h 30", Duration(seconds=9000)),
        ("durée", "2h30", Duration(seconds=9000)),
        ("durée", "1 semaine et 2 jours", Duration(days=9)),
        ("durée", "une semaine", Duration(days=7)),
        ("durée", "1 mois", Duration(months=1)),
        ("durée", "2 ans", Duration(months=24)),
        ("durée", "24 heures", Duration(seconds=86400)),
        ("durée", "3 jour(s)", Duration(days=3)),
        ("date", "2026-12-24", date(2026, 12, 24)),
        ("date", "24 décembre 2026", date(2026, 12, 24)),
        ("date", "1er aou\u0302t 2026", date(2026, 8, 1)),
        ("date", "24/12/2026", date(2026, 12, 24)),
        ("heure", "9 h 30", time(9, 30)),
        ("heure", "9h", time(9)),
        ("heure", "09:30", time(9, 30)),
        ("heure", "minuit", time(0)),
        ("jour", "Lundi", Weekday.MONDAY),
        ("comparateur", "supérieures à", Comparator.GREATER),
        ("comparateur", "plus grande que", Comparator.GREATER),
        ("comparateur", "plus de", Comparator.GREATER),
        ("comparateur", ">=", Comparator.AT_LEAST),
        ("comparateur", "au moins", Comparator.AT_LEAST),
        ("comparateur", "égales à", Comparator.EQUAL),
        ("comparateur", "différent de", Comparator.DIFFERENT),
        ("comparateur", "au plus", Comparator.AT_MOST),
        ("comparateur", "moins de", Comparator.LESS),
        ("direction", "avant", Direction.BEFORE),
        ("direction", "plus grande", Direction.AFTER),
        ("changement", "+10", Change(10)),
        ("changement", "- 5", Change(-5)),
        ("changement", "=50", Change(50, absolute=True)),
        ("changement", "=-5", Change(-5, absolute=True)),
        ("champ", " date  de naissance ", FieldName("date de naissance")),
        ("moment", "2026-12-24", date(2026, 12, 24)),
        ("moment", "date de naissance", FieldName("date de naissance")),
        ("depuis", "30 jours", Duration(days=30)),
        ("depuis", "1er août 2026", date(2026, 8, 1)),
    ],
)
def test_a_value_is_read_by_its_slot_type(kind: str, text: str, value: Any) -> None:
    assert READ[kind](text) == value


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("nombre", "3.5", "3,5"),
        ("nombre", "beaucoup", "1 234,50"),
        ("nombre", "9" * 40, "1 234,50"),
        ("pourcentage", "120 %", "50\u00a0%"),
        ("montant", "50 yens", "49,90"),
        ("pourcentage", "33.3 %", "33,3"),
        ("changement", "+3.5", "+10"),
        ("durée", "1,5 jour", "1 jour et 12 heures"),
        ("durée", "3", "3 jours"),
        ("durée", "bientôt", "3 jours"),
        ("durée", "", "3 jours"),
        ("date", "24/12/26", "2026-12-24"),
        ("date", "24 décembre 26", "2026-12-24"),
        ("date", "24 décembre", "24 décembre 2026"),
        ("date", "31 février 2028", "2028-02-29"),
        ("date", "Noël", "2026-12-24"),
        ("heure", "25 h", "9 h 30"),
        ("heure", "9:", "9 h 30"),
        ("jour", "lundredi", "lundi"),
        ("comparateur", "mieux que", "supérieur à"),
        ("direction", "pendant", "avant ou après"),
        ("changement", "10", "+10"),
        ("moment", "24/12/26", "2026-12-24"),
        ("depuis", "Noël", "30 jours"),
    ],
)
def test_what_is_no_value_is_told_with_what_to_write(kind: str, text: str, said: str) -> None:
    read = READ[kind](text)
    assert isinstance(read, Unreadable)
    assert read.reason
    assert said in (read.instead or "")


def test_a_day_of_the_week_must_be_that_of_the_date() -> None:
    assert values.day("jeudi 24 décembre 2026") == date(2026, 12, 24)
    read = values.day("mardi 24 décembre 2026")
    assert isinstance(read, Unreadable)
    assert "est un jeudi" in read.reason


def test_a_french_date_may_have_hyphens() -> None:
    assert values.day("24-12-2026") == date(2026, 12, 24)


@pytest.mark.parametrize("text", ["30 février 2026", "31/11/2026", "2026-02-29"])
def test_a_date_that_does_not_exist_is_named(text: str) -> None:
    read = values.day(text)
    assert isinstance(read, Unreadable)
    assert "n’existe pas" in read.reason


@given(st.sampled_from(sorted(READ)), st.text(max_size=40))
def test_any_text_is_a_value_or_unreadable(kind: str, text: str) -> None:
    READ[kind](text)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_is_read_in_all_its_writings(day: date) -> None:
    assert values.day(day.isoformat()) == day
    assert values.day(f"{day.day}/{day.month}/{day.year}") == day


@given(st.integers(0, 10**12))
def test_a_number_is_read_with_its_groups(number: int) -> None:
    assert values.number(f"{number:,}".replace(",", "\u202f")) == number
