"""The versions of a campaign: who published each, when and why; any two compared, in words and in text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dsl.comparison import ComparedProgram, edits
from dsl.program_codec import from_json
from relance.report import Report
from server.campaign_library.copying import NotCopied
from server.campaign_library.restoring import restored
from server.daemon_thread import in_daemon_thread
from server.engine.transfer import transfers
from server.publication import requests
from server.publication.comparison import CampaignComparison, comparison_report
from server.publication.drafting import DraftTexts, Saved
from server.publication.unusable import UnusableDraft
from server.reports import french
from server.reports.campaigns import changes, history_report
from server.reports.performance.campaign import version_crowds
from server.reports.screen import screen
from server.reports.version_number import version_numbers
from server.store.instants import from_micros
from server.store.schema.campaigns import versions
from server.store.schema.rules import publications
from server.web.campaign.overview import top
from server.web.campaign.undoing import may_be_undone
from server.web.draft_saving import SCRIPTS
from server.web.frame import Flash, done
from server.web.office import Office
from server.web.page import Access, Page, number
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
    scripts: DraftTexts

    def pages(self) -> Iterator[Page]:
        """Where they are, and where one is written again in the draft."""
        yield Page("/campagnes/{campagne}/versions", Access.READ, self.page)
        back = "/campagnes/{campagne}/versions/{version}"
        yield Page(back, self.office.writing, self.back, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """All of them; and the two that are to be compared."""
        one = await self.office.campaign(request)
        zone = self.office.settings.zone
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            mine = select(versions).where(versions.c.campaign_id == one.id)
            rows = (await conn.execute(mine.order_by(versions.c.id.desc()).limit(_MOST))).all()
            people = await version_crowds(conn, one.id)
            authors = await _authors(conn, rows)
            numbers = await version_numbers(conn, one.id)
            life = await changes(conn, one.key, _MOST)
            undoable = may_be_undone(one, await transfers.last(conn, one.id))
        found = [
            PublishedVersion(
                numbers[row.id],
                from_micros(row.published_at),
                *authors.get(row.id, ("", "")),
                *people.get(row.id, (0, 0)),
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
            title="Versions",
            trail=(("Campagnes", "/campagnes"), (one.name, f"/campagnes/{one.id}")),
            tab="versions",
            found=found,
            asked=asked,
            compared=compared,
            undoable=undoable,
            history=screen(history, zone),
            instant=lambda at: french.instant(at, zone),
            **values,
        )

    async def back(self, request: Request) -> Response:
        """Whether to write in the draft what that version said; then it is written."""
        one = await self.office.campaign(request)
        asked = number(request, "version")
        async with self.office.store.read() as conn:
            numbers = await version_numbers(conn, one.id)
            wanted = next((key for key, shown in numbers.items() if shown == asked), None)
            row = (await conn.execute(select(versions).where(versions.c.id == wanted))).first()
        if row is None:
            raise HTTPException(404)
        refused = ""
        if request.method == "POST":
            found = await in_daemon_thread(self._written, one.name, row)
            if isinstance(found, Saved):
                words = (
                    f"Le brouillon dit de nouveau ce que disait la version {asked}. Rien ne change pour "
                    "personne avant que vous ne publiiez."
                )
                return done(f"{SCRIPTS}/{quote(found.text.file)}", Flash(words))
            refused = found
        return self.office.frame.page(
            request,
            "back.html",
            here="campagnes",
            title=f"Revenir à la version {asked}",
            trail=(("Campagnes", "/campagnes"), (one.name, f"/campagnes/{one.id}/versions")),
            status=409 if refused else 200,
            campaign=one,
            number=asked,
            current=row.id == one.version,
            refused=refused,
        )

    def _written(self, name: str, row: Any) -> Saved | str:
        """What was saved of the draft; else why nothing was."""
        try:
            drafts = {file: self.scripts.read(file) for file in self.scripts.names()}
            texts = {file: one.text for file, one in drafts.items()}
            former = from_json(row.program).name
            file, text = restored(texts, name, row.source, former, self.office.catalogue)
            saved = self.scripts.save(file, text, drafts[file].version)
        except NotCopied as refused:
            return str(refused)
        except UnusableDraft as unusable:
            return f"Rien n’est écrit. {unusable}"
        if isinstance(saved, Saved):
            return saved
        return "Quelqu’un vient de changer ce script : rien n’est écrit. Recommencez."

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
    columns = publications.c
    query = select(columns.number, columns.at, columns.who, columns.note)
    found = (await conn.execute(query.where(columns.at.in_(sorted(at))))).all()
    agreed = await requests.agreed_by(conn, [row.number for row in found])
    return {
        at[row.at]: (_by(row.who or "", agreed.get(row.number, "")), row.note or "")
        for row in found
    }


def _by(who: str, agreed: str) -> str:
    return f"{who}, avec l’accord de {agreed}" if agreed else who
