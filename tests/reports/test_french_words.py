"""Dates, numbers and durations read as a French speaker writes them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from relance.values import Duration, Percentage
from server.plugins import load_plugins
from server.reports import french


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 12, 1), "1er déc. 2026"),
        (date(2026, 8, 24), "24 août 2026"),
        (time(9, 3), "9 h 03"),
        (time(21, 0), "21 h"),
        (1234567, "1 234 567"),
        (Decimal("1234.50"), "1 234,5"),
        (100, "100"),
        (True, "oui"),
        (None, "vide"),
        (Percentage(Decimal(25)), "25 %"),
        (Duration(days=1), "1 jour"),
        (Duration(months=2, days=3), "2 mois et 3 jours"),
        (Duration(seconds=9000), "2 heures et 30 minutes"),
        ("Montréal", "Montréal"),
    ],
)
def test_a_value_reads_as_french(value: object, text: str) -> None:
    assert plain(french.value(value)) == text


def test_an_instant_is_told_in_the_zone_of_the_reader() -> None:
    at = datetime(2026, 12, 2, 14, 3, tzinfo=UTC)
    assert plain(french.instant(at, ZoneInfo("America/Montreal"))) == "2 déc. 2026 à 9 h 03"
    assert plain(french.instant(at, ZoneInfo("Europe/Paris"))) == "2 déc. 2026 à 15 h 03"


def test_zero_and_one_are_singular() -> None:
    assert plain(french.count(0, "lead")) == "0 lead"
    assert plain(french.count(1, "lead")) == "1 lead"
    assert plain(french.count(2, "lead")) == "2 leads"


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("email", "Message « Rappel » : envoyé"),
        ("sms", "SMS « Rappel » : envoyé"),
        ("push", "Notification « Rappel » : envoyée"),
        ("crm", "Synchronisation au CRM : faite"),
        ("alert", "Alerte « Rappel » à Zoé : envoyée"),
        ("pigeon", "Message « Rappel » : envoyé"),
    ],
)
def test_what_left_is_named_for_what_it_is(channel: str, sentence: str) -> None:
    recipient = "Zoé" if channel == "alert" else None
    assert plain(load_plugins().glossary.message(channel, "Rappel", recipient, "sent")) == sentence
