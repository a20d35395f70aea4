"""Publications that were asked for: what each would do now beside what was asked, agreed to or declined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole
from relance.errors import RelanceError, StoreUnavailable
from server.access.callers import Requester
from server.orders.agreement import AGREE, DECLINE, WITHDRAW, outdated, who_may_agree
from server.orders.declined import Declined
from server.orders.publishing import PublishAnswer, PublishOrder
from server.orders.reason import AT_MOST
from server.publication import requests
from server.publication.requests import PublicationRequest, RequestState, figures_of
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.reports import french
from server.store.instants import Micros, from_micros
from server.web.deferred import DeferredPages
from server.web.frame import Flash, done
from server.web.office import Office, actor_of, posted
from server.web.page import Access, Page, number
from server.web.publish import ASKING, PATH, REQUESTS, people_in

_PART = 50
#: What may be answered to one, and its order.
_GESTURES = {"accorder": AGREE, "decliner": DECLINE, "retirer": WITHDRAW}


@dataclass(frozen=True, slots=True)
class AgreementPages:
    """Shows them, and has them answered."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Who may publish may agree; whoever asked reads what was answered to them."""
        mine, both = Access.SIGNED_IN, ("GET", "POST")
        yield Page(REQUESTS, mine, self.listed)
        yield Page(REQUESTS + "/{demande}", mine, self.page, both, writing=Access.PUBLISH)

    async def listed(self, request: Request) -> Response:
        """The last ones, then those before."""
        before = request.query_params.get("avant", "")
        upto = int(before) if before.isdecimal() and len(before) < 19 else None
        async with self.office.store.read() as conn:
            found = await requests.latest(conn, _PART + 1, upto, _only_of(request))
        return self.office.frame.page(
            request,
            "requests.html",
            here="campagnes",
            title="Publications demandées",
            trail=(("Campagnes", "/campagnes"),),
            found=found[:_PART],
            earlier=found[_PART - 1].number if len(found) > _PART else None,
            instant=self._instant,
        )

    async def page(self, request: Request) -> Response:
        """One of them; or what was answered to it, done."""
        one = await self._one(request)
        if request.method != "POST":
            return await self._shown(request, one)
        fields = await posted(request)
        verb = _GESTURES.get(fields.get("geste", ""))
        if verb is None:
            raise HTTPException(404)
        why = fields.get("pourquoi", "").strip()
        given = {"numero": str(one.number), "pourquoi": why, "vu": fields.get("vu", "")}
        try:
            if not await self.office.rehearsed(verb, given):
                deferred = DeferredPages(self.office)
                return await deferred.begin(request, verb, given, "/campagnes")
            said = await self.office.desk.perform(verb, given, actor_of(request))
        except Declined as declined:
            beside = {"pourquoi": str(declined)} if declined.about == "pourquoi" else {}
            above = "" if beside else str(declined)
            again = await self._one(request)
            return await self._shown(request, again, refused=above, wrong=beside, why=why)
        if verb == AGREE:
            answer = PublishAnswer.of(said)
            said = f"La publication n° {answer.number} est faite, à la demande de {one.wished.who}."
            if went := answer.rehearsal.success or answer.rehearsal.overlooked:
                said = f"{said} {went}"
        return done("/campagnes" if verb == AGREE else REQUESTS, Flash(said))

    async def _one(self, request: Request) -> PublicationRequest:
        wanted = number(request, "demande")
        async with self.office.store.read() as conn:
            one = await requests.find(conn, wanted or 0)
        if one is None or _only_of(request) not in (None, one.wished.person):
            raise HTTPException(404)
        return one

    async def _shown(
        self,
        request: Request,
        one: PublicationRequest,
        refused: str = "",
        wrong: Mapping[str, str] | None = None,
        why: str = "",
    ) -> Response:
        waits = one.state is RequestState.WAITING
        person = actor_of(request).person
        async with self.office.store.read() as conn:
            agreeing = await who_may_agree(conn, one.wished.person) if waits else ()
        now, stale = await self._now(one) if waits else (PublishAnswer(), "")
        answerable = waits and not stale
        rehearsal = await self.office.rehearsal() if answerable else DraftRehearsal()
        kept = one.wished.changes
        changes = now.changes or kept
        same = figures_of(changes) == figures_of(kept)
        return self.office.frame.page(
            request,
            "request.html",
            here="campagnes",
            title=f"Demande n° {one.number}",
            trail=(("Campagnes", "/campagnes"), ("Publications demandées", REQUESTS)),
            status=409 if refused or wrong else 200,
            one=one,
            waits=waits,
            mine=one.wished.person == person,
            agreeing=agreeing,
            changes=changes,
            people=people_in(changes),
            mark=figures_of(changes),
            stale=stale,
            moved=answerable and not same,
            refused=refused or (now.refusal if answerable else ""),
            rehearsal=rehearsal,
            chooses=False,
            despite=bool(one.overlooked),
            wrong=wrong or {},
            why=why,
            longest=AT_MOST,
            action=f"{REQUESTS}/{one.number}",
            publish=PATH,
            asking=ASKING,
            instant=self._instant,
        )

    async def _now(self, one: PublicationRequest) -> tuple[PublishAnswer, str]:
        """What it would do as things are, and why it is no longer what was asked for."""
        publishing = self.office.publishing
        order = PublishOrder.of({"publication": one.wished.wish})
        try:
            reading = await publishing.reading(order)
            basis = await publishing.situation.basis(reading)
            answer = (
                PublishAnswer(problems=reading.problems)
                if reading.problems
                else await publishing.situation.tried(order, reading)
            )
        except (RelanceError, OSError) as error:
            if isinstance(error, StoreUnavailable):
                raise
            return PublishAnswer(), "Le brouillon ne peut pas être lu."
        why = outdated(one, basis, faulty=bool(reading.problems))
        return answer, f"{why} : demandez-la de nouveau." if why else ""

    def _instant(self, at: Micros) -> str:
        return french.instant(from_micros(at), self.office.settings.zone)


def _only_of(request: Request) -> str | None:
    """Whose alone are shown to who neither reads campaigns nor publishes: their own; None: all are."""
    caller: Requester = request.state.caller
    every = caller.may(AccessRole.READ) or caller.may(AccessRole.PUBLISH)
    return None if every else actor_of(request).person


def waiting_for(one: PublicationRequest | None) -> dict[str, Any]:
    """What a page shows of the one that waits."""
    if one is None:
        return {"waiting": None}
    return {"waiting": {"number": one.number, "who": one.wished.who, "note": one.note}}
