"""What pages are made with and what a site owes: the style sheets, the icon, what robots may read."""

from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.http.pages import page
from server.http.problems import KINDS, PATH
from server.web.page import Access, Page

_ROBOTS = "User-agent: *\nDisallow: /\n"
#: An icon hardly changes: browsers need not ask again at each page.
_KEPT = {"cache-control": "public, max-age=86400"}
_STYLE, _SCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"


def pages() -> Iterator[Page]:
    """Where they are; browsers ask for the first icon by themselves."""
    yield Page("/relance.css", Access.ANYBODY, _file("server.http", "relance.css", _STYLE))
    for icon in ("/favicon.ico", "/favicon.svg"):
        svg = _file("server.http", "favicon.svg", "image/svg+xml", _KEPT)
        yield Page(icon, Access.ANYBODY, svg)
    yield Page("/robots.txt", Access.ANYBODY, _robots)
    yield Page(PATH + "{nom}", Access.ANYBODY, _explained)
    yield Page("/vif.js", Access.READ, _file("server.web", "vif.js", _SCRIPT))


def content(package: str, name: str, folder: str = "pages") -> bytes:
    """A file of the pages of that package."""
    return files(package).joinpath(folder, name).read_bytes()


def _file(
    package: str, name: str, kind: str, headers: dict[str, str] | None = None
) -> Callable[[Request], Awaitable[Response]]:
    held = content(package, name)

    async def answer(_request: Request) -> Response:
        return Response(held, headers=headers, media_type=kind)

    return answer


async def _robots(_request: Request) -> Response:
    return PlainTextResponse(_ROBOTS)


async def _explained(request: Request) -> Response:
    """What a type of problem means: its address is in the refusals that programs get."""
    kind = KINDS.get(request.path_params["nom"])
    if kind is None:
        raise HTTPException(404)
    return page("message.html", title=kind.title, advice=kind.advice)
