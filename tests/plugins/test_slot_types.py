"""The slot types that plugins bring read any text without failing."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.leads.orders import read_order
from plugins.waits.windows import read_bound
from relance.slot import Unreadable
from relance.values import Comparator, Weekday
from tests.plugins.catalogue import built_in

TYPES = {slot_type.name: slot_type for part in built_in().phrases for slot_type in part.slot_types}


@given(text=st.text())
@pytest.mark.parametrize("name", TYPES)
def test_any_text_is_a_value_or_is_told_unreadable(name, text):
    value = TYPES[name].read(text)
    if isinstance(value, Unreadable):
        assert value.reason
    else:
        assert value


@given(at=st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_time_is_read_in_each_of_its_writings(at):
    for text in (f"{at.hour} h {at.minute:02}", f"{at.hour}h{at.minute:02}", f"{at:%H:%M}"):
        assert read_bound(text) == at


@pytest.mark.parametrize(
    ("text", "value"),
    [("Lundi", Weekday.MONDAY), (" dimanche ", Weekday.SUNDAY), ("9 h", time(9))],
)
def test_a_bound_is_a_day_or_a_time(text, value):
    assert read_bound(text) == value


@pytest.mark.parametrize("text", ["lundimanche", "24 h", "9 h 60", "9", ""])
def test_what_is_neither_is_told(text):
    assert isinstance(read_bound(text), Unreadable)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("avant", Comparator.LESS),
        ("Après", Comparator.GREATER),
        ("plus grande que", Comparator.GREATER),
        ("PLUS PETITE", Comparator.LESS),
        ("égal", Comparator.EQUAL),
        ("antérieure", Comparator.LESS),
    ],
)
def test_an_order_is_read_whatever_the_case_and_the_accents(text, order):
    assert read_order(text) is order
