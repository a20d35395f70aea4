"""Whoever adds a table says what it holds of a person: else she could be neither told nor forgotten."""

from server.rights.holdings import HOLDINGS, IMPERSONAL
from server.rights.sections import LEFT_OUT, SECTIONS
from server.store.schema.metadata import metadata

#: Those whose rows of a lead are found in another way, as their reason says.
_APART = {"leads", "receipts"}


def test_every_table_says_what_it_holds_of_a_person() -> None:
    named = {one.table for one in HOLDINGS}
    assert named | set(IMPERSONAL) == set(metadata.tables)
    assert not named & set(IMPERSONAL)


def test_what_is_held_of_a_person_is_told_to_her_or_said_to_tell_nothing() -> None:
    assert SECTIONS.keys() | LEFT_OUT.keys() == {one.table for one in HOLDINGS}
    assert not SECTIONS.keys() & LEFT_OUT.keys()


def test_no_table_with_the_number_of_a_lead_is_said_to_be_of_nobody() -> None:
    leads = [name for name in IMPERSONAL if "lead_id" in metadata.tables[name].c]
    assert set(leads) <= _APART
