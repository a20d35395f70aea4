"""The campaigns of the project, a line each: searched, filtered, sorted, switched on and off, put in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from dsl.check.naming import LONGEST
from relance.errors import RelanceError, StoreUnavailable
from server.language.campaigns import DraftCampaign, draft_campaigns
from server.language.draft import DraftLanguage
from server.orders import shelving
from server.orders.declined import Declined
from server.publication import requests
from server.reports import french
from server.reports.performance.found_campaigns import (
    ORDERS,
    CampaignsAsked,
    CampaignsFound,
    found_campaigns,
)
from server.store import binders
from server.store.binders import CampaignOrder
from server.store.schema.campaigns import campaigns
from server.store.search import search_key
from server.web.agreement import waiting_for
from server.web.frame import Flash, done
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import Posted, posted

PATH = "/campagnes"
_LONGEST, _LONGEST_PLACE = 100, 400
#: Of those that are not published yet, how many are shown.
_DRAFTS = 30
#: What may be done of the campaigns that are ticked: its order, and what is named with it.
GESTURES: Mapping[str, tuple[str, str, str]] = {
    "ranger": ("Ranger dans le classeur", shelving.PUT, "classeur"),
    "sortir": ("Sortir de son classeur", shelving.PUT, ""),
    "etiqueter": ("Poser l’étiquette", shelving.LABEL, "etiquette"),
    "oter": ("Ôter l’étiquette", shelving.UNLABEL, "etiquette"),
}


@dataclass(frozen=True, slots=True)
class TickedCampaigns:
    """What is to be done of which; `wrong`: why it is not."""

    gesture: str = ""
    name: str = ""
    ids: Sequence[int] = ()
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class ListedCampaigns:
    """What the page says of a part of the list."""

    found: CampaignsFound
    orders: Mapping[str, CampaignOrder] = field(default_factory=dict)
    binders: Sequence[str] = ()
    labels: Sequence[str] = ()
    waiting: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """Shows them, and those that the draft alone has."""

    office: Office
    draft: DraftLanguage

    def pages(self) -> Iterator[Page]:
        """Where they are, and where those that are ticked are put in order."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(f"{PATH}/ranger", Access.WRITE, self.put, ("POST",), form_at=PATH)

    async def page(self, request: Request) -> Response:
        """A part of them: all, or those that are looked for."""
        return await self._shown(request, _asked(request.query_params), TickedCampaigns())

    async def put(self, request: Request) -> Response:
        """Do it to those that are ticked."""
        form = await posted(request)
        asked, ticked = _asked(form.data), _ticked(form)
        if not ticked.wrong:
            _, verb, argument = GESTURES[ticked.gesture]
            given = {argument: ticked.name} if argument else {"classeur": ""}
            async with self.office.store.read() as conn:
                names = await conn.scalars(
                    select(campaigns.c.name).where(campaigns.c.id.in_(ticked.ids))
                )
            try:
                order = {**given, **shelving.named(list(names))}
                said = await self.office.order(request, verb, order)
            except Declined as declined:
                ticked = replace(ticked, wrong=str(declined))
            else:
                return done(address(asked), Flash(said))
        return await self._shown(request, asked, ticked, 409)

    async def _shown(
        self, request: Request, asked: CampaignsAsked, ticked: TickedCampaigns, status: int = 200
    ) -> Response:
        try:
            async with self.office.store.read() as conn:
                listed: ListedCampaigns | None = await _listed(conn, asked)
        except StoreUnavailable:
            listed, status = None, 503
        written = await self._written() if listed is not None else ()
        rules = self.office.publishing.rules
        running = rules.running.contents if rules.running else {}
        pending = rules.pending
        differing = {*pending.added, *pending.changed}
        # What was written a moment ago is not compared yet, but its file is new.
        written = [one for one in written if one.file in differing or one.file not in running]
        return self.office.frame.page(
            request,
            "campaigns.html",
            here="campagnes",
            title="Campagnes",
            status=status,
            listed=listed,
            lines=listed.found.lines if listed else (),
            asked=asked,
            narrowed=bool(asked.sought or asked.binder or asked.label),
            ticked=ticked,
            gestures={key: words for key, (words, _, _) in GESTURES.items()},
            orders=ORDERS,
            pending=tuple(pending),
            drafts=await self._unpublished(written, asked) if listed else (),
            most_drafts=_DRAFTS,
            changed={one.key for one in written},
            day=french.day,
            at=lambda **other: address(replace(asked, after="", **other)),
            then=address(replace(asked, after=listed.found.next)) if listed else "",
            **(listed.waiting if listed else waiting_for(None)),
        )

    async def _written(self) -> Sequence[DraftCampaign]:
        """What the draft declares; nothing when it cannot be read, which the dashboard says."""
        try:
            return await self.draft.soon_kept(draft_campaigns, ())
        except (OSError, RelanceError):
            return ()

    async def _unpublished(
        self, written: Sequence[DraftCampaign], asked: CampaignsAsked
    ) -> Sequence[DraftCampaign]:
        """Those that only the draft has: in files that differ from what runs, then."""
        if asked.binder or asked.label or asked.after or not written:
            return ()
        words = search_key(asked.sought).split()
        kept = [one for one in written if all(each in search_key(one.name) for each in words)]
        query = select(campaigns.c.key).where(campaigns.c.key.in_([one.key for one in kept[:500]]))
        async with self.office.store.read() as conn:
            known = set(await conn.scalars(query))
        return [one for one in kept[:500] if one.key not in known]


def address(asked: CampaignsAsked) -> str:
    """Where that part of the list is."""
    said = {
        "cherche": asked.sought,
        "classeur": asked.binder,
        "etiquette": asked.label,
        "tri": asked.order if asked.order != "nom" else "",
        "apres": asked.after,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


async def _listed(conn: AsyncConnection, asked: CampaignsAsked) -> ListedCampaigns:
    found = await found_campaigns(conn, asked)
    orders = await binders.orders_of(conn, [one.key for one in found.lines])
    return ListedCampaigns(
        found,
        orders,
        *await binders.offered(conn),
        waiting=waiting_for(await requests.waiting(conn)),
    )


def _asked(given: Mapping[str, Any]) -> CampaignsAsked:
    def text(name: str, longest: int = _LONGEST) -> str:
        return str(given.get(name, ""))[:longest].replace("\x00", "").strip()

    order = text("tri")
    return CampaignsAsked(
        text("cherche"),
        text("classeur", LONGEST),
        text("etiquette", LONGEST),
        order if order in ORDERS else "nom",
        str(given.get("apres", ""))[:_LONGEST_PLACE].replace("\x00", ""),
    )


def _ticked(form: Posted) -> TickedCampaigns:
    ids = [
        int(one)
        for one in form.several("campagne")
        if one.isascii() and one.isdecimal() and len(one) < 19
    ]
    gesture, name = form.text("geste"), " ".join(form.text("nom").split())
    wrong = ""
    if gesture not in GESTURES:
        wrong = "Dites ce qu’il faut faire de ces campagnes."
    elif not ids:
        wrong = "Cochez d’abord des campagnes : rien n’a été fait."
    elif GESTURES[gesture][2] and not name:
        wrong = "Donnez le nom du classeur ou de l’étiquette : rien n’a été fait."
    return TickedCampaigns(gesture, name, tuple(dict.fromkeys(ids)), wrong)
