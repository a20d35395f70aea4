"""What changes under an open page: one stream a page, one look a second at the base for all of them.

A stream says only that something changed: the page then asks for the part of it that may have, which
is made once for all who ask within the second. So many pages are told a second and no more, those
that wait longest first: however many are open, what runs beside them loses the same little. A stream
opens with such a word, so that one who comes back
after a cut has missed nothing; it ends when the server stops, or who opened it may no longer.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from relance.errors import StoreUnavailable
from server.reports.performance.reading import DaySpan, counted
from server.store.schema.campaigns import campaigns
from server.store.schema.rules import dynamic_lists
from server.web.office import Office
from server.web.page import Access, Page

_EVERY_SECONDS = 1.0
#: So many pages are told at each look.
_MOST_AT_ONCE = 20
#: A stream that says nothing for so long is taken for dead by what stands between.
_QUIET_SECONDS = 15.0
_CHANGED, _QUIET = b"event: change\ndata: 1\n\n", b":\n\n"
_KINDS = ("entered", "left", "passed", "message sent")
_MOST_KEPT = 64
#: Of the lists, what says how far they are.
_BUILDING = select(
    dynamic_lists.c.number, dynamic_lists.c.name, dynamic_lists.c.built_to, dynamic_lists.c.reason
).order_by(dynamic_lists.c.number)
#: The watch over all campaigns together, and the one over the building of lists.
_ALL, _LISTS = 0, -1


class Live:
    """Tells open pages of what changed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._open: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        #: Those that are to be told, in the order in which they came to wait.
        self._waiting: dict[asyncio.Event, None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._made: dict[object, tuple[float, asyncio.Task[Any]]] = {}
        #: What other pages watch, by the number of their watch: what tells that it changed.
        self._others: dict[int, Callable[[AsyncConnection], Awaitable[object]]] = {}

    def watching(
        self, watch: int, stamp: Callable[[AsyncConnection], Awaitable[object]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """What answers the stream of a page that watches something else than campaigns.

        `watch`: its own number, below those here; `stamp`: what is other once it has changed.
        """
        self._others[watch] = stamp

        async def answer(request: Request) -> Response:
            return self._stream(request, watch)

        return answer

    def pages(self) -> Iterator[Page]:
        """One stream for all campaigns, one for each, one for the lists."""
        yield Page("/vif", Access.READ, self._all, in_time=False)
        yield Page("/campagnes/{campagne}/vif", Access.READ, self._one, in_time=False)
        yield Page("/listes/vif", Access.READ, self._lists, in_time=False)

    async def shared(self, key: object, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `make` returns, made once for all who ask within a second."""
        now = asyncio.get_running_loop().time()
        at, task = self._made.get(key, (0.0, None))
        if task is None or now - at > _EVERY_SECONDS or (task.done() and task.exception()):
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            task = asyncio.ensure_future(make())
            self._made[key] = (now, task)
        return await asyncio.shield(task)

    async def _all(self, request: Request) -> Response:
        return self._stream(request, _ALL)

    async def _one(self, request: Request) -> Response:
        return self._stream(request, (await self._office.campaign(request)).id)

    async def _lists(self, request: Request) -> Response:
        return self._stream(request, _LISTS)

    def _stream(self, request: Request, campaign: int) -> Response:
        kind = "text/event-stream"
        if request.method == "HEAD":
            return Response(media_type=kind)
        words = self._words(campaign, request.state.may_still)
        return StreamingResponse(words, media_type=kind)

    async def _words(
        self, campaign: int, may_still: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        changed, stopping = asyncio.Event(), self._office.stopping
        now = asyncio.get_running_loop().time
        self._open[campaign].add(changed)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="relance-vif")
        try:
            yield _CHANGED
            asked = now()
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _QUIET_SECONDS)
                if now() - asked >= _QUIET_SECONDS:
                    if not await may_still():
                        break
                    asked = now()
                yield _CHANGED if changed.is_set() else _QUIET
                changed.clear()
        finally:
            self._waiting.pop(changed, None)
            self._open[campaign].discard(changed)
            if not self._open[campaign]:
                del self._open[campaign]

    async def _look(self) -> None:
        """While anybody watches, and no longer; then all that is still open is let go."""
        known: Mapping[int, object] = {}
        stopping = self._office.stopping
        try:
            while self._open and not stopping.is_set():
                with contextlib.suppress(StoreUnavailable):  # the next look will tell
                    found = await self._stamps()
                    # What is looked at for the first time may have changed since it was shown.
                    self._note({one for one, stamp in found.items() if known.get(one) != stamp})
                    known = found
                self._rouse(_MOST_AT_ONCE)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _EVERY_SECONDS)
        finally:
            self._note(set(self._open))
            self._rouse(len(self._waiting))

    def _note(self, turned: Collection[int]) -> None:
        """The pages of these are to ask anew; nothing made before is given them."""
        if turned:
            self._made.clear()
        for campaign, pages in self._open.items():
            if campaign in turned or (campaign == _ALL and turned):
                self._waiting |= dict.fromkeys(pages)

    def _rouse(self, most: int) -> None:
        """Have so many of them ask, those that wait longest first."""
        for each in tuple(self._waiting)[:most]:
            del self._waiting[each]
            each.set()

    async def _stamps(self) -> Mapping[int, object]:
        """Of each campaign watched, what is other once anything of it changed."""
        today = self._office.clock.now().astimezone(self._office.settings.zone).date()
        days = DaySpan(today - timedelta(days=1), today)
        query = select(campaigns.c.id, campaigns.c.state, campaigns.c.runs, campaigns.c.version_id)
        if _ALL not in self._open:
            query = query.where(campaigns.c.id.in_(sorted(self._open)))
        async with self._office.store.read() as conn:
            rows = (await conn.execute(query)).all()
            watched = _LISTS in self._open
            built = tuple((await conn.execute(_BUILDING)).all()) if watched else ()
            others = {
                watch: await stamp(conn)
                for watch, stamp in self._others.items()
                if watch in self._open
            }
            ids = [row.id for row in rows]
            moved = await counted(conn, ids, _KINDS, days, "campaign_id", "kind")
            inside = await counted(conn, ids, ("inside",), None, "campaign_id")
        counts: defaultdict[int, list[object]] = defaultdict(list)
        for row in moved:
            counts[row.campaign_id].append((row.kind, row.n))
        for row in inside:
            counts[row.campaign_id].append(row.n)
        stamps = {row.id: (*row, *sorted(map(str, counts[row.id]))) for row in rows}
        return {**stamps, **others, **({_LISTS: built} if watched else {})}
