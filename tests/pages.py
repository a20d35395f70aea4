"""Every page of the server, as its features say them."""

from typing import Any, cast

from server.web import assets
from server.web.journeys import Journeys
from server.web.page import Access, Page
from server.web.status import StatusPages

#: Nothing is asked of what they show: only their addresses, and who may ask for them.
_NONE = cast(Any, None)
PAGES: tuple[Page, ...] = (
    *assets.pages(),
    *StatusPages(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE).pages(),
    *Journeys(_NONE, _NONE, _NONE).pages(),
)
#: What anybody may ask for, and what only the operator may.
OPEN = tuple(one.path for one in PAGES if one.access is Access.ANYBODY)
CLOSED = tuple(one.path for one in PAGES if one.access is Access.OPERATOR)
