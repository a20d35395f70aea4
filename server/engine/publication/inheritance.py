"""What a publication keeps of earlier releases: the seeds of its draws, the numbers of its rules.

They knew the same by other names, and those inside were drawn by them: `seeds` says which digest an
identity stands for since. All that is published goes through here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Split
from dsl.rules import PointRule
from server.engine.publication.project import Project
from server.engine.publication.redrawing import drawn, redrawn
from server.engine.seed import digest_of
from server.store.schema.rules import seeds

#: The seed of each identity that has one, by its digest.
Seeds = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What is kept: the seeds, and what campaigns draw by now."""

    seeds: Seeds
    splits: Mapping[str, Split]


T = TypeVar("T")
R = TypeVar("R", bound=Any)


async def known(conn: AsyncConnection) -> Inheritance:
    """What earlier releases and publications left."""
    found = {row.identity: row.seed for row in await conn.execute(select(seeds))}
    return Inheritance(found, await drawn(conn))


def inheriting(project: Project, known: Inheritance) -> Project:
    """The same project, with what was kept in the place of the identities that have it."""
    project = _seeding(project, known.seeds)
    programs = [
        replace(one, program=redrawn(one.program, known.splits)) for one in project.programs
    ]
    return replace(project, programs=programs)


def _seeding(project: Project, kept: Seeds) -> Project:
    if not kept:
        return project
    return replace(
        project,
        programs=[replace(one, program=seeded(one.program, kept)) for one in project.programs],
        lists={name: seeded(one, kept) for name, one in project.lists.items()},
        points=[ruled(one, kept) for one in project.points],
        conversions=[ruled(one, kept) for one in project.conversions],
    )


def ruled(rule: R, kept: Seeds) -> R:
    """A rule, known by the number it has."""
    trigger = seeded(rule.trigger, kept)
    own = replace(rule, trigger=replace(trigger, key=_of(trigger.key, kept)))
    return replace(own, key=_of(own.key, kept)) if isinstance(own, PointRule) else own


def seeded(node: T, kept: Seeds) -> T:
    """A program or a condition, its draws those that were kept."""
    return _drawn(node, lambda salt: _of(salt, kept))


def drawn_as(node: T, former: object) -> T:
    """A program or a condition that does the same as a former one, each draw that of the former."""
    each = salts(former)
    return _drawn(node, lambda _: next(each))


def _drawn(node: T, by: Callable[[str], str]) -> T:
    if isinstance(node, tuple):
        return tuple(_drawn(one, by) for one in node)  # type: ignore[return-value]
    changed = {
        name: by(part) if name == "salt" else _drawn(part, by) for name, part in _parts(node)
    }
    changed = {name: part for name, part in changed.items() if part is not getattr(node, name)}
    return replace(node, **changed) if changed else node  # type: ignore[type-var]


def salts(node: object) -> Iterator[str]:
    """The salts of what is drawn in a program, a rule or a condition, in order."""
    if isinstance(node, tuple):
        for one in node:
            yield from salts(one)
    for name, part in _parts(node):
        if name == "salt":
            yield part
        else:
            yield from salts(part)


def _parts(node: object) -> Iterator[tuple[str, Any]]:
    if hasattr(type(node), "__dataclass_fields__"):
        for one in fields(node):  # type: ignore[arg-type]
            yield one.name, getattr(node, one.name)


def _of(identity: str, kept: Seeds) -> str:
    return kept.get(digest_of(identity).hex(), identity)
