"""Undoing a migration: how many are put back in their version, how many are not and why, then it is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.engine.life.state import State
from server.engine.transfer import transfers
from server.engine.transfer.transfers import Transfer, TransferState
from server.orders.declined import Declined
from server.orders.reason import AT_MOST, too_long
from server.reports.performance.listing import CampaignSummary
from server.reports.undoing import STAY_OUT, undoing
from server.web.campaign.overview import campaign_path
from server.web.frame import Flash, done
from server.web.office import Office, posted
from server.web.page import Access, Page

UNDO = "annuler-migration"
_OVER = (TransferState.UNDOING, TransferState.UNDONE)


@dataclass(frozen=True, slots=True)
class UndoingPage:
    """Asks, and does."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Who publishes may take it back."""
        path = f"/campagnes/{{campagne}}/{UNDO}"
        yield Page(path, Access.PUBLISH, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """The question, with its figures; or what was answered, done."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            last = await transfers.last(conn, one.id)
            found = await undoing(conn, one.id)
        versions = f"{campaign_path(one.id)}/versions"
        if not may_be_undone(one, last):
            if last is None or last.state not in _OVER:
                return RedirectResponse(versions, 303)
            author = last.plan.author.who
            who = f" par {author}" if author else ""
            return done(versions, Flash(f"Cette migration est déjà annulée{who}."))
        why = refused = ""
        if request.method == "POST":
            why = (await posted(request)).get("pourquoi", "").strip()
            refused = too_long(why)
            given = {"campagne": one.name, "pourquoi": why}
            try:
                said = refused or await self.office.order(request, UNDO, given)
            except Declined as declined:
                refused = str(declined)
            if not refused:
                return done(versions, Flash(said))
        return self.office.frame.page(
            request,
            "undoing.html",
            here="campagnes",
            title="Annuler la migration",
            trail=(("Campagnes", "/campagnes"), (one.name, versions)),
            status=409 if refused else 200,
            campaign=one,
            found=found,
            stay_out=STAY_OUT,
            refused=refused,
            why=why,
            longest=AT_MOST,
        )


def may_be_undone(campaign: CampaignSummary, last: Transfer | None) -> bool:
    """Whether there are people to be put back."""
    return (
        last is not None and last.state not in _OVER and campaign.state.state is not State.ARCHIVED
    )
