"""Where a campaign is put: its binder and its labels, changed from its own page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from relance.fold import key_of
from server.orders import shelving
from server.orders.declined import Declined
from server.reports.performance.listing import CampaignSummary
from server.store import binders
from server.store.binders import CampaignOrder
from server.web.campaign.overview import campaign_path
from server.web.frame import Flash, done
from server.web.office import Office, posted
from server.web.page import Access, Page

_SEPARATED = re.compile(rf"[{shelving.SEPARATORS}\n]")
_LONGEST = 2_000
_MOST_LABELS = 20


@dataclass(frozen=True, slots=True)
class PuttingPage:
    """Asks, and does."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Who writes puts in order: nothing of what runs changes."""
        yield Page("/campagnes/{campagne}/ranger", Access.WRITE, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """What is so; or what was typed, done."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            found = await binders.orders_of(conn, [one.key])
            offered = await binders.offered(conn)
        now = found.get(one.key, CampaignOrder())
        typed, labels, wrong = now.binder, ", ".join(now.labels), {}
        if request.method == "POST":
            fields = await posted(request)
            typed = " ".join(fields.get("classeur", "").split())[:_LONGEST]
            labels = fields.get("etiquettes", "")[:_LONGEST]
            try:
                await self._put(request, one, now, CampaignOrder(typed, _split(labels, now.labels)))
            except Declined as declined:
                beside = "classeur" if declined.about == "classeur" else "etiquettes"
                wrong = {beside: str(declined)}
            else:
                return done(campaign_path(one.id), Flash("C’est rangé."))
        return self.office.frame.page(
            request,
            "putting.html",
            here="campagnes",
            title="Ranger",
            trail=(("Campagnes", "/campagnes"), (one.name, campaign_path(one.id))),
            status=409 if wrong else 200,
            campaign=one,
            binder=typed,
            labels=labels,
            binders=offered[0],
            known=offered[1],
            wrong=wrong,
        )

    async def _put(
        self, request: Request, one: CampaignSummary, now: CampaignOrder, wished: CampaignOrder
    ) -> None:
        """One order of all that changes: one thing refused, nothing is done."""
        if len(wished.labels) > _MOST_LABELS:
            why = f"Pas plus de {_MOST_LABELS} étiquettes à une campagne."
            raise Declined(why, about="etiquettes")
        moved = key_of(wished.binder) != key_of(now.binder)
        had, has = ({key_of(name): name for name in each.labels} for each in (now, wished))
        order = shelving.arranging(
            [one.name],
            wished.binder if moved else None,
            [has[key] for key in has.keys() - had.keys()],
            [had[key] for key in had.keys() - has.keys()],
        )
        if order is not None:
            await self.office.order(request, *order)


def _split(text: str, had: Sequence[str]) -> Sequence[str]:
    """The labels that are typed. One it has, from when a label could hold a comma, stays one."""
    whole = [one for one in had if _SEPARATED.search(one) and one in text]
    for one in whole:
        text = text.replace(one, "", 1)
    return [*whole, *(one.strip() for one in _SEPARATED.split(text) if one.strip())]
