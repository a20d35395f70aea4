"""« Journal »: who did what, as it is kept; shown by parts, and handed out as a file."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from server.access import audit
from server.access.actions import FAMILIES
from server.access.control import AccessControl
from server.reports import french
from server.reports.audit import changes, deed_in_words
from server.store.instants import from_micros
from server.web.audit_file import audit_lines
from server.web.frame import Frame
from server.web.page import Access, Page

PATH = "/journal"
_PART = 50


class AuditPages:
    """Shows the audit log."""

    def __init__(self, access: AccessControl, frame: Frame) -> None:
        self._register, self._frame = access.register, frame
        self._store = access.register.store

    def pages(self) -> Iterator[Page]:
        """Where it is."""
        yield Page(PATH, Access.ADMINISTER, self.page)
        yield Page(f"{PATH}/verifier", Access.ADMINISTER, self.verify)
        yield Page(f"{PATH}/lignes", Access.ADMINISTER, self.lines, in_time=False)

    async def page(self, request: Request) -> Response:
        """The last deeds, those of a kind if one is chosen, then those before."""
        return await self._shown(request)

    async def verify(self, request: Request) -> Response:
        """Whether the log is whole, said above it."""
        async with self._store.read() as conn:
            found = await audit.verify(conn)
        return await self._shown(request, found)

    async def lines(self, request: Request) -> Response:
        """All of them, or those of a kind, as a file: an object of JSON a line."""
        kind = request.query_params.get("actes", "")
        found = await audit_lines(self._register, request, kind if kind in FAMILIES else "", None)
        found.headers["content-disposition"] = 'attachment; filename="journal.ndjson"'
        return found

    async def _shown(
        self, request: Request, verified: audit.Verification | None = None
    ) -> Response:
        kind, before = request.query_params.get("actes", ""), request.query_params.get("avant", "")
        chosen = kind if kind in FAMILIES else ""
        upto = int(before) if before.isdecimal() and len(before) < 19 else None
        async with self._store.read() as conn:
            found = await audit.latest(conn, _PART + 1, action=chosen, before=upto)
        deeds = [
            {
                "number": one.number,
                "at": french.instant(from_micros(one.at), self._frame.zone, seconds=True),
                "who": one.who,
                "origin": one.origin,
                "what": deed_in_words(one),
                "changes": changes(one),
                "mark": one.mark,
            }
            for one in found[:_PART]
        ]
        return self._frame.page(
            request,
            "audit.html",
            here="journal",
            title="Journal",
            deeds=deeds,
            families=FAMILIES,
            chosen=chosen,
            earlier=found[_PART - 1].number if len(found) > _PART else None,
            verified=verified,
        )
