"""What an import would do, told without writing anything."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from server.imports.people import People, Reject
from server.imports.run import ALONE, FileReading, Progress, explained
from server.imports.sheet import Sheet
from server.imports.upsert import Ground, UpsertPlan, UpsertTally, plan
from server.store.fields import FieldCatalogue
from server.store.forgotten import Forgotten
from server.store.instants import Micros

#: Rejects that are told; the others are counted.
_MOST_KEPT = 100_000

Read = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


@dataclass
class Trial:
    """What would become of the rows."""

    tally: UpsertTally = field(default_factory=UpsertTally)
    rejects: list[Reject] = field(default_factory=list)
    #: Rows about somebody that a row above told of.
    repeated: int = 0


async def attempt(
    read: Read,
    fields: FieldCatalogue,
    sheet: Sheet,
    people: People,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    now: Micros,
    forgotten: Forgotten | None = None,
) -> Trial:
    """Read the whole file beside the base as it is now."""
    reading = FileReading(sheet, people)
    known = forgotten or Forgotten()
    ground = Ground(fields, people.columns, people.own_key, known, people.region)
    trial = Trial()
    #: Those the file itself would have created further up, by the hash of who they are.
    met: set[int] = set()
    known_above: set[int] = set()
    row = 0
    while (taken := await reading.take(ALONE)).count:
        async with read() as conn:
            planned = await plan(conn, ground, taken.people, now)
        counted = planned.tally()
        again = _met_again(planned, met)
        counted.created -= again
        counted.unchanged += again
        counted.rejected += len(taken.rejects)
        trial.tally.add(counted)
        trial.repeated += _repeated(planned, known_above)
        _keep(trial.rejects, explained(ground, planned, taken))
        row += taken.count
        report(Progress(row, taken.share, trial.tally))
    return trial


def _keep(kept: list[Reject], more: Sequence[Reject]) -> None:
    kept.extend(more[: max(0, _MOST_KEPT - len(kept))])


def _repeated(planned: UpsertPlan, met: set[int]) -> int:
    """How many rows are about somebody met before; `met`: the hashes of leads and identities."""
    count = 0
    for person, place in planned.places:
        lead = planned.register.final(place)
        marks = {hash(identity) for identity in person.identities}
        marks |= {hash(("lead", lead))} if lead >= 0 else set()
        count += bool(marks & met)
        met |= marks
    return count


def _met_again(planned: UpsertPlan, met: set[int]) -> int:
    """How many of the leads that seem new are some the file told of before."""
    known: set[int] = set()
    fresh: set[int] = set()
    for person, place in planned.places:
        lead = planned.register.final(place)
        if lead < 0:
            marks = {hash(identity) for identity in person.identities}
            (known if marks & met else fresh).add(lead)
            met |= marks
    return len(known - fresh) if known else 0
