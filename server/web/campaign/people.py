"""The people of a campaign: who is inside, who left, and those that each count of the tree counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from dsl.program import Leave, Program, Statement
from dsl.program_codec import from_json
from server.engine.moves import Move
from server.reports import french, words
from server.reports.performance import people
from server.reports.position import position
from server.reports.version_number import version_numbers
from server.store.counters.counted import PASSED
from server.store.instants import from_micros
from server.store.schema.campaigns import enrolments, journal, versions
from server.web.campaign.overview import top
from server.web.office import Office
from server.web.page import Access, Page

#: How many are shown; a search finds the others.
_MOST = 50
_LONGEST = 100
#: The moves by which one goes through a statement.
_MOVES = (*PASSED, Move.JUMPED.value, Move.LOOPED.value, Move.LOOP_BEGUN.value)


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """Which of them. `here`: those who stand at the node, not those who passed it."""

    name: str = ""
    gone: bool = False
    version: int | None = None
    node: int | None = None
    branch: int | None = None
    here: bool = False


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Shows them: what it says is personal."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        yield Page("/campagnes/{campagne}/personnes", Access.PERSONAL, self.page)

    async def page(self, request: Request) -> Response:
        """Those asked for."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            numbers = await version_numbers(conn, one.id)
            asked = _asked(request.query_params, {number: id_ for id_, number in numbers.items()})
            node = await _statement(conn, asked)
            rows = list(await _rows(conn, one.id, asked, node))
            programs = await _programs(conn, {row.version_id for row in rows})
        place = "" if node is None else self.office.glossary.said(node.place.said)
        zone = self.office.settings.zone
        lines = [
            {
                "lead": row.lead_id,
                "name": " ".join(filter(None, (row.f_prenom, row.f_nom))) or row.f_courriel,
                "address": row.f_courriel,
                "entered": french.instant(from_micros(row.entered_at), zone),
                "version": row.number,
                "where": (
                    position(programs[row.version_id], row, zone, self.office.glossary)
                    if row.version_id in programs
                    else words.outcome(row.outcome)
                ),
            }
            for row in rows[:_MOST]
        ]
        return self.office.frame.page(
            request,
            "people.html",
            here="campagnes",
            title="Personnes",
            trail=(("Campagnes", "/campagnes"), (one.name, f"/campagnes/{one.id}")),
            tab="personnes",
            lines=lines,
            more=len(rows) > _MOST,
            asked=asked,
            place=place,
            version=numbers.get(asked.version or 0),
            most=_MOST,
            **values,
        )


def _asked(given: Mapping[str, str], ids: Mapping[int, int]) -> PeopleAsked:
    """What the address asks; `ids`: those of the versions, by their number."""
    return PeopleAsked(
        given.get("cherche", "")[:_LONGEST].strip(),
        given.get("ou") == "sortis",
        ids.get(_number(given.get("version", "")) or 0),
        _number(given.get("noeud", "")),
        _number(given.get("branche", "")),
        given.get("ou") == "ici",
    )


def _number(text: str) -> int | None:
    """A number of the address; None for what is none."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        return None
    return int(text)


async def _rows(
    conn: AsyncConnection, campaign: int, asked: PeopleAsked, node: Statement | None
) -> Any:
    if asked.node is None or asked.version is None:
        which = people.past if asked.gone else people.present
        return await which(conn, campaign, asked.name, _MOST)
    version = enrolments.c.version_id == asked.version
    if asked.here:
        here = (version, enrolments.c.statement == asked.node)
        return await people.present(conn, campaign, asked.name, _MOST, *here)
    if isinstance(node, Leave):
        gone = (version, enrolments.c.statement == asked.node, ~enrolments.c.active)
        return await people.ever(conn, campaign, asked.name, _MOST, *gone)
    moves = [
        journal.c.lead_id == enrolments.c.lead_id,
        journal.c.campaign_id == enrolments.c.campaign_id,
        journal.c.entry == enrolments.c.entry,
        journal.c.version_id == asked.version,
        journal.c.statement == asked.node,
        journal.c.kind.in_(_MOVES),
    ]
    if asked.branch is not None:
        moves.append(journal.c.branch == asked.branch)
    return await people.ever(conn, campaign, asked.name, _MOST, exists().where(*moves))


async def _programs(conn: AsyncConnection, wanted: set[int]) -> Mapping[int, Any]:
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(sorted(wanted)))
    return {row.id: from_json(row.program) for row in await conn.execute(query)}


async def _statement(conn: AsyncConnection, asked: PeopleAsked) -> Statement | None:
    """The one whose people are asked for."""
    if asked.node is None or asked.version is None:
        return None
    program: Program | None = (await _programs(conn, {asked.version})).get(asked.version)
    if program is None or not 0 <= asked.node < len(program.statements):
        return None
    return program.statements[asked.node]
