"""The images of a project, at an address that is their own mark: messages sent long ago show them."""

import re
import zlib
from collections import OrderedDict
from collections.abc import Iterator

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.images import MOST, PATH, kind_of
from server.store.schema.rules import publication_files
from server.store.store import Store
from server.web.page import Access, Page

_MARK = re.compile(r"[0-9a-f]{64}")
#: Images kept at hand: a mailing has thousands of readers ask for the same few.
_AT_HAND = 32
#: What bears a mark never changes. Other sites may not frame it, and guess no other kind of it.
_FOR_GOOD = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'",
    "cross-origin-resource-policy": "cross-origin",
}


class Images:
    """Those that some publication held."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: OrderedDict[str, bytes] = OrderedDict()

    def pages(self) -> Iterator[Page]:
        """Anybody who read a message sees them."""
        yield Page(PATH + "{mark}", Access.ANYBODY, self._answer)

    async def _answer(self, request: Request) -> Response:
        mark = request.path_params["mark"]
        content = await self._content(mark) if _MARK.fullmatch(mark) else None
        kind = kind_of(content) if content is not None else None
        # Scripts and messages are kept beside images: none of them is to be read from here.
        if content is None or kind is None:
            raise HTTPException(404)
        return Response(content, headers=_FOR_GOOD, media_type=kind)

    async def _content(self, mark: str) -> bytes | None:
        if mark in self._at_hand:
            self._at_hand.move_to_end(mark)
            return self._at_hand[mark]
        query = select(publication_files.c.content).where(publication_files.c.hash == mark)
        async with self._store.read() as conn:
            kept = await conn.scalar(query)
        if kept is None:
            return None
        content = zlib.decompressobj().decompress(kept, MOST + 1)
        if len(content) > MOST:
            return None
        if kind_of(content) is not None:
            self._at_hand[mark] = content
            if len(self._at_hand) > _AT_HAND:
                self._at_hand.popitem(last=False)
        return content
