"""Where the rows of each table would stand, were leads spread over several nodes (Citus).

What is of a lead stands with it, so that a node answers alone for the leads it has. What the rules
say is small, joined by all, and stands on every node. The rest is asked by itself: whole on the
first, or spread by a key of its own where leads and messages fill it.
"""

from enum import Enum

from sqlalchemy import Table

from server.store.schema.metadata import metadata


class Placement(Enum):
    """Which nodes have the rows of a table."""

    BY_LEAD = "by_lead"
    BY_KEY = "by_key"
    EVERYWHERE = "everywhere"
    APART = "apart"


#: Read beside leads, and no longer than the rules are.
_EVERYWHERE = frozenset(
    {
        "campaigns",
        "dynamic_lists",
        "goal_windows",
        "goals",
        "lists",
        "server_settings",
        "split_parts",
        "standing_rules",
        "team",
        "versions",
        "zone_shifts",
    }
)
#: Grown by leads and messages, found by a key that is not a lead's number.
_BY_KEY = {
    "attached": "hash",
    "identities": "value",
    "message_marks": "key",
    "receipts": "key",
    "suppressions": "address_key",
    "tracked_links": "key",
}


def placement(table: Table) -> Placement:
    """Where its rows would stand."""
    if lead_column(table) is not None:
        return Placement.BY_LEAD
    if table.name in _BY_KEY:
        return Placement.BY_KEY
    return Placement.EVERYWHERE if table.name in _EVERYWHERE else Placement.APART


def lead_column(table: Table) -> str | None:
    """The column that tells of which lead a row is, where the key of the table holds it."""
    if table.name == "leads":
        return "id"
    return "lead_id" if "lead_id" in table.primary_key.columns else None


def spread_by(table: Table) -> str | None:
    """The column its rows would be spread by; None of what is whole wherever it is."""
    return lead_column(table) or _BY_KEY.get(table.name)


def placed(where: Placement) -> list[Table]:
    """The tables that would stand so, those that others refer to first."""
    return [table for table in metadata.sorted_tables if placement(table) is where]
