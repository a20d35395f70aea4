"""The crowd in the tree of a version: how many passed each statement and branch, how many stand there.

Who entered a version, or came to it from another, is inside or has left: `arrived` is the one sum.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Await, Decide, Jump, Leave, Loop, LoopStart, Program, Split
from server.engine.moves import TIMED_OUT
from server.reports.performance.places import places
from server.reports.performance.reading import DaySpan, counted


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of one version. `passed`: by statement and branch, None where there is but one way on.

    `entered`, `passed` and `left` (by outcome) are of the period, `inside` and `waiting` of now.
    """

    entered: int
    inside: int
    passed: Mapping[tuple[int, int | None], int]
    waiting: Mapping[int, int]
    left: Counter[str]
    #: How many are inside the campaign in its other versions.
    elsewhere: int = 0

    @property
    def arrived(self) -> int:
        """Who entered, or was brought from another version: each is inside, or has left."""
        return self.inside + self.left.total()

    def through(self, statement: int) -> int:
        """How many passed a statement, by whatever branch."""
        return sum(n for (at, _), n in self.passed.items() if at == statement)

    def taking(self, statement: int, branch: int | None) -> int:
        """How many took that branch of it."""
        return self.passed.get((statement, branch), 0)


async def crowd(conn: AsyncConnection, campaign: int, version: int, days: DaySpan) -> Crowd:
    """That of a version of a campaign."""
    mine = (campaign,)
    entered = await counted(conn, mine, ("entered",), days, "version_id")
    passed = await counted(conn, mine, ("passed",), days, "version_id", "place", "detail")
    left = await counted(conn, mine, ("left",), days, "version_id", "subject")
    there = await places(conn, campaign)
    waiting = {at: n for number, at, n in there if number == version}
    return Crowd(
        sum(row.n for row in entered if row.version_id == version),
        sum(waiting.values()),
        {
            (row.place, int(row.detail) if row.detail else None): row.n
            for row in passed
            if row.version_id == version
        },
        waiting,
        Counter({row.subject: row.n for row in left if row.version_id == version and row.n}),
        sum(n for number, _, n in there if number != version),
    )


def arrivals(program: Program, found: Crowd) -> Mapping[int, int]:
    """How many came to each statement that keeps no count of its own, from those that lead there.

    Past the last one, `dsl.program.END`.
    """
    came: Counter[int] = Counter()
    came[program.first] += found.entered
    for at, statement in enumerate(program.statements):
        match statement:
            case Decide():
                came[statement.yes] += found.taking(at, 1)
                came[statement.no] += found.taking(at, 0)
            case Await():
                for number, branch in enumerate(statement.branches):
                    came[branch.next] += found.taking(at, number)
                came[statement.timeout] += found.taking(at, TIMED_OUT)
            case Split():
                for number, share in enumerate(statement.shares):
                    came[share.next] += found.taking(at, number)
            case Jump() | Loop() | Leave():
                pass  # a way back is not one more who came
            case LoopStart():
                came[statement.next] += came[at]
            case _:
                came[statement.next] += found.through(at)
    return came
