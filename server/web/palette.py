"""« Aller à… »: any page, and any order of a campaign, by a few letters of its name.

What is typed is posted, as wherever a lead may be sought: it stays in no address. The first that is
found is where the key Enter leads, with or without a script.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from typing import Any
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.errors import RelanceError, StoreUnavailable
from relance.fold import key_of
from relance.french import quoted
from server.engine.life.state import State
from server.language.campaigns import draft_campaigns
from server.language.draft import DraftLanguage
from server.reports.states import state_of, states_query
from server.store.search import search_key
from server.web.campaign.life import ORDERS
from server.web.campaign.overview import campaign_path, tabs_of
from server.web.frame import MenuEntry, viewer_of
from server.web.leads import PATH as LEADS
from server.web.lists import PATH as LISTS
from server.web.messages.listing import PATH as MESSAGES
from server.web.models import PATH as SHELF
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import posted
from server.web.publish import PATH as PUBLISH
from server.web.reach import reaches
from server.web.reports import PATH as REPORTS
from server.web.reports import SHOWN
from server.web.scripts import PATH as SCRIPTS

PATH, KEYS = "/aller", "/touches"
_LONGEST = 254
#: So many are shown.
_MOST = 12
#: What one begins, and whether that is one question.
_BEGUN = (
    ("Créer un lead", f"{LEADS}/nouveau", False),
    ("Créer une liste", f"{LISTS}/nouvelle", False),
    ("Nouveau message", f"{MESSAGES}/nouveau", True),
)
#: What may be done of a campaign, by what it is in.
_ORDERED = {
    State.INACTIVE: ("activer", "archiver"),
    State.ACTIVE: ("pause", "archiver"),
    State.PAUSED: ("reprendre", "archiver"),
    State.ARCHIVED: ("restaurer",),
}
_ICONS = {
    **{"activer": "play", "reprendre": "play", "pause": "pause"},
    **{"archiver": "archive", "restaurer": "undo"},
}


@dataclass(frozen=True, slots=True)
class Destination:
    """Somewhere to go. `asks`: whether it is one question, which may be asked above the page."""

    words: str
    path: str
    icon: str
    asks: bool = False
    beside: str = ""
    #: Of what answers alike: a page, then a campaign, then what is asked or told of one.
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Palette:
    """Finds them, and says which keys there are."""

    office: Office
    draft: DraftLanguage

    def pages(self) -> Iterator[Page]:
        """Each finds there what is open to them."""
        yield Page(PATH, Access.SIGNED_IN, self.page, ("GET", "POST"))
        yield Page(KEYS, Access.SIGNED_IN, self.keys)

    async def page(self, request: Request) -> Response:
        """What answers to what was typed; where it leads, once chosen by its rank."""
        sought, chosen = "", False
        if request.method == "POST":
            form = await posted(request)
            sought, chosen = form.text("cherche")[:_LONGEST].strip(), bool(form.text("premier"))
        found = await self._found(request, sought)
        people = bool(sought) and reaches(request, viewer_of(request).may, LEADS)
        if chosen and sought:
            if found:
                return RedirectResponse(found[0].path, 303)
            if people:
                # The same form, sent on: the page of leads takes what was typed by the same name.
                return RedirectResponse(LEADS, 307)
        return self.office.frame.page(
            request,
            "palette.html",
            here="",
            title="Aller à…",
            sought=sought,
            found=found,
            people=people,
        )

    async def keys(self, request: Request) -> Response:
        """The keys, and the way to put those of one letter out of use."""
        entries = [one for one in self._entries(request) if one.letter]
        return self.office.frame.page(
            request, "keys.html", here="", title="Touches du clavier", entries=entries
        )

    def _entries(self, request: Request) -> Iterable[MenuEntry]:
        viewer = viewer_of(request)
        return (one for part in self.office.frame.open_to(viewer) for one in part)

    async def _found(self, request: Request, sought: str) -> Sequence[Destination]:
        viewer = viewer_of(request)
        pages = [Destination(one.title, one.path, one.icon) for one in self._entries(request)]
        pages.append(Destination("Publier…", PUBLISH, "check", asks=True))
        pages.append(Destination("Bibliothèque", SHELF, "copy"))
        reports = (*SHOWN.values(), *self.office.added.reports)
        pages += [
            Destination(f"Rapport : {one.title}", f"{REPORTS}/{one.word}", "chart", rank=1)
            for one in reports
        ]
        pages += [Destination(words, path, "plus", asks) for words, path, asks in _BEGUN]
        pages += [Destination(words, path, "person") for words, path in viewer.links]
        pages.append(Destination("Touches du clavier", KEYS, "key", asks=True))
        open_to = partial(reaches, request, viewer.may)
        if not sought:
            return [one for one in pages if not one.rank and open_to(one.path)]
        words = search_key(sought).split()
        found: list[Destination] = [one for one in pages if _answers(one, words)]
        try:
            async with self.office.store.read() as conn:
                campaigns = await _of_campaigns(conn)
            campaigns += await self._unpublished({one.words for one in campaigns})
            found += [one for one in campaigns if _answers(one, words)]
        except StoreUnavailable:
            # The pages are still there, and say what is wrong.
            pass
        best = nsmallest(_MOST * 2, found, key=partial(_distance, words=words))
        return [one for one in best if open_to(one.path)][:_MOST]

    async def _unpublished(self, known: Collection[str]) -> Sequence[Destination]:
        """The scripts of the campaigns that the draft alone has."""
        keys = {key_of(name) for name in known}
        try:
            written = await self.draft.ask(draft_campaigns)
        except (OSError, RelanceError):
            return ()
        return [
            Destination(one.name, f"{SCRIPTS}/{quote(one.file)}", "pencil", beside="brouillon")
            for one in written
            if one.key not in keys
        ]


async def _of_campaigns(conn: AsyncConnection) -> list[Destination]:
    rows: Sequence[Any] = (await conn.execute(states_query())).all()
    found: list[Destination] = []
    for row in rows:
        state, base = state_of(row), campaign_path(row.id)
        found.append(Destination(row.name, base, "campaign", beside=state.label, rank=2))
        for verb in _ORDERED[state.state]:
            words = f"{ORDERS[verb].title} {quoted(row.name)}"
            found.append(Destination(words, f"{base}/{verb}", _ICONS[verb], asks=True, rank=3))
        for _, title, path in tabs_of(row.id)[1:]:
            found.append(Destination(f"{title} de {quoted(row.name)}", path, "file", rank=3))
    return found


def _answers(one: Destination, words: Sequence[str]) -> bool:
    name = search_key(one.words)
    return all(word in name for word in words)


def _distance(one: Destination, words: Sequence[str]) -> tuple[bool, int, int, str]:
    """How far it is from what was typed: what begins so first, then whose words do, then by its name."""
    name = search_key(one.words)
    inside = sum(f" {word}" not in f" {name}" for word in words)
    return (not name.startswith(words[0]), inside, one.rank, name)
