"""Tracked links: the short address of each, and its clicks wherever they come from."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plugins.web.addresses import page_of
from plugins.web.visitor import NOTHING, Visitors
from relance.events import LINK_CLICKED, NewEvent
from relance.host import Host
from relance.link import Link
from relance.origin import in_ascii
from relance.route import Guard, Route
from relance.tracking.answers import NOT_KEPT
from relance.web_address import with_utm

PATH = "/l/{slug}"
_HEADERS = {**NOT_KEPT, "x-robots-tag": "noindex"}


class ShortLinks:
    """Answers short addresses; knows the links of the rules from where they lead."""

    def __init__(self, host: Host, visitors: Visitors) -> None:
        self._host = host
        self._visitors = visitors
        self._known: Sequence[Link] = ()
        self._by_slug: dict[str, Link] = {}
        self._by_address: dict[str, Link] = {}

    def routes(self) -> list[Route]:
        """Where short addresses are answered."""
        return [Route(PATH, ("GET", "HEAD"), Guard.PUBLIC, self._followed, counted=False)]

    async def clicked(self, name: str, address: str) -> NewEvent | None:
        """The click on a link that a page names, or that the rules declare; None for another."""
        page = page_of(address)
        if not name:
            await self._refresh()
            link = self._by_address.get(page.address) if page is not None else None
            return None if link is None else NewEvent(LINK_CLICKED, link.name, address=link.url)
        return NewEvent(LINK_CLICKED, name, address=page.address if page is not None else None)

    async def _followed(self, request: Request) -> Response:
        await self._refresh()
        link = self._by_slug.get(request.path_params["slug"])
        target = None if link is None else in_ascii(with_utm(link.url, link.utm))
        if link is None or target is None:
            return Response(status_code=404)
        heard = NOTHING
        if request.method == "GET" and _seen(request) and not self._visitors.refuses(request):
            event = NewEvent(LINK_CLICKED, link.name, address=link.url)
            heard = await self._visitors.record(request, event)
        return RedirectResponse(target, 302, {**_HEADERS, **heard.headers})

    async def _refresh(self) -> None:
        links = await self._host.links()
        if links is self._known:
            return
        self._known = links
        self._by_slug = {link.slug: link for link in links}
        self._by_address = {
            page.address: link
            for link in links
            if not link.withdrawn and (page := page_of(link.url)) is not None
        }


def _seen(request: Request) -> bool:
    """Whether a page was asked for, as people do, or followed by somebody who is known."""
    asked = request.headers.get("sec-fetch-dest", "document") in {"document", "empty"}
    return asked and ("text/html" in request.headers.get("accept", "") or bool(request.cookies))
