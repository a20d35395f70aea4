"""How the server is doing, as pages: `/sante` for machines, `/etat` for who may read.

What is wrong is decided in `server.health`. What names campaigns and people is for the team alone;
anyone else learns whether the server runs.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole
from relance.errors import StoreUnavailable
from relance.host import Clock
from relance.legible import in_json
from server.health.answer import health_answer
from server.health.checkup import Checkup
from server.health.operation import (
    channels_report,
    operation,
    processes_report,
    waiting_report,
)
from server.health.shared_look import SharedLook
from server.http.exchange import JSON
from server.reports.glossary import Glossary
from server.reports.screen import screen
from server.store import declarations
from server.store.instants import SECOND, now_micros
from server.store.schema.campaigns import campaigns
from server.store.store import Store
from server.web import overview
from server.web.campaign.overview import campaign_path
from server.web.frame import Frame
from server.web.guard import PageGuard
from server.web.live import Live
from server.web.page import Access, Page

_HERE, _TITLE = "etat", "État du serveur"
#: The number of its watch (`Live.watching`), and how often an open page is made anew, in seconds:
#: most of what it shows is for how long something has waited.
_WATCH, _EVERY = -4, 5
#: Counting stops here: beyond, « a lot » is all one needs to know.
_MANY = 100_001
#: Campaigns that are led to.
_LINKED = 400


class StatusPages:
    """Answers `/etat` and `/sante`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        checkup: Checkup,
        glossary: Glossary,
        guard: PageGuard,
        frame: Frame,
        live: Live,
    ) -> None:
        self._store = store
        self._clock = clock
        self._checkup = checkup
        self._public = SharedLook(checkup.health, clock)
        self._glossary = glossary
        self._guard = guard
        self._frame = frame
        self._live = live

    def pages(self) -> Iterator[Page]:
        """Where they are: of the health, each is told what is theirs to know."""
        stream = self._live.watching(_WATCH, self._stamp)
        yield Page("/etat", Access.READ, self.page)
        yield Page("/etat/tableau", Access.READ, self.part)
        yield Page("/vif/etat", Access.READ, stream, in_time=False)
        yield Page("/sante", Access.ANYBODY, self.health, in_time=False)

    async def health(self, request: Request) -> Response:
        """200 when all that is asked for is done, 503 when some of it is not.

        What is wrong may name people and machines of ours: that is told to who may read alone, who
        is looked for at once. Strangers share a look, however often they ask.
        """
        full = await self._reads(request)
        health = await (self._checkup if full else self._public).health()
        said = in_json(health_answer(health, full=full))
        return Response(said, 200 if health.ok else 503, media_type=JSON)

    async def _reads(self, request: Request) -> bool:
        """Whether who asks may read; nobody is known while the base does not answer."""
        try:
            caller = await self._guard.caller(request)
        except StoreUnavailable:
            return False
        return caller is not None and caller.may(AccessRole.READ)

    async def _stamp(self, _conn: AsyncConnection) -> object:
        return now_micros(self._clock) // (_EVERY * SECOND)

    async def page(self, request: Request) -> Response:
        """All of it; what is wrong alone, while the base does not answer."""
        values = await self._values()
        status = 503 if values["tables"] is None else 200
        return self._frame.page(
            request, "status.html", here=_HERE, title=_TITLE, status=status, **values
        )

    async def part(self, request: Request) -> Response:
        """The same, for a page that is open."""
        values = await self._live.shared("etat", self._values)
        return self._frame.part(request, "_status.html", **values)

    async def _values(self) -> dict[str, Any]:
        health = await self._checkup.health()
        try:
            return {"health": health, **await self._of_base()}
        except StoreUnavailable:
            return {"health": health, "tables": None}

    async def _of_base(self) -> dict[str, Any]:
        now = now_micros(self._clock)
        async with self._store.read() as conn:
            found = await operation(conn, now)
            reports = [processes_report(found), waiting_report(found)]
            if found.channels:
                reports.append(channels_report(found, self._glossary))
            reports += await overview.tables(conn, now, self._glossary)
            declared = await declarations.count(conn, _MANY)
            known = await conn.execute(select(campaigns.c.name, campaigns.c.id).limit(_LINKED))
        links = {row.name: campaign_path(row.id) for row in known}
        shown = [screen(one, self._frame.zone) for one in reports]
        return {"declared": declared, "campaigns_at": links, "tables": shown}
