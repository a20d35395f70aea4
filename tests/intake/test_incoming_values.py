"""What forms say, read as values."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.intake.field_values import read_date, read_number, read_value
from server.store.contacts import email_key, phone_key


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50", Decimal("1234.50")),
        ("1\u202f234,5 $", Decimal("1234.5")),
        ("-3", Decimal(-3)),
        ("1234.5", Decimal("1234.5")),
        ("1_000", None),
        ("1e999999", None),
        ("NaN", None),
        ("", None),
        ("douze", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: Decimal | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("24/12/2026", date(2026, 12, 24)),
        ("2026-02-30", None),
        ("24/12/26", None),
        ("demain", None),
    ],
)
def test_dates_are_read_day_first_or_year_first(text: str, day: date | None) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize("good", ["a@b.ca", "Élodie@exemple.ca", "a.b+c@sous.exemple.com"])
def test_addresses_of_mail_are_recognised(good: str) -> None:
    assert email_key(good)


@pytest.mark.parametrize(
    "bad", ["a..b@c.ca", ".a@c.ca", "a.@c.ca", "a@c", "a@-c.ca", "a@b.ca, c@d.ca", "<a@b.ca>"]
)
def test_what_is_no_address_is_not_recognised(bad: str) -> None:
    assert email_key(bad) is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_without_harm(text: str) -> None:
    for kind in ("texte", "nombre", "montant", "date", "oui/non", "choix", "autre"):
        read_value(text, kind, ("Petit",))
    email_key(text)
    phone_key(text, "CA")
