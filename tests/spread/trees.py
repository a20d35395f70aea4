"""What PostgreSQL understood of a statement: the tree of a query, every name resolved.

A function of SQL keeps the tree of its body, once analysed: which table each column is of, which
function stands behind each operator. No parser of ours, nor of anybody else's, has to guess that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}()]|(?:[^\s{}()\\]|\\.)+')
_FUNCTION = "pg_temp.analysed"
#: A function has no more parameters.
_MOST = 100
_HOLE = re.compile(r"\$(\d+)\b")


@dataclass(slots=True)
class Node:
    """One of a tree: what it is, and its fields: nodes, lists, words."""

    kind: str
    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def number(self, name: str) -> int:
        """A field that is a number."""
        return int(self.fields[name])

    def nodes(self, name: str) -> list["Node"]:
        """A field that is a list of nodes; empty when there is none."""
        found = self.fields.get(name)
        return [one for one in found if isinstance(one, Node)] if isinstance(found, list) else []


def below(value: Any, *, queries: bool = True) -> Iterator[Node]:
    """The nodes of a value and all below them; `queries`: those of the queries within, too."""
    if isinstance(value, list):
        for one in value:
            yield from below(one, queries=queries)
    elif isinstance(value, Node):
        yield value
        if queries or value.kind != "QUERY":
            for one in value.fields.values():
                yield from below(one, queries=queries)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKENS.findall(text)
        self._at = 0

    def value(self) -> Any:
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            return self._node()
        if token == "(":
            found = []
            while self._tokens[self._at] != ")":
                found.append(self.value())
            self._at += 1
            return found
        return None if token == "<>" else token

    def _node(self) -> Node:
        kind, fields = self._tokens[self._at], dict[str, Any]()
        self._at += 1
        while (token := self._tokens[self._at]) != "}":
            self._at += 1
            values = []
            while self._tokens[self._at] != "}" and not self._tokens[self._at].startswith(":"):
                values.append(self.value())
            fields[token[1:]] = values[0] if len(values) == 1 else values
        self._at += 1
        return Node(kind, fields)


async def analysed(conn: asyncpg.Connection, statement: str) -> Node:
    """The query that a statement is, its `$1`, … being of the types PostgreSQL finds for them."""
    async with conn.transaction():
        prepared = await conn.prepare(statement)
        types = [_quoted(one.schema, one.name) for one in prepared.get_parameters()]
        given, body = ", ".join(types[:_MOST]), _HOLE.sub(_within, statement).strip().rstrip(";")
        await conn.execute(
            f"CREATE FUNCTION {_FUNCTION}({given}) RETURNS void LANGUAGE sql BEGIN ATOMIC {body}; END"
        )
        text = await conn.fetchval("SELECT prosqlbody FROM pg_proc WHERE proname = 'analysed'")
        await conn.execute(f"DROP FUNCTION {_FUNCTION}({given})")
    (query,) = (one for one in below(_Reader(text).value(), queries=False) if one.kind == "QUERY")
    return query


def _within(hole: re.Match[str]) -> str:
    """A parameter, or nothing known where a function would have too many."""
    return hole[0] if int(hole[1]) <= _MOST else "NULL"


def _quoted(schema: str, name: str) -> str:
    return f'{schema}."{name.removesuffix("[]")}"' + ("[]" if name.endswith("[]") else "")
