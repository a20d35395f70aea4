"""How databases go about the statements of the server: by key, or through a whole table.

SQLite's answer depends on no table's size, so it is asked in every test, of every statement the
server runs there. PostgreSQL's does, and is asked beside a crowd.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import greenlet
from sqlalchemy import Boolean, Column, Date, Float, LargeBinary, Table, event
from sqlalchemy.engine import Engine
from sqlalchemy.sql.sqltypes import Integer

from server.store import handover
from server.store.schema.metadata import metadata

#: Tables whose size is that of the rules, of the settings or of the team and what it does.
SMALL = frozenset(
    [
        "accounts",
        "api_tokens",
        "audit_log",
        "one_time_links",
        "passkeys",
        "provider_identities",
        "spent_challenges",
        "recovery_codes",
        "sessions",
        "sign_in_attempts",
        "campaigns",
        "campaign_binders",
        "campaign_changes",
        "campaign_labels",
        "counting",
        "zone_shifts",
        "dynamic_lists",
        "goals",
        "goal_counts",
        "goal_windows",
        "campaign_leads",
        "campaign_objectives",
        "split_parts",
        "imports",
        # What is to be done, as the partial indexes: a crowd that waits is gone through once.
        "inbox",
        "moving",
        "lead_fields",
        "lists",
        "notings",
        "schedules",
        "takings",
        "server_settings",
        "set_aside",
        "tenure",
        "processes",
        "division",
        "lanes",
        "publications",
        "saved_report_readers",
        "saved_reports",
        "seeds",
        "standing_rules",
        "team",
        "team_absences",
        "transfers",
        "transitions",
        "tracked_links",
        "versions",
    ]
)
#: The rooms that work for every form, event and message, and those that tell of one person. Pages
#: of figures, files and publications are asked for, and count what they count.
ROOMS = tuple(
    f"server.{room}" for room in ("dispatch", "engine", "intake", "reports", "store", "holding")
)
#: Who may go through the whole of which tables, and why that is no fault.
ALLOWED: Mapping[str, str] = {
    "server.engine.publication.live:inhabited": "once a publication, or a change of a campaign's state",
    "server.engine.life.deciding:was_entered": "asked for by the operator, before a campaign is deleted",
    "server.engine.publication.named:users": "asked for by the operator, before a list is removed",
    "server.engine.publication.adoption:adopt": "once a base of an earlier release",
    "server.engine.publication.live:inside": "once a publication: what is not folded yet, or where nothing is counted",
    "server.engine.publication.live:forget_gone": "once a publication that changes a campaign",
    "server.engine.triggers.notings:_take_rest": "once a resume after a publication in the pause",
    "server.engine.lists.declared:_change": "once a publication that changes a list",
    "server.engine.lists.declared:_remove": "once a publication that removes a list",
    "server.engine.lists.declared:publish": "once a publication: whether there is any lead",
    "server.engine.publication.renaming:_forget_unused": "once a publication that renames",
    "server.engine.triggers.backlog:settle": "once a publication",
    "server.dispatch.held:hold": "once a restored base",
    "server.reports.performance.people:past": "asked for by the operator, by a reader",
    "server.reports.performance.people:ever": "asked for by the team: the last leads, a page at most",
    "server.reports.links:followed": "a page the operator asks for, counted by a reader",
    "server.reports.policy:held_by_term": "a page the operator asks for, down an index of what is held",
    "server.reports.presence:counted": "asked for before a publication, an activation or a resume, counted by a reader",
    "server.reports.indicators:count": "a period asked for, counted by a reader: what vendors have counted, before its index is made",
    "server.reports.lead_counts:_by_events": "the same; visitors, in a base that no server has opened yet",
    "server.reports.finding:counted": "as many of them as are counted, and no more",
    "server.reports.people:latest_leads": "the last of an index, a page at most",
    "server.reports.rolls:list_lines": "a page the operator asks for, counted by a reader",
    "server.store.forgotten:recognise": "once a start: those who were forgotten, who are few",
    "server.simulation.stage:begin": "a stage holds the few leads of a scenario",
    "server.store.counters.agreement:disagreements": "asked for by the operator, by a reader",
    "server.store.counters.agreement:counted_rows": "asked for by the operator, by a reader",
    "server.store.counters.folding:let_go_of_nothing": "once a person who is forgotten",
    "server.store.counters.keeping:recount": "once a base, or a release that counts otherwise",
    "server.store.counters.keeping:_let_go": "once a release that counts otherwise",
    "server.store.counters.keeping:_begin": "once a base",
    "server.store.leftovers:forget": "once an hour, down an index of what is kept",
    "server.store.leftovers:groups": "the last of an index, a page at most",
    "server.store.rekeying:_part": "the first part of a table, once a change of the rule of names",
    "server.store.suppressions:latest": "a page the operator asks for, sorted by a reader",
    "server.store.suppressions:latest_lifted": "a page the operator asks for, sorted by a reader",
    "server.store.tenure:take": "the first time a server takes the database",
    "server.store.migrate:migrate": "once a new version of the schema",
}
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
#: What carries statements to a database, and who a test uses to look.
_CARRIERS = frozenset({"server.store.handover", "server.store.memory", "server.store.store"})


def growing() -> frozenset[str]:
    """The tables that leads, events and messages fill."""
    return frozenset(metadata.tables) - SMALL


@dataclass
class Plans:
    """What was executed: the first of each statement, and those that go through a growing table."""

    executed: dict[str, tuple[str, Any]] = field(default_factory=dict)
    scans: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def note(
        self, statement: str, parameters: Any, explain: Callable[[str], Sequence[str]] | None
    ) -> None:
        """Look at a statement met for the first time."""
        if statement in self._seen or not statement.lstrip().startswith(_EXPLAINED):
            return
        self._seen.add(statement)
        who = _who()
        if who is None or who in ALLOWED:
            return
        self.executed[statement] = who, parameters
        scanned = scanned_on_sqlite(statement, explain(statement)) if explain else ()
        self.scans += [f"{who} goes through {table}: {statement}" for table in scanned]


def _who() -> str | None:
    """The function of the server that runs this, None when a test does."""
    for frame in _frames():
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("tests.") and name != __name__:
            return None
        if name.startswith("server.") and name not in _CARRIERS:
            return f"{name}:{frame.f_code.co_name}" if name.startswith(ROOMS) else None
    return None


def _frames() -> Iterator[Any]:
    """The frames under way, those that wait for a greenlet of SQLAlchemy's included."""
    here: Any = greenlet.getcurrent()
    frame: Any = sys._getframe(1)
    while here is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        here = here.parent
        frame = None if here is None else here.gr_frame


def scanned_on_sqlite(statement: str, plan: Sequence[str]) -> set[str]:
    """The growing tables gone through whole; the index of what is to be done is short."""
    if "WHERE 0 = 1" in statement:  # nothing is read, whatever the plan says
        return set()
    steps = [re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step) for step in plan]
    named = _names(statement)
    return {named[step[1]] for step in steps if step and step[1] in named and not _partial(step[2])}


def _names(statement: str) -> Mapping[str, str]:
    """The growing tables of a statement, by the name they go by in it."""
    known = growing()
    named = {name: name for name in known}
    for table, alias in re.findall(rf"\b({'|'.join(known)})\s+(?:AS\s+)?(\w+)", statement):
        named.setdefault(alias, table)
    return named


def _partial(index: str | None) -> bool:
    return any(
        each.name == index and each.dialect_options["sqlite"].get("where") is not None
        for table in metadata.tables.values()
        for each in table.indexes
    )


def scanned_on_postgresql(plan: Sequence[Mapping[str, Any]]) -> set[str]:
    """The growing tables gone through whole, by themselves or by an index of all their rows."""
    return {
        node["Relation Name"]
        for node, parent in _nodes(plan[0]["Plan"], "")
        if node.get("Relation Name") in growing()
        and parent != "Limit"
        and (node["Node Type"] == "Seq Scan" or _unconditional(node))
    }


def _unconditional(node: Mapping[str, Any]) -> bool:
    indexed = node["Node Type"] in ("Index Scan", "Index Only Scan")
    return indexed and "Index Cond" not in node and not _partial(node["Index Name"])


def _nodes(plan: Mapping[str, Any], parent: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each part of a plan, and the kind of what it is a part of."""
    yield plan, parent
    for part in plan.get("Plans", ()):
        yield from _nodes(part, plan["Node Type"])


@contextmanager
def watched() -> Iterator[Plans]:
    """The statements that the server executes meanwhile."""
    found = Plans()

    def asked(_conn: Any, cursor: Any, statement: str, given: Any, context: Any, many: Any) -> None:
        one = given[0] if many and given else given

        def explain(text: str) -> Sequence[str]:
            cursor.execute(f"EXPLAIN QUERY PLAN {text}", one)
            return [str(row[3]) for row in cursor.fetchall()]

        sqlite = context is None or context.dialect.name == "sqlite"
        found.note(statement, one, explain if sqlite else None)

    step = handover._Direct.step

    def stepped(self: Any, statement: str, parameters: Any = ()) -> Any:
        one = parameters[0] if isinstance(parameters, list) and parameters else parameters

        def explain(text: str) -> Sequence[str]:
            return [str(row[3]) for row in self._raw.execute(f"EXPLAIN QUERY PLAN {text}", one)]

        found.note(statement, one, explain)
        return step(self, statement, parameters)

    event.listen(Engine, "before_cursor_execute", asked)
    handover._Direct.step = stepped  # type: ignore[method-assign]
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", asked)
        handover._Direct.step = step  # type: ignore[method-assign]


#: Columns that hold few different values, whatever the number of rows.
_FEW = frozenset(
    [
        "type",
        "kind",
        "state",
        "channel",
        "campaign_id",
        "version_id",
        "statement",
        "source",
        "list_key",
        "tag_key",
        "reason",
        "topic_key",
        "owner",
        "number",
        "trigger",
        "entering",
        "proof",
    ]
)


def crowd(table: Table, leads: int, rows: int) -> str:
    """A statement of PostgreSQL's that puts so many rows of nobody in particular in a table."""
    columns = [each for each in table.columns if not each.nullable]
    names = ", ".join(f'"{each.name}"' for each in columns)
    values = ", ".join(_value(each, leads) for each in columns)
    return (
        f"INSERT INTO {table.name} ({names}) "
        f"SELECT {values} FROM generate_series(1, {rows}) AS g ON CONFLICT DO NOTHING"
    )


def _value(column: Column[Any], leads: int) -> str:
    """What the row `g` holds there."""
    if column.name == "lead_id":
        return f"1000000 + g % {leads}"
    number = "g % 10" if column.name in _FEW else "1000000 + g"
    if isinstance(column.type, Boolean):
        return "false"
    if isinstance(column.type, Date):
        return "DATE '2026-01-01'"
    if isinstance(column.type, LargeBinary):
        return f"decode(md5(({number})::text), 'hex')"
    return number if isinstance(column.type, Integer | Float) else f"'x' || ({number})"
