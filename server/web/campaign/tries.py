"""The scenarios that try a campaign, and how they go on the script of the draft."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from server.store.schema.campaigns import versions
from server.web.campaign.draft_script import draft_script
from server.web.campaign.overview import top
from server.web.office import Office
from server.web.page import Access, Page
from server.web.scenarios import ScenarioPlayer, attempt_path, tries


@dataclass(frozen=True, slots=True)
class TriesPage:
    """Shows them, and has them played."""

    office: Office
    player: ScenarioPlayer

    def pages(self) -> Iterator[Page]:
        """Where they are; playing takes the machine some seconds."""
        yield Page("/campagnes/{campagne}/scenarios", Access.READ, self.page)
        play = "/campagnes/{campagne}/jouer"
        yield Page(play, Access.WRITE, self.page, ("POST",), in_time=False)

    async def page(self, request: Request) -> Response:
        """As they are written; as they went, once played."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            mine = select(versions.c.source).where(versions.c.id == one.version)
            kept = await conn.scalar(mine)
        draft = await asyncio.to_thread(draft_script, self.office.settings.folder, one.name)
        source = draft.text if draft is not None else kept
        played, refused = None, ""
        if request.method == "POST":
            gone = "Le brouillon n’a plus de script qui déclare cette campagne."
            found = await self.player.played(draft.path) if draft is not None else gone
            played, refused = (None, found) if isinstance(found, str) else (found, "")
        shown = tries(source or "", played, one.name)
        return self.office.frame.page(
            request,
            "tries.html",
            here="campagnes",
            title="Scénarios",
            trail=(("Campagnes", "/campagnes"), (one.name, f"/campagnes/{one.id}")),
            tab="scenarios",
            status=422 if refused else 200,
            tries=shown,
            attempt=attempt_path(draft.file, one.name) if draft is not None else "",
            played=played is not None,
            passed=sum(one.passed is True for one in shown),
            refused=refused,
            **values,
        )
