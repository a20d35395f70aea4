"""The server names no built-in plugin, nor what happens through one: they use the vendors' door."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from relance import events as contract
from server.engine.moves import Move
from server.engine.own_events import EVENT_TYPES
from server.plugins import BUILT_IN, load_plugins
from server.store.schema import metadata
from tests.house.modules import modules, name_of, nodes

#: The one list of built-ins, and what is history.
EXEMPT = ("server/plugins.py", "server/store/migrations/")


@cache
def names() -> set[str]:
    """Of built-in plugins and their channels, but for those the store or the journal has as well."""
    known = {name.rpartition(".")[2] for name in BUILT_IN}
    known |= {one.channel for one in load_plugins().channel_types()}
    tables = metadata.metadata.tables
    columns = {c.name for table in tables.values() for c in table.columns}
    return known - set(tables) - columns - {one.lower() for one in Move}


@cache
def happenings() -> set[str]:
    """The types of events that built-in plugins declare."""
    return {one.type for one in load_plugins().event_types()} - {one.type for one in EVENT_TYPES}


def texts(path: Path) -> Iterator[str]:
    """What a module says, its docstrings aside."""
    for node in nodes(path):
        constants = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.Constant)]
        if not isinstance(node, ast.Expr):
            yield from (one.value for one in constants if isinstance(one.value, str))


def named(path: Path) -> set[str]:
    """What of the built-ins a module names, in a text or by a constant of the contract."""
    types, known = happenings(), names()
    owned = {
        name for name, value in vars(contract).items() if isinstance(value, str) and value in types
    }
    found = {word for text in texts(path) for word in re.findall(r"\w+", text)} & types
    found |= set(texts(path)) & known
    for node in nodes(path):
        if isinstance(node, ast.Attribute):
            found |= {node.attr} & owned
        elif isinstance(node, ast.ImportFrom):
            found |= {one.name for one in node.names} & owned
    return found


def test_the_server_names_no_built_in() -> None:
    found = {}
    for path in modules("server"):
        here = name_of(path)
        if not here.startswith(EXEMPT) and (named_here := named(path)):
            found[here] = named_here
    assert found == {}
