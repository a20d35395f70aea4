"""What the script and the pixel of a site tell: pages seen, links clicked, consent taken back.

Nothing here is an error for a visitor. What cannot be read, comes from another site or asks not
to be followed is answered like the rest, and not kept.
"""

import json
import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from plugins.web.addresses import VisitedPage, line, page_of
from plugins.web.links import ShortLinks
from plugins.web.settings import WebSettings
from plugins.web.visitor import NOTHING, Heard, Visitors
from relance.events import PAGE_VISITED, NewEvent
from relance.host import Host
from relance.origin import origin_of
from relance.provenance import HIDDEN, Provenance, provenance
from relance.route import Guard, Route
from relance.tracking.answers import NOT_KEPT, PIXEL

log = logging.getLogger(__name__)

PATH, PIXEL_PATH = "/suivi", "/suivi.gif"
MAX_BODY = 8_192
_MAX_TITLE, _MAX_NAME = 200, 200
_MOST_LOGGED = 20
#: A page elsewhere may show our picture and run our script.
SHARED = {"cross-origin-resource-policy": "cross-origin"}
_OURS = {**NOT_KEPT, **SHARED}
_ALLOWED = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "Content-Type",
    "access-control-max-age": "86400",
}


class Hits:
    """Answers the script and the pixel."""

    def __init__(
        self, host: Host, settings: WebSettings, visitors: Visitors, links: ShortLinks
    ) -> None:
        self._visitors = visitors
        self._links = links
        own = origin_of(host.public_url)
        self._sites = settings.sites | ({own} if own else set())
        self._unknown: set[str] = set()

    def routes(self) -> list[Route]:
        """Where they tell it."""
        return [
            Route(PATH, ("POST", "OPTIONS"), Guard.PUBLIC, self._answer, max_body=MAX_BODY),
            Route(PIXEL_PATH, ("GET", "HEAD"), Guard.PUBLIC, self._shown),
        ]

    async def _answer(self, request: Request) -> Response:
        hit = _read(await request.body())
        site = self._site(request, hit)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_cors(site) | _ALLOWED)
        heard = NOTHING if site is None else await self._hear(request, hit)
        return Response(status_code=204, headers={**_OURS, **_cors(site), **heard.headers})

    async def _hear(self, request: Request, hit: Mapping[str, object]) -> Heard:
        what = hit.get("e")
        if what == "retrait":
            return self._visitors.forget()
        if self._visitors.refuses(request):
            return NOTHING
        event = None
        page = page_of(_text(hit, "u"))
        if page is not None and page.origin in self._sites:
            if what == "page":
                event = _visited(page, _text(hit, "r"), _text(hit, "t"))
            elif what == "lien":
                name = line(_text(hit, "n"), _MAX_NAME)
                event = await self._links.clicked(name, _text(hit, "h"))
        if event is None:
            return NOTHING
        return await self._visitors.record(request, event, agreed=hit.get("c") == 1)

    async def _shown(self, request: Request) -> Response:
        heard = NOTHING
        page = self._pictured(request)
        if page is not None and request.method == "GET" and not self._visitors.refuses(request):
            event = _visited(
                page, request.query_params.get("r", ""), request.query_params.get("t", "")
            )
            heard = await self._visitors.record(request, event)
        return Response(PIXEL, media_type="image/gif", headers={**_OURS, **heard.headers})

    def _pictured(self, request: Request) -> VisitedPage | None:
        """The page that shows the pixel: as `p` says, on the site it was asked from."""
        said = request.query_params.get("p", "")
        referrer = request.headers.get("referer", "")
        site = self._known(origin_of(referrer)) if referrer else None
        if said.startswith("/") and not said.startswith("//"):
            said = site + said if site else ""
        page = page_of(said or referrer)
        # Without a referrer, the address itself must say which site it is.
        if page is None or page.origin not in self._sites or (referrer and site is None):
            return None
        return page

    def _site(self, request: Request, hit: Mapping[str, object]) -> str | None:
        """The site whose page speaks, if it is one of ours.

        Our script has its requests name their site whatever the page's policy; its last resort,
        a beacon, cannot: a page of our own domain is then believed, as the browser vouches for it.
        """
        origin = request.headers.get("origin", "")
        if origin in {"", HIDDEN}:
            origin = origin_of(request.headers.get("referer", "")) or ""
        if not origin and provenance(request.headers, self._sites) is Provenance.NEAR:
            origin = origin_of(_text(hit, "u")) or ""
        return self._known(origin)

    def _known(self, origin: str | None) -> str | None:
        if not origin or origin in self._sites:
            return origin or None
        if len(self._unknown) < _MOST_LOGGED and origin not in self._unknown and len(origin) < 200:
            self._unknown.add(origin)
            log.warning(
                "le site %s n’est pas suivi : ajoutez-le à «\u00a0sites\u00a0» de [web] s’il est à vous",
                line(origin, 200),
            )
        return None


def _visited(page: VisitedPage, referrer: str, title: str) -> NewEvent:
    properties: dict[str, object] = dict(page.came)
    if title := line(title, _MAX_TITLE):
        properties["titre"] = title
    came_from = origin_of(referrer)
    if came_from is not None and came_from != page.origin:
        properties["provenance"] = came_from.partition("://")[2]
    return NewEvent(PAGE_VISITED, page.path, address=page.address, properties=properties)


def _read(body: bytes) -> Mapping[str, object]:
    """What the script says; nothing at all of what it could not have written."""
    try:
        hit = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return hit if isinstance(hit, dict) else {}


def _text(hit: Mapping[str, object], key: str) -> str:
    value = hit.get(key)
    return value if isinstance(value, str) else ""


def _cors(site: str | None) -> dict[str, str]:
    if site is None:
        return {"vary": "Origin"}
    return {
        "vary": "Origin",
        "access-control-allow-origin": site,
        "access-control-allow-credentials": "true",
    }
