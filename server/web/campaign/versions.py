"""The versions of a campaign: who published each, when and why; any two compared, in words and in text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from dsl.comparison import ComparedProgram, edits
from dsl.program_codec import from_json
from server.publication.comparison import CampaignComparison, comparison_report
from server.reports import french
from server.reports.campaigns import changes, history_report
from server.reports.performance.campaign import campaign_performance
from server.reports.performance.reading import EVER
from server.reports.report import Report
from server.reports.screen import screen
from server.reports.version_number import version_numbers
from server.store.instants import from_micros
from server.store.schema.campaigns import versions
from server.store.schema.rules import publications
from server.web.campaign.overview import top
from server.web.office import Office
from server.web.page import Access, Page
from server.web.publish import DiffLine

_MOST = 100
_LINES = 400


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version, and how it came to be."""

    number: int
    at: Any
    who: str
    why: str
    entered: int
    inside: int
    current: bool


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """Shows them."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        yield Page("/campagnes/{campagne}/versions", Access.READ, self.page)

    async def page(self, request: Request) -> Response:
        """All of them; and the two that are to be compared."""
        one = await self.office.campaign(request)
        zone = self.office.settings.zone
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            mine = select(versions).where(versions.c.campaign_id == one.id)
            rows = (await conn.execute(mine.order_by(versions.c.id.desc()).limit(_MOST))).all()
            ever = await campaign_performance(conn, one.id, one.name, EVER)
            authors = await _authors(conn, rows)
            numbers = await version_numbers(conn, one.id)
            life = await changes(conn, one.key, _MOST)
        people = {line.version: line for line in ever.versions}
        found = [
            PublishedVersion(
                numbers[row.id],
                from_micros(row.published_at),
                *authors.get(row.id, ("", "")),
                people[row.id].entered if row.id in people else 0,
                people[row.id].inside if row.id in people else 0,
                row.id == one.version,
            )
            for row in rows
        ]
        by_number = {str(numbers[row.id]): row for row in rows}
        asked = [request.query_params.get(name, "") for name in ("de", "a")]
        compared = None
        if all(number in by_number for number in asked) and asked[0] != asked[1]:
            title = f"De la version {asked[0]} à la version {asked[1]}"
            compared = self._compared(title, by_number[asked[0]], by_number[asked[1]])
        elif len(rows) > 1:
            asked = [str(numbers[row.id]) for row in (rows[1], rows[0])]
        history = _of_one(history_report(life, _MOST))
        return self.office.frame.page(
            request,
            "versions.html",
            here="campagnes",
            title=one.name,
            trail=(("Campagnes", "/campagnes"),),
            tab="versions",
            found=found,
            asked=asked,
            compared=compared,
            history=screen(history, zone),
            instant=lambda at: french.instant(at, zone),
            **values,
        )

    def _compared(self, title: str, old: Any, new: Any) -> Mapping[str, Any]:
        """What changes from the one to the other: in words, then line by line."""
        sides = [ComparedProgram(from_json(row.program), row.source) for row in (old, new)]
        name = sides[1].program.name
        comparison = CampaignComparison(name, sides[0].program.name, tuple(edits(*sides)))
        words = comparison_report(title, [comparison], {}, self.office.glossary)
        before, after = old.source.splitlines(), new.source.splitlines()
        lines = list(unified_diff(before, after, lineterm=""))
        kept: Sequence[DiffLine] = [
            DiffLine(line[:1], line[1:]) for line in lines[2 : _LINES + 2] if line[:1] != "@"
        ]
        return {"words": screen(words, self.office.settings.zone), "lines": kept}


def _of_one(history: Report) -> Report:
    """What was decided, without the column that says of which campaign: there is one."""
    kept = [at for at, one in enumerate(history.columns) if one.heading != "Campagne"]
    return replace(
        history,
        title="Ce qui en a été décidé",
        columns=tuple(history.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in history.rows),
    )


async def _authors(conn: AsyncConnection, rows: Sequence[Any]) -> Mapping[int, tuple[str, str]]:
    """Who published each version, and the note they left, by the publication made at that instant."""
    at = {row.published_at: row.id for row in rows}
    query = select(publications.c.at, publications.c.who, publications.c.note)
    found = await conn.execute(query.where(publications.c.at.in_(sorted(at))))
    return {at[row.at]: (row.who or "", row.note or "") for row in found}
