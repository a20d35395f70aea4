"""« Leads »: searched as one types, by what is known of them; a page at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.reports import french
from server.reports.card import name_of, phone_of
from server.reports.finding import COUNTED, FoundLeads, counted, find_leads
from server.store.instants import from_micros
from server.store.store import Store
from server.web.frame import Frame
from server.web.page import Access, Page
from server.web.posted import posted

PATH = "/leads"
_LONGEST = 254


@dataclass(frozen=True, slots=True)
class LeadsPage:
    """Shows them. What is sought is posted: an address stays in no address."""

    store: Store
    frame: Frame

    def pages(self) -> Iterator[Page]:
        """Where they are: all of it is personal."""
        yield Page(PATH, Access.PERSONAL, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """The latest; those that are sought; those that follow."""
        sought, before = "", ""
        if request.method == "POST":
            form = await posted(request)
            sought, before = form.text("cherche")[:_LONGEST].strip(), form.text("avant")
        start = (
            int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        )
        async with self.store.read() as conn:
            found = await find_leads(conn, sought, start)
            total = await counted(conn)
        return self.frame.page(
            request,
            "leads.html",
            here="leads",
            title="Leads",
            sought=sought,
            start=start,
            total=total,
            most=COUNTED,
            people=[self._line(row) for row in found.rows],
            found=found,
            said=_said(found, sought, start),
        )

    def _line(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        name = name_of(row)
        created = from_micros(row["created_at"]).astimezone(self.frame.zone).date()
        return {
            "id": row["id"],
            "name": name or row["f_courriel"] or f"Visiteur n° {row['id']}",
            "email": row["f_courriel"] or "",
            "phone": phone_of(row),
            "city": row["f_ville"] or "",
            "score": row["score"],
            "created": french.day(created),
        }


def _said(found: FoundLeads, sought: str, start: int | None) -> str:
    """What the list is, said to who does not see it change."""
    count = french.count(len(found.rows), "lead")
    if not sought:
        return "Les derniers venus" if start is None else "Ceux d’avant"
    more = " au moins" if found.then is not None else ""
    return f"{count}{more} pour «\u00a0{sought}\u00a0»"
