"""The frame that every page of the team stands in: menu, who looks, what was just done, the zone."""

import base64
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from relance.access_role import AccessRole
from server.access.callers import Requester
from server.http.envelope import VIEWER
from server.orders.awaited_request import AwaitedRequest
from server.reports import french
from server.web.page import Access
from server.web.reach import reaches
from server.web.templates import render

#: What a page may load: ours alone, no code written in it, no style either.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_STRANGER = "Personne de connecté"
_COOKIE = "relance_fait"
_LONGEST = 2_000
#: Where one publishes, from the list of campaigns.
_PUBLISH = "/publier"
#: What leads to what one may do with campaigns, and where it is marked that something of them waits.
_CAMPAIGNS = "campagnes"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: one value, which whoever lets people in fills for all pages.

    `below`: what is said under the name; `links`: what they may do of their own account, each title
    and address; `token`: what their forms send back with what was typed.
    """

    name: str
    below: str = ""
    may: frozenset[Access] = frozenset()
    links: tuple[tuple[str, str], ...] = ()
    token: str = ""

    @property
    def initials(self) -> str:
        """« CM » of « Camille Morin »."""
        return french.initials(self.name)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu; shown to who has `access`. `letter`: what is pressed after « g » to go there."""

    key: str
    title: str
    path: str
    icon: str
    access: Access = Access.READ
    letter: str = ""


#: Those of every day first, then what is seldom needed.
MENU: Sequence[Sequence[MenuEntry]] = (
    (
        MenuEntry("accueil", "Tableau de bord", "/", "board", letter="d"),
        MenuEntry(_CAMPAIGNS, "Campagnes", "/campagnes", "campaign", letter="c"),
        MenuEntry("leads", "Leads", "/leads", "leads", Access.PERSONAL, letter="l"),
        MenuEntry("listes", "Listes", "/listes", "list", letter="i"),
        MenuEntry("messages", "Messages", "/messages", "message", letter="m"),
        MenuEntry("formulaires", "Formulaires", "/formulaires", "form", letter="f"),
        MenuEntry("importer", "Importer", "/importer", "download", Access.PERSONAL),
        MenuEntry("rapports", "Rapports", "/rapports", "chart", letter="r"),
        MenuEntry("equipe", "Équipe et ventes", "/equipe", "person", letter="v"),
        MenuEntry("scripts", "Scripts", "/scripts", "pencil", letter="s"),
        MenuEntry("parcours", "Parcours", "/parcours", "fork", Access.PERSONAL, letter="p"),
    ),
    (
        MenuEntry("utilisateurs", "Utilisateurs", "/utilisateurs", "leads", Access.ADMINISTER),
        MenuEntry("jetons", "Jetons", "/jetons", "key", Access.ADMINISTER),
        MenuEntry("journal", "Journal", "/journal", "file", Access.ADMINISTER, letter="j"),
        MenuEntry("reglages", "Réglages", "/reglages", "settings", Access.ADMINISTER),
        MenuEntry("etat", "État du serveur", "/etat", "server", letter="e"),
    ),
)

#: Of who publishes without reading.
_PUBLISHING = MenuEntry(_CAMPAIGNS, "Publier", _PUBLISH, "campaign", Access.PUBLISH)


HOME = "/"


def first_page(may: Collection[Access]) -> str | None:
    """Where somebody with these rights begins: the dashboard, or the first page of the menu they have.

    None: there is no page for them but their account.
    """
    pages = [one.path for part in MENU for one in part if one.access in may]
    return next(iter(pages), _PUBLISH if Access.PUBLISH in may else None)


@dataclass(frozen=True, slots=True)
class FrameNotice:
    """What every page says first, because all that is read there depends on it: that time is simulated.

    `words`: asked for each page; `links`: where else to look, each its title and its address;
    `entry`: where whoever has no password comes in again; `plays`: an address of the ready campaigns,
    and that which plays its part here.
    """

    words: Callable[[], str]
    links: Sequence[tuple[str, str]] = ()
    entry: str = ""
    plays: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Flash:
    """What was just done, said on the next page. `undo`: where a form takes it back."""

    text: str
    undo: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Fills templates in the frame. `project`: its name, as the foot of pages says it."""

    zone: ZoneInfo
    project: str
    notice: FrameNotice | None = None
    menu: Sequence[Sequence[MenuEntry]] = field(default=MENU)
    awaited: AwaitedRequest = field(default_factory=AwaitedRequest)

    def page(
        self,
        request: Request,
        template: str,
        *,
        here: str,
        title: str,
        trail: Sequence[tuple[str, str]] = (),
        status: int = 200,
        flash: Flash | None = None,
        edits: bool = False,
        frames: bool = False,
        **values: Any,
    ) -> Response:
        """A whole page. `here`: its entry of the menu; `trail`: the pages above it; `edits`: a script
        is edited there, by an editor that brings a style sheet of its own; `frames`: it shows pages of
        ours in frames."""
        nonce = token_urlsafe(16) if edits else ""
        left = flash or _left(request) or self._outcome(request)
        viewer = viewer_of(request)
        frame = {
            "menu": self.open_to(viewer),
            "here": here,
            "title": title,
            "trail": [one for one in trail if reaches(request, viewer.may, one[1])],
            "viewer": viewer,
            "reaches": partial(reaches, request, viewer.may),
            "project": self.project,
            "zone_name": french.zone_name(self.zone),
            "zone_key": self.zone.key,
            "flash": left,
            "notice": self.notice,
            "nonce": nonce,
            "edits": edits,
            "awaited": self._awaits(request),
        }
        answer = self._answer(render(template, **frame, **values), status, nonce, frames=frames)
        if left is not None and flash is None:
            answer.delete_cookie(_COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    def _outcome(self, request: Request) -> Flash | None:
        """What came of a publication that whoever looks had confirmed, and has not seen yet."""
        caller: Requester | None = getattr(request.state, "caller", None)
        if caller is None or caller.account is None:
            return None
        found = self.awaited.outcomes.next(caller.actor.person)
        return None if found is None else Flash(found.text, refused=found.refused)

    def _awaits(self, request: Request) -> bool:
        """Whether a publication waits for the agreement of who looks."""
        caller: Requester | None = getattr(request.state, "caller", None)
        if caller is None or not caller.may(AccessRole.PUBLISH):
            return False
        return self.awaited.awaits(caller.actor.person)

    def open_to(self, viewer: Viewer) -> Sequence[Sequence[MenuEntry]]:
        """The menu, of what they may open; of who publishes and sees no campaign, where that is done."""
        found = [
            [one for one in part if one.access in viewer.may or one.access is Access.ANYBODY]
            for part in self.menu
        ]
        if Access.PUBLISH in viewer.may and Access.READ not in viewer.may:
            found[0].insert(0, _PUBLISHING)
        return found

    def door(
        self, request: Request, template: str, *, title: str, status: int = 200, **values: Any
    ) -> Response:
        """A page for whoever is not in yet, or is asked who they are: no menu, one thing to do."""
        viewer = viewer_of(request)
        given = {"title": title, "viewer": viewer, "project": self.project, "notice": self.notice}
        text = render(template, **given, **values)
        return self._answer(text, status)

    def part(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A piece of a page, for who has the rest of it."""
        viewer = viewer_of(request)
        open_to = partial(reaches, request, viewer.may)
        return self._answer(render(template, viewer=viewer, reaches=open_to, **values), status)

    def _answer(self, text: str, status: int, nonce: str = "", *, frames: bool = False) -> Response:
        policy = f"{POLICY}; frame-src 'self'" if frames else POLICY
        if nonce:
            policy = policy.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
        return HTMLResponse(text, status, {"content-security-policy": policy})


def viewer_of(request: Request) -> Viewer:
    """Who looks."""
    found: Viewer | None = request.scope.get(VIEWER)
    return found or Viewer(_STRANGER)


def done(path: str, flash: Flash) -> Response:
    """To another page of ours, which says what was done: a form is never sent twice by reloading."""
    answer = RedirectResponse(path, 303)
    kept = json.dumps(asdict(Flash(flash.text[:_LONGEST], flash.undo, flash.refused)))
    coded = base64.urlsafe_b64encode(kept.encode()).decode()
    answer.set_cookie(_COOKIE, coded, max_age=60, path="/", httponly=True, samesite="strict")
    return answer


def _left(request: Request) -> Flash | None:
    """What the cookie says was done: words, which the page escapes, and a path of ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(request.cookies[_COOKIE]))
        flash = Flash(str(found["text"]), str(found["undo"]), bool(found["refused"]))
    except (KeyError, ValueError, TypeError):
        return None
    ours = flash.undo.startswith("/") and not flash.undo.startswith("//")
    return flash if ours or not flash.undo else Flash(flash.text)
