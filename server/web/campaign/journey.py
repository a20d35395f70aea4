"""The first page of a campaign: its script, and beside it its tree with the people in it, live."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.french import quoted
from server.daemon_thread import in_daemon_thread
from server.publication.drafting import Clashing, DraftText, DraftTexts, Saved
from server.publication.unusable import UnusableDraft
from server.reports.performance.listing import CampaignSummary
from server.web.campaign.draft_script import FoundScript, draft_script
from server.web.campaign.draft_tree import OnScreen, on_screen
from server.web.campaign.journey_tree import JourneyTree
from server.web.campaign.overview import campaign_path
from server.web.draft_saving import by_editor, saved, saved_as_json, saved_flash
from server.web.frame import done, viewer_of
from server.web.limits import WHOLE
from server.web.live import Live
from server.web.office import Office
from server.web.page import Access, Page
from server.web.prose import own, parted, prose

PATH = "/campagnes/{campagne}"


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """Shows them: the draft in the editor, to who may change it; else a version, as it is."""

    office: Office
    live: Live
    scripts: DraftTexts
    tree: JourneyTree

    def pages(self) -> Iterator[Page]:
        """The page, the part of it that changes by itself, and what becomes of what is typed."""
        writing = self.office.writing
        yield Page(PATH, Access.READ, self.page)
        yield Page(PATH + "/arbre", Access.READ, self.part)
        redrawn, save = PATH + "/brouillon/{file:path}", PATH + "/script/{file:path}"
        yield Page(redrawn, writing, self.redrawn, ("POST",), form_at=PATH, most=WHOLE)
        yield Page(save, writing, self.save, ("POST",), form_at=PATH, most=WHOLE)

    async def page(self, request: Request) -> Response:
        """The script and the tree of the draft; those of a version, where one is asked for."""
        one = await self.office.campaign(request)
        draft = await in_daemon_thread(draft_script, self.office.settings.folder, one.name)
        asked = request.query_params.get("version", "")
        written = None
        if draft is not None and not asked and self.office.writing in viewer_of(request).may:
            with contextlib.suppress(LookupError, UnusableDraft):
                written = await in_daemon_thread(self.scripts.read, draft.file)
        return await self._page(request, one, draft, written)

    async def save(self, request: Request) -> Response:
        """Keep what was typed in the draft, as the page of a script does."""
        one = await self.office.campaign(request)
        typed, found = await saved(request, self.scripts)
        if by_editor(request):
            return saved_as_json(found)
        if isinstance(found, Saved):
            return done(campaign_path(one.id), saved_flash(found))
        draft = await in_daemon_thread(draft_script, self.office.settings.folder, one.name)
        return await self._page(request, one, draft, typed, found, 409)

    async def _page(
        self,
        request: Request,
        one: CampaignSummary,
        draft: FoundScript | None,
        written: DraftText | None,
        clash: Clashing | None = None,
        status: int = 200,
    ) -> Response:
        screen = OnScreen(written.file, written.text) if written is not None else None
        values = await self.tree.values(request, one, screen)
        values |= _in_prose(values["source"], one.name) if written is None else _in_form(written)
        return self.office.frame.page(
            request,
            "campaign.html",
            here="campagnes",
            title=one.name,
            trail=(("Campagnes", "/campagnes"),),
            tab="script",
            status=status,
            edits=written is not None,
            **_place_of(draft),
            unpublished=draft is not None
            and draft.file in self.office.publishing.rules.pending.changed,
            draft_file=draft.file if draft is not None else "",
            at_once=self.office.at_once,
            clash=clash,
            **values,
        )

    async def part(self, request: Request) -> Response:
        """What of it changes by itself: the same for all who may open what it counts."""
        query = str(request.query_params)[:200]
        key = (request.url.path, query, Access.PERSONAL in viewer_of(request).may)
        answer: Response = await self.live.shared(key, lambda: self._part(request))
        return answer

    async def _part(self, request: Request) -> Response:
        return await self._drawn(request, await self.office.campaign(request))

    async def _drawn(
        self, request: Request, one: CampaignSummary, screen: OnScreen | None = None
    ) -> Response:
        values = await self.tree.values(request, one, screen)
        return self.office.frame.part(request, "_live_tree.html", oob=True, **values)

    async def redrawn(self, request: Request) -> Response:
        """The same, of the draft as it is on the screen of who asks."""
        one = await self.office.campaign(request)
        screen = await on_screen(request)
        return await self._drawn(request, one, screen)


def _place_of(draft: FoundScript | None) -> dict[str, Any]:
    """Where the campaign stands in its file: the whole of it is shown, from its own line on when others
    come before."""
    others = draft.others if draft is not None else ()
    line = draft.line if draft is not None else 1
    return {
        "siblings": [quoted(name) for _, name in others],
        "line": line,
        "begins": line if any(at < line for at, _ in others) else 0,
    }


def _in_prose(source: str, campaign: str) -> dict[str, Any]:
    """A version as one reads it: what is of the campaign, and what else its file holds."""
    lines, tries = parted(prose(source))
    begins, ends = own(lines, campaign)
    return {
        "before": lines[:begins],
        "lines": lines[begins:ends],
        "after": lines[ends:],
        "tries": tries,
    }


def _in_form(written: DraftText) -> dict[str, Any]:
    """The draft, to be changed."""
    script = {"file": written.file, "text": written.text, "may_change": True}
    return {"script": script, "text_version": written.version}
