"""The lists of a project: how many members, and how far each dynamic one is built; and how far
the conditions that set campaigns and points off are prepared, which is done the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.codec import contract
from relance.report import CellType, Column, Columns, Report, report
from server.engine.parts import share
from server.reports.glossary import Glossary
from server.store.schema.campaigns import notings
from server.store.schema.leads import leads, list_members, lists
from server.store.schema.rules import dynamic_lists

_MOST = 200


@dataclass(frozen=True, slots=True)
class RollLine:
    """One list. `built`: how far, in hundredths, None when it is whole; `reason`: why it stands still."""

    name: str
    dynamic: bool
    members: int | None = None
    built: int | None = None
    reason: str | None = None

    @property
    def state(self) -> str:
        """In a few words."""
        if self.reason is not None:
            return f"mise de côté, sa condition ayant échoué ({self.reason})"
        if self.built is not None:
            return f"en construction : {self.built} %"
        return "à jour" if self.dynamic else "statique"


_NAME: Columns[RollLine] = {Column("Liste", "nom"): lambda line: line.name}
_STATE: Columns[RollLine] = {
    Column("État"): lambda line: line.state,
    Column("", "dynamique", CellType.FLAG): lambda line: line.dynamic,
    Column("", "construction", CellType.COUNT): lambda line: (
        100 if line.built is None else line.built
    ),
    Column("", "mise_de_cote"): lambda line: line.reason,
}
_MEMBERS: Columns[RollLine] = {
    Column("Membres", "membres", CellType.COUNT): lambda line: line.members,
}


def lists_report(lines: Sequence[RollLine]) -> Report:
    """Each list, how many are in it, and how it stands."""
    return report(
        "Listes",
        {**_NAME, **_MEMBERS, **_STATE},
        lines,
        empty="Aucune liste. Une liste s’écrit «\u00a0liste «\u00a0X\u00a0» : …\u00a0» dans un script.",
    )


def unsettled_report(lines: Sequence[RollLine]) -> Report:
    """The lists that are not up to date, and how they stand."""
    return report("Listes qui ne sont pas à jour", {**_NAME, **_STATE}, lines)


async def list_lines(conn: AsyncConnection) -> Sequence[RollLine]:
    """Every list, by name, with its members counted."""
    last = await _last(conn)
    counts = (
        select(list_members.c.list_key, func.count().label("members"))
        .group_by(list_members.c.list_key)
        .subquery()
    )
    dynamic = select(
        dynamic_lists.c.key,
        dynamic_lists.c.name,
        literal(1).label("dynamic"),
        dynamic_lists.c.built_to,
        dynamic_lists.c.reason,
    )
    known = select(dynamic_lists.c.key)
    none = dynamic_lists.c
    static = select(
        lists.c.key,
        lists.c.name,
        literal(0),
        literal(None, none.built_to.type),
        literal(None, none.reason.type),
    ).where(lists.c.key.not_in(known))
    found = union(dynamic, static).subquery()
    query = (
        select(found, func.coalesce(counts.c.members, 0).label("members"))
        .select_from(found.outerjoin(counts, counts.c.list_key == found.c.key))
        .order_by(found.c.name)
    )
    return [
        RollLine(
            row.name,
            bool(row.dynamic),
            row.members,
            None if row.built_to is None else share(row.built_to, last),
            row.reason,
        )
        for row in await conn.execute(query)
    ]


async def unsettled_lines(conn: AsyncConnection) -> Sequence[RollLine]:
    """The dynamic lists that are not up to date: being built, or set aside."""
    query: Select[Any] = (
        select(dynamic_lists.c.name, dynamic_lists.c.built_to, dynamic_lists.c.reason)
        .where(or_(dynamic_lists.c.built_to.is_not(None), dynamic_lists.c.reason.is_not(None)))
        .order_by(dynamic_lists.c.name)
        .limit(_MOST)
    )
    found = (await conn.execute(query)).all()
    last = await _last(conn) if found else 0
    return [
        RollLine(name, True, None, None if built is None else share(built, last), reason)
        for name, built, reason in found
    ]


@dataclass(frozen=True, slots=True)
class NotingLine:
    """A condition being looked at for every lead before it is acted on; `noted`: how far."""

    name: str
    noted: int


async def noting_lines(conn: AsyncConnection, glossary: Glossary) -> Sequence[NotingLine]:
    """The conditions of campaigns and points that are still being prepared."""
    first = select(notings).order_by(notings.c.owner, notings.c.number).limit(_MOST)
    found = (await conn.execute(first)).all()
    last = await _last(conn) if found else 0
    return [
        NotingLine(
            glossary.said(contract.from_json(row.said)),
            share(row.noted_to, row.last_lead or last),
        )
        for row in found
    ]


def noting_report(lines: Sequence[NotingLine]) -> Report:
    """How far the conditions are prepared."""
    columns: Columns[NotingLine] = {
        Column("Condition"): lambda line: line.name,
        Column("État"): lambda line: f"en préparation\u00a0: {line.noted}\u00a0%",
    }
    return report("Conditions en préparation", columns, lines)


async def _last(conn: AsyncConnection) -> int:
    return await conn.scalar(select(func.max(leads.c.id))) or 0
