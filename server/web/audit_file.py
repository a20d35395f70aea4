"""The audit log handed out line after line, each a JSON object: for a page and for programs alike."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from relance.legible import in_json
from server.access import audit
from server.access.actions import FAMILIES
from server.access.audit import AuditEntry
from server.access.register import AccessRegister
from server.reports.audit import deed_in_words
from server.store.instants import from_micros
from server.web.office import actor_of

#: Rows read at once, whatever there are.
_AT_ONCE = 500
KIND = "application/x-ndjson"


async def audit_lines(
    register: AccessRegister, request: Request, kind: str, before: int | None
) -> StreamingResponse:
    """Those of a kind, from before a row, the last first; that they were taken is noted first."""
    async with register.store.write() as conn:
        about = FAMILIES.get(kind, "tout")
        await register.audit.note(conn, actor_of(request), "journal.exporte", about)
    if before is None:  # what is noted of this very taking is not of it
        async with register.store.read() as conn:
            last = await audit.latest(conn, 1)
        before = last[0].number if last else None
    return StreamingResponse(
        _lines(register, kind, before), 200, {"cache-control": "no-store"}, KIND
    )


async def _lines(register: AccessRegister, kind: str, before: int | None) -> AsyncIterator[str]:
    while True:
        async with register.store.read() as conn:
            part = await audit.latest(conn, _AT_ONCE, action=kind, before=before)
        if part:
            yield "".join(f"{in_json(_line(one))}\n" for one in part)
            before = part[-1].number
        if len(part) < _AT_ONCE:
            return


def _line(one: AuditEntry) -> dict[str, object]:
    return {
        "number": one.number,
        "at": from_micros(one.at).isoformat(),
        "who": one.who,
        "from": one.origin,
        "action": one.action,
        "object": one.object,
        "said": deed_in_words(one),
        "before": one.before,
        "after": one.after,
        "mark": one.mark,
    }
