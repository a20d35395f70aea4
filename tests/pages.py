"""Every page of the server, as its features say them."""

from typing import Any, cast

from server.web.features import features
from server.web.page import Access

#: Nothing is asked of what they show: only their addresses, and who may ask for them.
_NONE = cast(Any, None)
PAGES = tuple(features(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE))
#: What anybody may ask for, and what only the operator may.
OPEN = tuple(one.path for one in PAGES if one.access is Access.ANYBODY)
CLOSED = tuple(one.path for one in PAGES if one.access is Access.OPERATOR)
