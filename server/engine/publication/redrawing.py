"""« répartir »: shares that are changed leave as many leads as they can where they were drawn.

A share is a set of intervals of draws. One that shrinks gives its last draws away, one that is gone
gives all, and those that grow or are new take them: so many leads change as shares lost, and no more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import HOLDOUT, DrawRange, Program, Split
from dsl.program_codec import from_json
from server.store.schema.campaigns import campaigns, versions

#: Of the draws from the first number to the second, exclusive.
Interval = tuple[int, int]


async def drawn(conn: AsyncConnection) -> Mapping[str, Split]:
    """What campaigns draw by now, by salt."""
    query = select(versions.c.program).join_from(
        campaigns, versions, versions.c.id == campaigns.c.version_id
    )
    found = await conn.scalars(query.where(versions.c.program.contains('"Split"')))
    return {one.salt: one for text in found for one in splits(from_json(text))}


def splits(program: Program) -> Iterator[Split]:
    """What a program draws as it is written: those that follow a goal have parts of their own, and
    who gets nothing is drawn from the first number on, whatever their part.
    """
    for one in program.statements:
        if isinstance(one, Split) and one.floor is None and one.key != HOLDOUT:
            yield one


def redrawn(program: Program, before: Mapping[str, Split]) -> Program:
    """The program, each lead drawing what it drew by what was drawn `before`, as far as may be."""
    mine = {one.salt for one in splits(program)} & before.keys()
    if not mine:
        return program
    statements = tuple(
        replace(one, pieces=pieces(before[one.salt], one))
        if isinstance(one, Split) and one.salt in mine
        else one
        for one in program.statements
    )
    return replace(program, statements=statements)


def pieces(old: Split, new: Split) -> tuple[DrawRange, ...]:
    """Which draws go to which share of `new`; none where each share has its draws in one piece."""
    upto = [0, *(one.upto for one in new.shares)]
    left = [end - start for start, end in pairwise(upto)]
    same = _same_shares(old, new)
    found: list[tuple[Interval, int]] = []
    free: list[Interval] = []
    for (start, end), share in _intervals(old.dealt):
        now = same.get(share)
        kept = start if now is None else start + min(end - start, left[now])
        if now is not None and kept > start:
            found.append(((start, kept), now))
            left[now] -= kept - start
        if kept < end:
            free.append((kept, end))
    for start, end in free:
        at = start
        for share in range(len(left)):
            taken = min(left[share], end - at)
            if taken:
                found.append(((at, at + taken), share))
                left[share] -= taken
                at += taken
    joined = _joined(sorted(found))
    plain = tuple(
        DrawRange(one.upto, at) for at, one in enumerate(new.shares) if one.upto > upto[at]
    )
    return () if joined == plain else joined


def moved(old: Split, new: Split) -> Sequence[Interval]:
    """The draws that go to another share of `new` than the one they went to."""
    same = _same_shares(old, new)
    return [
        (max(start, first), min(end, last))
        for (start, end), before in _intervals(old.dealt)
        for (first, last), after in _intervals(new.dealt)
        if max(start, first) < min(end, last) and same.get(before) != after
    ]


def _same_shares(old: Split, new: Split) -> Mapping[int, int]:
    """By the place of each share of `old` that `new` has: its place there.

    By their names, those of one name in their order; of the others, renamed, by their order.
    """
    named: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(new.shares):
        named[one.name].append(at)
    found = {at: named[one.name].pop(0) for at, one in enumerate(old.shares) if named[one.name]}
    alone = [at for at in range(len(new.shares)) if at not in found.values()]
    others = (at for at in range(len(old.shares)) if at not in found)
    return {**found, **dict(zip(others, alone, strict=False))}


def _intervals(dealt: Sequence[DrawRange]) -> Iterator[tuple[Interval, int]]:
    start = 0
    for one in dealt:
        if one.upto > start:
            yield (start, one.upto), one.share
            start = one.upto


def _joined(found: Sequence[tuple[Interval, int]]) -> tuple[DrawRange, ...]:
    joined: list[DrawRange] = []
    for (_, end), share in found:
        if joined and joined[-1].share == share:
            joined.pop()
        joined.append(DrawRange(end, share))
    return tuple(joined)
