"""The triggers by which the database counts what is written, whoever writes it.

Each row adds to its counter; on PostgreSQL it appends what it adds, so that no transaction waits for
another, and `folding` adds it up later. The two that write rows by thousands count theirs together
(`changes`): the engine, which alone writes the journal, and whoever says `by_sets`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter

from server.store.counters import visitors
from server.store.counters.counted import COUNTED, CountedFact
from server.store.counting import PREFIX

KEY = ("campaign_id", "kind", "day", "version_id", "place", "subject", "detail")
COLUMNS = ", ".join((*KEY, "n", "total"))
ADDED = "ON CONFLICT ({}) DO UPDATE SET n = counters.n + excluded.n, total = counters.total + excluded.total"
ADDED = ADDED.format(", ".join(KEY))
#: Told by `by_sets`: that whoever writes counts these rows itself.
_BY_ROW = {
    "sqlite": "(SELECT by_row FROM counting)",
    "postgresql": "current_setting('relance.by_sets', true) IS DISTINCT FROM 'on'",
}
#: Until what goes by a row is written, that row stays as it is: two transactions that do not see each
#: other’s would each leave it to the other. Two that come to such rows in unlike orders may wait for
#: each other, as any two that write of the same leads: PostgreSQL ends one, which `Store.transact` does
#: anew.
_HELD = {"sqlite": "", "postgresql": " FOR SHARE"}
_IN_SETS = frozenset({"enrolments"})
#: Nobody but the engine adds to them, and it counts what it adds.
_COUNTED_BY_THE_ENGINE = frozenset({"journal"})


@dataclass(frozen=True, slots=True)
class CountingTrigger:
    """A trigger: its name, and the statements that make it, in their order."""

    name: str
    made_by: tuple[str, ...]


@cache
def triggers(dialect: str) -> Sequence[CountingTrigger]:
    """Those a base is given, for all of `COUNTED`."""
    by_table = groupby(sorted(COUNTED, key=attrgetter("table")), key=attrgetter("table"))
    own = [one for table, counted in by_table for one in _of_table(table, list(counted), dialect)]
    leaning = [trigger for one in COUNTED for trigger in _leaning(one, dialect)]
    days = [
        _trigger(f"{PREFIX}{name}", event, [test], [does], dialect)
        for name, event, test, does in visitors.kept_by(dialect)
    ]
    return [*own, *leaning, *days]


def recounted(counted: CountedFact, dialect: str, table: str = "") -> str:
    """The query that counts those rows again, a row a counter; `table`: of another that has them."""
    keys = ", ".join(str(at + 1) for at in range(len(KEY)))
    return (
        f"SELECT {counted.key('r', dialect)}, count(*), sum({counted.sum('r')}) "  # noqa: S608
        f"FROM {table or counted.table} r WHERE {counted.counts('r')} GROUP BY {keys}"
    )


def counted_with(one: CountedFact, dialect: str) -> str:
    """All by which a base counts it, as one text: what is not said alike is not counted alike."""
    puts = [_put(one, row, sign, dialect) for row, sign in (("NEW", ""), ("OLD", "-"))]
    leaning = [text for trigger in _leaning(one, dialect) for text in trigger.made_by]
    by_row = _BY_ROW[dialect] if one.table in _IN_SETS else ""
    by_engine = str(one.table in _COUNTED_BY_THE_ENGINE)
    return "\n".join((recounted(one, dialect), *puts, *leaning, by_row, by_engine))


def _of_table(
    table: str, counted: Sequence[CountedFact], dialect: str
) -> Iterator[CountingTrigger]:
    by_row = [_BY_ROW[dialect]] if table in _IN_SETS else []
    for event, row, sign in (("INSERT", "NEW", ""), ("DELETE", "OLD", "-")):
        if event == "INSERT" and table in _COUNTED_BY_THE_ENGINE:
            continue
        name = f"{PREFIX}{table}_{event.lower()}"
        # Most rows count for nothing: they are not to be looked at one measure at a time.
        some = " OR ".join(f"({one.counts(row)})" for one in counted)
        does = [_put(one, row, sign, dialect) for one in counted]
        yield _trigger(name, f"{event} ON {table}", [*by_row, f"({some})"], does, dialect)
    different = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    columns = tuple(dict.fromkeys(column for one in counted for column in one.columns))
    changed = " OR ".join(f"OLD.{column} {different} NEW.{column}" for column in columns)
    does = [
        _put(one, row, sign, dialect)
        for one in counted
        for row, sign in (("OLD", "-"), ("NEW", ""))
    ]
    when = f"UPDATE OF {', '.join(columns)} ON {table}"
    yield _trigger(f"{PREFIX}{table}_update", when, [*by_row, f"({changed})"], does, dialect)


def _leaning(one: CountedFact, dialect: str) -> Iterator[CountingTrigger]:
    """What changes the sums of rows that go by another, when it is that one which changes, or goes.

    None of them is there yet when it comes.
    """
    if (leaning := one.leaning) is None:
        return
    into, added = ("counters", f" {ADDED}") if dialect == "sqlite" else ("counter_changes", "")
    column, name = leaning.column, f"{PREFIX}{one.name}_by_{leaning.table}"
    old, new = f"OLD.{column} IS NOT NULL", f"NEW.{column} IS NOT NULL"
    for event, when, sign in (
        (f"UPDATE OF {column}", f"({old}) <> ({new})", f"CASE WHEN {new} THEN 1 ELSE -1 END"),
        ("DELETE", old, "-1"),
    ):
        does = (
            f"INSERT INTO {into} ({COLUMNS}) SELECT {one.key('m', dialect)}, 0, {sign} "  # noqa: S608
            f"FROM {one.table} m WHERE m.{leaning.by} = OLD.id AND {one.counts('m')}{added};"
        )
        word = event.partition(" ")[0].lower()
        yield _trigger(f"{name}_{word}", f"{event} ON {leaning.table}", [when], [does], dialect)


def _put(one: CountedFact, row: str, sign: str, dialect: str) -> str:
    """Count a row, or (`sign`) take it away."""
    into, added = ("counters", f" {ADDED}") if dialect == "sqlite" else ("counter_changes", "")
    sum_ = one.sum(row) if one.leaning is None else one.leaning.of(row, held=_HELD[dialect])
    return (
        f"INSERT INTO {into} ({COLUMNS}) SELECT {one.key(row, dialect)}, {sign}1, "
        f"{sign}{sum_} WHERE {one.counts(row)}{added};"
    )


def _trigger(
    name: str, event: str, tests: Sequence[str], does: Sequence[str], dialect: str
) -> CountingTrigger:
    when, body = " AND ".join(tests), "\n".join(does)
    if dialect == "sqlite":
        text = f"CREATE TRIGGER {name} AFTER {event} WHEN {when} BEGIN\n{body}\nEND"
        return CountingTrigger(name, (text,))
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $counting$\n"
        f"BEGIN\n{body}\nRETURN NULL;\nEND $counting$"
    )
    trigger = (
        f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    )
    return CountingTrigger(name, (function, trigger))
