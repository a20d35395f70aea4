"""Whether a distributed engine (Citus) can run a statement where leads are spread over nodes.

Each node then has all of some leads, and nothing of the others. So a statement that is of many leads
is to be answered by each node alone: what it joins is joined by lead, what it decides depends on no
node's clock or settings, and it locks no row beside those it writes.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import asyncpg

from tests.spread.trees import Node, below

_RELATION, _SUBQUERY = "0", "1"
_SELECT, _UPDATE, _INSERT = "1", "2", "3"
_ANY_SUBLINK, _OF_SUBLINK, _GIVEN = "2", "2", "0"
_TEXT = "25"
#: Where a node says of which type it is.
_TYPES = (
    *("vartype", "paramtype", "consttype", "funcresulttype", "opresulttype", "resulttype"),
    *("casetype", "coalescetype", "aggtype", "wintype", "minmaxtype", "array_typeid"),
)


class Fault(StrEnum):
    """Why not."""

    JOINED = "joins leads otherwise than by their number"
    GATHERED = "asks of each lead what no node answers alone: a limit, or a sum without its lead"
    APART = "joins leads with a table that the other nodes have not"
    LOCKED = "locks rows of more than one lead"
    STABLE = "writes what depends on a node's settings, by a function that is not IMMUTABLE"
    MOVED = "changes whose row it is, hence its node"
    SCATTERED = "writes rows of leads found by something else than their number"


@dataclass(frozen=True)
class Spread:
    """How tables are spread: by which column, in each node, or else with none but the first."""

    by_lead: Mapping[str, str]
    everywhere: frozenset[str]


@dataclass(frozen=True)
class Catalogue:
    """What the numbers of a tree stand for. `columns`: the place of the column each is spread by."""

    tables: Mapping[str, str]
    columns: Mapping[str, str]
    everywhere: frozenset[str]
    mutable: frozenset[str]
    reads: Mapping[str, tuple[str, str]]
    equal: frozenset[str]

    @classmethod
    async def read(cls, conn: asyncpg.Connection, spread: Spread) -> "Catalogue":
        """Of the database as this connection sees it, its temporary tables included."""
        tables = {
            str(row["oid"]): row["relname"]
            for row in await conn.fetch("SELECT oid, relname FROM pg_class WHERE relkind = 'r'")
        }
        columns = {
            str(row["attrelid"]): str(row["attnum"])
            for row in await conn.fetch("SELECT attrelid, attnum, attname FROM pg_attribute")
            if spread.by_lead.get(tables.get(str(row["attrelid"]), "")) == row["attname"]
        }
        mutable = await conn.fetch("SELECT oid FROM pg_proc WHERE provolatile <> 'i'")
        types = await conn.fetch(
            "SELECT oid, typinput::oid::text AS put, typoutput::oid::text AS got FROM pg_type"
        )
        equal = await conn.fetch("SELECT oid FROM pg_operator WHERE oprname = '='")
        return cls(
            tables,
            columns,
            spread.everywhere,
            frozenset(str(row["oid"]) for row in mutable),
            {str(row["oid"]): (row["put"], row["got"]) for row in types},
            frozenset(str(row["oid"]) for row in equal),
        )


class _Classes:
    """What is equal to what."""

    def __init__(self) -> None:
        self._to: dict[Hashable, Hashable] = {}

    def of(self, one: Hashable) -> Hashable:
        while (further := self._to.get(one, one)) != one:
            one = further
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        self._to[self.of(one)] = self.of(other)


@dataclass
class _Scope:
    """A query of the statement, within another."""

    query: Node
    outer: "_Scope | None" = None
    inner: dict[int, "_Scope"] = field(default_factory=dict)
    ctes: dict[str, "_Scope"] = field(default_factory=dict)
    sublinks: list["_Scope"] = field(default_factory=list)

    def up(self, levels: int) -> "_Scope":
        scope = self
        for _ in range(levels):
            assert scope.outer is not None
            scope = scope.outer
        return scope

    def cte(self, name: str) -> "_Scope | None":
        if name in self.ctes:
            return self.ctes[name]
        return None if self.outer is None else self.outer.cte(name)

    @property
    def parts(self) -> list["_Scope"]:
        return [*self.inner.values(), *self.ctes.values(), *self.sublinks]

    def within(self) -> Iterator["_Scope"]:
        """It, and those in it."""
        yield self
        for one in self.parts:
            yield from one.within()


class _Statement:
    """One, and what is found of it."""

    def __init__(self, catalogue: Catalogue, query: Node) -> None:
        self._known = catalogue
        self._equal = _Classes()
        self._given = set[Hashable]()
        self._whole = self._scope(query, None)
        for scope in self._whole.within():
            self._relate(scope)

    def faults(self) -> Iterator[Fault]:
        """What is wrong; the same may come twice."""
        leads = [one for scope in self._whole.within() for one in self._members(scope)]
        if not leads:
            return
        yield from self._written()
        one_lead = {self._equal.of(one) for one in leads} == {self._pinned(leads[0])}
        for scope in self._whole.within():
            if self._tables(scope, self._is_apart) and self._reached(scope):
                yield Fault.APART
            if not one_lead:
                yield from self._read(scope)

    # What is read

    def _read(self, scope: _Scope) -> Iterator[Fault]:
        members = self._members(scope)
        classes = {self._equal.of(one) for one in members}
        if len(classes) > 1:
            yield Fault.JOINED
        if scope.query.nodes("rowMarks") and any(self._pinned(one) is None for one in members):
            yield Fault.LOCKED
        outer = self._correlated_with(scope)
        if not outer or not any(self._members(one) for one in scope.within()):
            return
        beyond = {self._equal.of(one) for at in outer for one in self._members(at)}
        if beyond and classes and not classes & beyond:
            yield Fault.JOINED
        if self._gathers(scope):
            yield Fault.GATHERED

    def _gathers(self, scope: _Scope) -> bool:
        query = scope.query
        if query["limitCount"] or query["limitOffset"]:
            return True
        for clause in ("groupClause", "distinctClause"):
            if query[clause] and not self._by_lead(scope, query.nodes(clause)):
                return True
        for window in query.nodes("windowClause"):
            if not self._by_lead(scope, window.nodes("partitionClause")):
                return True
        alone = query["hasAggs"] == "true" or query["havingQual"] is not None
        return alone and not query["groupClause"]

    def _by_lead(self, scope: _Scope, clauses: list[Node]) -> bool:
        wanted = {one["tleSortGroupRef"] for one in clauses}
        return any(
            entry["ressortgroupref"] in wanted and self._lead_of(entry["expr"], scope) is not None
            for entry in scope.query.nodes("targetList")
        )

    def _correlated_with(self, scope: _Scope) -> list[_Scope]:
        """The queries around it of which it asks columns."""
        found = []
        for inner in scope.within():
            depth = _depth(inner, scope)
            for node in _own(inner.query):
                if node.kind == "VAR" and node.number("varlevelsup") > depth:
                    found.append(inner.up(node.number("varlevelsup")))
        return found

    # What is written

    def _written(self) -> Iterator[Fault]:
        for scope in self._whole.within():
            query = scope.query
            if query["commandType"] == _SELECT:
                continue
            target = query.number("resultRelation")
            if not self._is_lead(query.nodes("rtable")[target - 1]):
                if query["commandType"] != _INSERT:
                    yield Fault.APART
                continue
            if query["commandType"] == _INSERT:
                yield from self._inserted(scope, target)
                continue
            if any(self._is_mutable(one) for one in self._decided(query)):
                yield Fault.STABLE
            if query["commandType"] == _UPDATE and self._moves(query, target):
                yield Fault.MOVED

    def _decided(self, query: Node) -> Iterator[Node]:
        for name in ("targetList", "returningList", "jointree"):
            yield from below(query[name])

    def _moves(self, query: Node, target: int) -> bool:
        column = self._known.columns[query.nodes("rtable")[target - 1]["relid"]]
        return any(entry["resno"] == column for entry in query.nodes("targetList"))

    def _inserted(self, scope: _Scope, target: int) -> Iterator[Fault]:
        query = scope.query
        if (conflict := query["onConflict"]) is not None:
            changed = [*below(conflict["onConflictSet"]), *below(conflict["onConflictWhere"])]
            if any(self._is_mutable(one) for one in changed):
                yield Fault.STABLE
        members = [one for part in scope.parts for at in part.within() for one in self._members(at)]
        if not members:
            return
        column = self._known.columns[query.nodes("rtable")[target - 1]["relid"]]
        given = [one for one in query.nodes("targetList") if one["resno"] == column]
        if all(self._lead_of(one["expr"], scope) is None for one in given):
            yield Fault.SCATTERED

    def _is_mutable(self, node: Node) -> bool:
        if node.kind == "SQLVALUEFUNCTION":
            return True
        if node.kind == "COERCEVIAIO":
            put, _ = self._known.reads[node["resulttype"]]
            _, got = self._known.reads[_type_of(node["arg"])]
            return bool({put, got} & self._known.mutable)
        called = node.fields.get("funcid") or node.fields.get("opfuncid")
        return called in self._known.mutable or node.fields.get("aggfnoid") in self._known.mutable

    # Whose rows they are

    def _scope(self, query: Node, outer: _Scope | None) -> _Scope:
        scope = _Scope(query, outer)
        for cte in query.nodes("cteList"):
            scope.ctes[cte["ctename"]] = self._scope(cte["ctequery"], scope)
        for index, entry in enumerate(query.nodes("rtable"), 1):
            if entry["rtekind"] == _SUBQUERY:
                scope.inner[index] = self._scope(entry["subquery"], scope)
        for node in _own(query):
            if node.kind == "SUBLINK":
                scope.sublinks.append(self._scope(node["subselect"], scope))
        return scope

    def _tables(self, scope: _Scope, wanted: Callable[[Node], bool]) -> list[int]:
        entries = scope.query.nodes("rtable")
        written = scope.query["commandType"] == _INSERT and scope.query["resultRelation"]
        return [
            index
            for index, one in enumerate(entries, 1)
            if one["rtekind"] == _RELATION and str(index) != written and wanted(one)
        ]

    def _is_lead(self, entry: Node) -> bool:
        return entry["relid"] in self._known.columns

    def _is_apart(self, entry: Node) -> bool:
        name = self._known.tables.get(entry["relid"])
        return not self._is_lead(entry) and name not in self._known.everywhere

    def _members(self, scope: _Scope) -> list[Hashable]:
        """The tables of leads that a query reads itself."""
        return [(id(scope), index) for index in self._tables(scope, self._is_lead)]

    def _reached(self, scope: _Scope) -> bool:
        """Whether a query reads leads beside its other tables, or is asked for each lead."""
        around = (scope, *self._correlated_with(scope))
        return any(self._members(one) for one in around)

    def _pinned(self, one: Hashable) -> Hashable | None:
        """The one lead that a member is of, if it is given."""
        root = self._equal.of(one)
        return root if root in {self._equal.of(each) for each in self._given} else None

    def _lead_of(self, value: object, scope: _Scope) -> Hashable | None:
        """What tells whose that is: a table of leads, or a lead that is given."""
        if not isinstance(value, Node):
            return None
        if value.kind == "RELABELTYPE":
            return self._lead_of(value["arg"], scope)
        if value.kind == "PARAM" and value["paramkind"] == _GIVEN:
            given = ("given", value["paramid"])
            self._given.add(given)
            return given
        if value.kind != "VAR":
            return None
        scope = scope.up(value.number("varlevelsup"))
        index, column = value.number("varno"), value["varattno"]
        entry = scope.query.nodes("rtable")[index - 1]
        match entry["rtekind"]:
            case "0":
                spread_by = self._known.columns.get(entry["relid"])
                return (id(scope), index) if column == spread_by else None
            case "1":
                return self._output(scope.inner[index], int(column))
            case "2":
                return self._lead_of(entry.nodes("joinaliasvars")[int(column) - 1], scope)
            case "6":
                cte = scope.cte(entry["ctename"])
                return None if cte is None else self._output(cte, int(column))
            case "9":
                return self._lead_of(entry.nodes("groupexprs")[int(column) - 1], scope)
        return None

    def _output(self, scope: _Scope, column: int) -> Hashable | None:
        for entry in scope.query.nodes("targetList"):
            if entry.number("resno") == column:
                return self._lead_of(entry["expr"], scope)
        return None

    def _relate(self, scope: _Scope) -> None:
        """Note what the tests of a query make equal."""
        for test in _tests(scope.query["jointree"]):
            if test.kind == "OPEXPR":
                self._relate_two(test, scope)
            elif test.kind == "SUBLINK" and test["subLinkType"] == _ANY_SUBLINK:
                self._relate_any(test, scope)

    def _relate_two(self, test: Node, scope: _Scope) -> None:
        if test["opno"] in self._known.equal:
            one, other = (self._lead_of(each, scope) for each in test.nodes("args"))
            if one is not None and other is not None:
                self._equal.join(one, other)

    def _relate_any(self, test: Node, scope: _Scope) -> None:
        inside = next(one for one in scope.sublinks if one.query is test["subselect"])
        for each in below(test["testexpr"]):
            if each.kind != "OPEXPR" or each["opno"] not in self._known.equal:
                continue
            one, other = each.nodes("args")
            if other.kind == "PARAM" and other["paramkind"] == _OF_SUBLINK:
                mine, theirs = (
                    self._lead_of(one, scope),
                    self._output(inside, other.number("paramid")),
                )
                if mine is not None and theirs is not None and not self._gathers(inside):
                    self._equal.join(mine, theirs)


def _type_of(node: Node) -> str:
    """The number of its type."""
    if node.kind == "SUBLINK":
        return _type_of(node["subselect"].nodes("targetList")[0]["expr"])
    return next((str(node[name]) for name in _TYPES if name in node.fields), _TEXT)


def _own(query: Node) -> Iterator[Node]:
    """The nodes of a query, but for those of the queries in it."""
    for name, value in query.fields.items():
        if name in ("cteList", "rtable"):
            continue
        yield from below(value, queries=False)
    for entry in query.nodes("rtable"):
        for name, value in entry.fields.items():
            if name != "subquery":
                yield from below(value, queries=False)


def _depth(inner: _Scope, outer: _Scope) -> int:
    depth = 0
    while inner is not outer:
        assert inner.outer is not None
        inner, depth = inner.outer, depth + 1
    return depth


def _tests(value: object) -> Iterator[Node]:
    """What holds of every row of a query: the parts of its joins' tests and of its own."""
    if isinstance(value, list):
        for one in value:
            yield from _tests(one)
    elif isinstance(value, Node):
        if value.kind == "BOOLEXPR" and value["boolop"] == "and":
            yield from _tests(value["args"])
        elif value.kind in ("FROMEXPR", "JOINEXPR"):
            for name in ("fromlist", "larg", "rarg", "quals"):
                yield from _tests(value.fields.get(name))
        elif value.kind != "RANGETBLREF":
            yield value


def faults(catalogue: Catalogue, query: Node) -> list[Fault]:
    """What keeps such an engine from running it; nothing when it can."""
    return list(dict.fromkeys(_Statement(catalogue, query).faults()))
