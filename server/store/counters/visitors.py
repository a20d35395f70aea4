"""Who was on the site which day: a row a lead and a day, kept by the database with the pages seen.

How many different people came over a period is no sum of its days. Each row says on which day before
its lead had last come, and so counters tell it all the same: those who came each day of the period,
less those who had come before within it (`server.reports.visitors`).

No two transactions write of the days of one lead at once: whoever writes pages seen, or gives a lead's to
another, has the intake to itself, or holds the lead (`server.store.leads`).
"""

from collections.abc import Sequence

from relance.events import PAGE_VISITED
from server.store.counters.counted import VISITOR_DAYS, day_of

COLUMNS = "lead_id, day, n, previous"


def days_seen() -> str:
    """The query that makes all its rows, of the events."""
    day = day_of("r.occurred_at")
    each = f"SELECT r.lead_id, {day} AS day FROM events r WHERE r.type = '{PAGE_VISITED}'"  # noqa: S608
    by_day = f"SELECT lead_id, day, count(*) AS n FROM ({each}) AS seen GROUP BY lead_id, day"  # noqa: S608
    last = "lag(day) OVER (PARTITION BY lead_id ORDER BY day)"
    return f"SELECT lead_id, day, n, {last} AS previous FROM ({by_day}) AS by_day"  # noqa: S608


def filling() -> str:
    """The statement that fills the table, which is empty."""
    return f"INSERT INTO {VISITOR_DAYS} ({COLUMNS}) {days_seen()}"


def kept_by(dialect: str) -> Sequence[tuple[str, str, str, str]]:
    """What keeps it: for each trigger its name, when it goes off, of which rows, and what it does."""
    new, old = f"NEW.type = '{PAGE_VISITED}'", f"OLD.type = '{PAGE_VISITED}'"
    different = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    differ = [f"OLD.{one} {different} NEW.{one}" for one in ("lead_id", "type", "occurred_at")]
    changed = f"({old} OR {new}) AND ({' OR '.join(differ)})"
    moved = _gone("OLD", only=old) + _come("NEW", only=new)
    columns = "UPDATE OF lead_id, type, occurred_at ON events"
    return (
        ("days_by_events_insert", "INSERT ON events", new, _come("NEW")),
        ("days_by_events_delete", "DELETE ON events", old, _gone("OLD")),
        ("days_by_events_update", columns, changed, moved),
        ("days_linked_insert", f"INSERT ON {VISITOR_DAYS}", "true", _linked("NEW", "NEW.day")),
        ("days_linked_delete", f"DELETE ON {VISITOR_DAYS}", "true", _linked("OLD", "OLD.previous")),
    )


def _come(row: str, only: str = "true") -> str:
    """One page more that day; if it is the first, the day takes its place among its lead's."""
    before = f"v.lead_id = {row}.lead_id AND v.day < seen.day"
    return (
        f"INSERT INTO {VISITOR_DAYS} ({COLUMNS}) SELECT {row}.lead_id, seen.day, 1, "  # noqa: S608
        f"(SELECT max(v.day) FROM {VISITOR_DAYS} v WHERE {before}) "
        f"FROM (SELECT {day_of(f'{row}.occurred_at')} AS day) AS seen WHERE {only} "
        f"ON CONFLICT (lead_id, day) DO UPDATE SET n = {VISITOR_DAYS}.n + 1;"
    )


def _gone(row: str, only: str = "true") -> str:
    """One page less that day, and the day goes with its last."""
    mine = f"lead_id = {row}.lead_id AND day = {day_of(f'{row}.occurred_at')} AND {only}"
    return (
        f"UPDATE {VISITOR_DAYS} SET n = n - 1 WHERE {mine};\n"  # noqa: S608
        f"DELETE FROM {VISITOR_DAYS} WHERE {mine} AND n = 0;\n"
    )


def _linked(row: str, previous: str) -> str:
    """The day after has that one before it."""
    after = f"v.lead_id = {row}.lead_id AND v.day > {row}.day"
    return (
        f"UPDATE {VISITOR_DAYS} SET previous = {previous} WHERE lead_id = {row}.lead_id "  # noqa: S608
        f"AND day = (SELECT min(v.day) FROM {VISITOR_DAYS} v WHERE {after});"
    )
