"""A publication that was confirmed and follows by itself: how far its scenarios are, and calling it off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.access_role import AccessRole
from relance.errors import RelanceError, StoreUnavailable
from server.access.callers import Requester
from server.orders.agreement import AGREE, ASK
from server.orders.declined import Declined
from server.orders.deferring import Deferring
from server.orders.publishing import PublishAnswer, PublishOrder
from server.publication.deferred import DeferredPublication
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress
from server.reports import french
from server.store.instants import from_micros
from server.web.frame import Flash, done
from server.web.office import Office, actor_of
from server.web.page import Access, Page

FOLLOWING = "/publier/suite"
#: How long, in seconds, it waits for something to change before it says how far they are.
_PATIENCE = 3.0
#: Any of them opens a page that it is a part of.
_WHO = AccessRole.WRITE, AccessRole.PUBLISH


@dataclass(frozen=True, slots=True)
class DeferredPages:
    """Shows the one that waits instead of asking for another."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """The part of the page that says how far it is."""
        yield Page(FOLLOWING, Access.SIGNED_IN, self.part)

    @property
    def current(self) -> DeferredPublication | None:
        """The one that waits, if one does."""
        deferring = self.office.desk.deferring
        return None if deferring is None else deferring.current

    async def begin(
        self, request: Request, verb: str, given: Mapping[str, str], back: str
    ) -> Response:
        """Have that order done once its scenarios have passed; `Declined` where it could not be."""
        deferring = self.office.desk.deferring
        if deferring is None:
            raise Declined("Ce serveur ne publie rien.")
        await deferring.begin(verb, given, actor_of(request))
        where = "/publier/demander" if verb == ASK else "/publier"
        return RedirectResponse(f"{where}{_asking(back)}", 303)

    async def call_off(self, request: Request, number: str, back: str) -> Response:
        """Renounce it."""
        deferring = self.office.desk.deferring
        known = number.isascii() and number.isdecimal() and len(number) < 19
        try:
            if deferring is None or not known:
                raise Declined("Il n’y a rien à quoi renoncer.")
            await deferring.call_off(int(number), actor_of(request))
        except Declined as declined:
            return done(request.url.path, Flash(str(declined), refused=True))
        return done(f"{request.url.path}{_asking(back)}", Flash("C’est noté : rien n’est publié."))

    async def page(self, request: Request, one: DeferredPublication, back: str) -> Response:
        """What waits: by whom it was confirmed, what it would do, how far its scenarios are."""
        answer = PublishAnswer()
        if "publication" in one.given:
            try:
                order = PublishOrder.of(one.given)
                answer = await self.office.publishing.attempt(order)
            except StoreUnavailable:
                raise
            except (RelanceError, OSError):
                pass  # what keeps it from being done is said once it is not
        how_far = await self._how_far(request, one)
        if self.current is not one:  # it is over, and what came of it is to be said there
            return RedirectResponse(f"{request.url.path}{_asking(back)}", 303)
        return self.office.frame.page(
            request,
            "deferred.html",
            here="campagnes",
            title="Publication en attente",
            trail=(("Campagnes", "/campagnes"),),
            one=one,
            note=PublishOrder.of(one.given).note if "publication" in one.given else "",
            request_number=one.given.get("numero", "") if one.verb == AGREE else "",
            asks=one.verb == ASK,
            mine=one.person == actor_of(request).person,
            answer=answer,
            action=request.url.path,
            back=back,
            **how_far,
        )

    async def part(self, request: Request) -> Response:
        """How far it is; where one goes once it is over."""
        caller: Requester = request.state.caller
        one, deferring = self.current, self.office.desk.deferring
        if deferring is None or not any(map(caller.may, _WHO)):
            return Response(status_code=204)
        if one is None:
            where = _over(request, deferring)
            return Response(status_code=204, headers={"hx-redirect": where})
        values = await self._how_far(request, one, _PATIENCE)
        return self.office.frame.part(request, "_deferred.html", one=one, **values)

    async def _how_far(
        self, request: Request, one: DeferredPublication, within: float = 0.0
    ) -> dict[str, Any]:
        rehearsal: DraftRehearsal | RehearsalProgress = DraftRehearsal()
        try:
            rehearsal = await self.office.rehearsal(within)
        except StoreUnavailable:
            raise
        except (RelanceError, OSError):
            pass
        at = french.instant(from_micros(one.at), self.office.settings.zone)
        return {"rehearsal": rehearsal, "at": at, "following": f"{FOLLOWING}?{_query(request)}"}


def _asking(back: str) -> str:
    campaign = back.removeprefix("/campagnes/")
    return f"?campagne={campaign}" if campaign.isdecimal() else ""


def _query(request: Request) -> str:
    """What the part is asked with, to come back where one was."""
    path = request.query_params.get("par") or request.url.path
    given = {"par": path, "campagne": request.query_params.get("campagne", "")}
    return urlencode({name: value for name, value in given.items() if value})


def _over(request: Request, deferring: Deferring) -> str:
    """Where one goes on once it is done, else where it is asked again: what came of it is said there."""
    campaign = request.query_params.get("campagne", "")
    known = campaign.isascii() and campaign.isdecimal() and len(campaign) < 19
    if deferring.succeeded:
        brought = campaign if known else deferring.brought
        return f"/campagnes/{brought}" if brought else "/campagnes"
    asking = request.query_params.get("par") == "/publier/demander"
    path = "/publier/demander" if asking else "/publier"
    return f"{path}?campagne={campaign}" if known else path
