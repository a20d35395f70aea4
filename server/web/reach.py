"""Whether a page is open to who looks: no page offers what its own address would refuse."""

from collections.abc import Collection
from weakref import WeakKeyDictionary

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Match, Route

from server.web.page import Access, Page

#: So many addresses of a site are remembered with what they ask: pages hold the same links over and over.
_REMEMBERED = 4_096


class PageRoute(Route):
    """A route, and the page that it leads to."""

    page: Page


_asked: WeakKeyDictionary[Starlette, dict[tuple[str, str], Access | None]] = WeakKeyDictionary()


def reaches(request: Request, may: Collection[Access], path: str, method: str = "GET") -> bool:
    """Whether who `may` so much is answered there, when they ask by that method.

    It asks the very routes, in their order: who may ask is written once, with the page.
    """
    known, address = _asked.setdefault(request.app, {}), (path.partition("?")[0], method)
    if address not in known:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[address] = _of_routes(request.app, *address)
    access = known[address]
    return access is not None and (access is Access.ANYBODY or access in may)


def _of_routes(app: Starlette, path: str, method: str) -> Access | None:
    """What is asked of who goes there; None where there is no page."""
    asked = {"type": "http", "path": path, "root_path": "", "method": method}
    for route in app.routes:
        if isinstance(route, PageRoute) and route.matches(asked)[0] is Match.FULL:
            return route.page.asked(method)
    return None
