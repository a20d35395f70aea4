"""Whether a page is open to who looks: no page offers what its own address would refuse."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.routing import Match, Route

from server.web.page import Access, Page


class PageRoute(Route):
    """A route, and the page that it leads to."""

    page: Page


def reaches(request: Request, may: Collection[Access], path: str, method: str = "GET") -> bool:
    """Whether who `may` so much is answered there, when they ask by that method.

    It asks the very routes, in their order: who may ask is written once, with the page.
    """
    asked = {"type": "http", "path": path.partition("?")[0], "root_path": "", "method": method}
    for route in request.app.routes:
        if isinstance(route, PageRoute) and route.matches(asked)[0] is Match.FULL:
            access = route.page.asked(method)
            return access is Access.ANYBODY or access in may
    return False
