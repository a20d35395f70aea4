"""The campaigns of the project, a line each: searched, sorted, switched on and off."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import RelanceError, StoreUnavailable
from server.language.campaigns import DraftCampaign, draft_campaigns
from server.language.draft import DraftLanguage
from server.publication import requests
from server.reports import french
from server.reports.performance.listing import CampaignSummary, summaries
from server.store.search import search_key
from server.web.agreement import waiting_for
from server.web.office import Office
from server.web.page import Access, Page

PATH = "/campagnes"
_LONGEST = 100
#: By what they may be sorted, and how each is read; the first is the usual one.
_ORDERS: Mapping[str, tuple[str, Callable[[CampaignSummary], Any]]] = {
    "nom": ("Campagne", lambda one: search_key(one.name)),
    "version": ("Version", lambda one: -(one.number or 0)),
    "dedans": ("À l’intérieur", lambda one: -one.inside),
    "reussite": ("Réussite", lambda one: -(one.success if one.success is not None else -1)),
    "envoi": ("Dernier envoi", lambda one: -(one.last_sent or date.min).toordinal()),
}


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """Shows them, and those that the draft alone has."""

    office: Office
    draft: DraftLanguage

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        yield Page(PATH, Access.READ, self.page)

    async def page(self, request: Request) -> Response:
        """All of them, or those whose name holds what is searched."""
        sought = request.query_params.get("cherche", "")[:_LONGEST].strip()
        order = request.query_params.get("tri", "")
        order = order if order in _ORDERS else "nom"
        try:
            async with self.office.store.read() as conn:
                found: Sequence[CampaignSummary] | None = await summaries(conn)
                waiting = await requests.waiting(conn)
        except StoreUnavailable:
            found = waiting = None
        words = search_key(sought).split()
        kept = [one for one in found or () if _bears(one.name, words)]
        known = {one.key for one in found or ()}
        written = await self._written() if found is not None else ()
        pending = tuple(self.office.publishing.rules.pending)
        return self.office.frame.page(
            request,
            "campaigns.html",
            here="campagnes",
            title="Campagnes",
            status=200 if found is not None else 503,
            found=found,
            lines=sorted(kept, key=_ORDERS[order][1]),
            orders={key: title for key, (title, _) in _ORDERS.items()},
            order=order,
            sought=sought,
            pending=pending,
            drafts=[one for one in written if one.key not in known and _bears(one.name, words)],
            changed={one.key: one.file for one in written if one.file in pending},
            day=french.day,
            **waiting_for(waiting),
        )

    async def _written(self) -> Sequence[DraftCampaign]:
        """What the draft declares; nothing when it cannot be read, which the dashboard says."""
        try:
            return await self.draft.ask(draft_campaigns)
        except (OSError, RelanceError):
            return ()


def _bears(name: str, words: Sequence[str]) -> bool:
    key = search_key(name)
    return all(word in key for word in words)
