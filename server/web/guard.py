"""The one place where who asks is compared with who may: every page passes here, whatever it is.

A request that changes something and that a browser sends must come from our own pages: the browser
says from where (Sec-Fetch-Site, Origin), and the form holds what no other site can read.
"""

import hmac
from functools import partial
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.errors import Problem
from relance.french import quoted
from server.access.actor import Whence
from server.access.callers import Requester
from server.access.control import AccessControl
from server.access.roles import words
from server.access.sessions import LONGEST
from server.http.envelope import VIEWER
from server.http.pages import page as message
from server.http.problems import Problems, ProblemType
from server.http.rate import network_of
from server.store.instants import MINUTE, SECOND
from server.web.frame import HOME, Frame, MenuEntry, Viewer, first_page, viewer_of
from server.web.page import Access, Page

SIGN_IN, PROVE = "/connexion", "/connexion/confirmer"
#: How recent the password must be for what matters most: to look, and to send what was filled in.
_TO_LOOK, _TO_SEND = 15 * MINUTE, 60 * MINUTE
_SAFE = frozenset({"GET", "HEAD"})
_LONGEST_TOKEN = 200
#: What each form of ours holds, and what a script of ours sends: no other site can read it.
FIELD, HEADER = "sceau", "x-relance-sceau"
#: What everybody of the team has in the menu.
_OWN = (("Mon compte", "/compte"),)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class PageGuard:
    """Says who asks, and refuses who may not."""

    def __init__(
        self, access: AccessControl, problems: Problems, public_url: str, frame: Frame
    ) -> None:
        self._access, self._problems, self._frame = access, problems, frame
        split = urlsplit(public_url)
        self._origin = f"{split.scheme}://{split.netloc}"
        self._secure = split.scheme == "https"
        #: « __Host- » binds it to this very site, over TLS: no other, not even below it, can set it.
        self.cookie = "__Host-relance" if self._secure else "relance_session"
        self._door = "__Host-relance-porte" if self._secure else "relance_porte"

    # --- Who asks ---------------------------------------------------------------------------

    async def caller(self, request: Request) -> Requester | None:
        """Who that is: a program by its token, or a browser by its session; None for a stranger."""
        whence = whence_of(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = bearer.strip()
            good = 0 < len(token) <= _LONGEST_TOKEN
            return await self._access.callers.of_token(token, whence) if good else None
        session = self.session_token(request)
        # A page that looks again by itself keeps nobody signed in.
        mode = request.headers.get("sec-fetch-mode", "navigate")
        used = mode == "navigate" or request.method not in _SAFE
        return (
            await self._access.callers.of_session(session, whence, used=used) if session else None
        )

    def session_token(self, request: Request) -> str:
        """What the browser's cookie says; empty without one."""
        token = request.cookies.get(self.cookie, "")
        return token if len(token) <= _LONGEST_TOKEN else ""

    # --- Who may ----------------------------------------------------------------------------

    async def refusal(self, page: Page, request: Request) -> Response | None:
        """Why that page is not for who asks; None when it is, and the request is then theirs."""
        asked, caller = page.asked(request.method), None
        if asked is not Access.ANYBODY:
            caller = await self.caller(request)
            if caller is None:
                return self._strange(request, page)
            if caller.session is None and not page.programs:
                return self._problems.answer("personnes")
        if not await self._own(request, caller):
            return self._foreign(request)
        if caller is not None and asked.role is not None and not caller.may(asked.role):
            return self._forbidden(request, asked, caller)
        if page.recent and caller is not None and not self.recent(request, caller):
            if page.programs:
                return self._problems.answer("confirmer")
            return RedirectResponse(door_to(PROVE, quote(request.scope["path"])), 303)
        request.state.caller = caller
        request.state.may_still = partial(self._may_still, request, asked)
        if caller is not None:
            request.scope[VIEWER] = _viewer(caller)
        return None

    def known(self, request: Request, caller: Requester) -> Requester:
        """Whoever asks for a page that is open to all, so that it may show them as themselves."""
        request.scope[VIEWER] = _viewer(caller)
        return caller

    async def _may_still(self, request: Request, asked: Access) -> bool:
        """Whether that would be theirs again: what stays open asks so now and then."""
        caller = await self.caller(request)
        return caller is not None and (asked.role is None or caller.may(asked.role))

    async def _own(self, request: Request, caller: Requester | None) -> bool:
        """Whether what changes something comes from a page of ours, or from no browser's page."""
        if request.method in _SAFE or (caller is not None and caller.session is None):
            return True
        if not self._same_site(request):
            return False
        if caller is None:
            return True
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json") and self._said_ours(request):
            return (
                True  # no other site sends that without asking first, and the browser says who does
            )
        given = request.headers.get(HEADER, "")
        if not given and kind.startswith(_FORMS):
            given = str((await request.form()).get(FIELD, ""))
        return hmac.compare_digest(given.encode(), caller.form.encode())

    def _said_ours(self, request: Request) -> bool:
        """Whether the browser itself says that a page of ours sends it."""
        named = "sec-fetch-site" in request.headers or "origin" in request.headers
        return named and self._same_site(request)

    def _same_site(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin")
        here = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        return origin is None or origin in (self._origin, here)

    def recent(self, request: Request, caller: Requester) -> bool:
        """Whether the password was given not long ago, for what that request does."""
        within = _TO_LOOK if request.method in _SAFE else _TO_SEND
        now = self._access.register.now()
        return caller.session is None or caller.session.recent(now, within)

    def _strange(self, request: Request, page: Page) -> Response:
        if not _people(request):
            return self._problems.answer("connexion", headers={"www-authenticate": "Bearer"})
        sent = page.form_at.format(**request.path_params) or "/"
        suite = request.scope["path"] if request.method in _SAFE else sent
        return RedirectResponse(door_to(SIGN_IN, quote(suite)), 303)

    def _foreign(self, request: Request) -> Response:
        if not _people(request):
            return self._problems.answer("autre-page")
        advice = (
            "Rien n’a été changé. Revenez à la page, rechargez-la, puis recommencez\u00a0: votre session a "
            "pu changer depuis que vous l’avez ouverte."
        )
        return message("message.html", 403, title="Cet envoi n’a pas été accepté.", advice=advice)

    async def lost(self, request: Request, kind: ProblemType) -> Response | None:
        """In the frame, that there is no such page; None for who is not signed in by a browser."""
        caller = await self.caller(request)
        if caller is None or caller.session is None:
            return None
        request.scope[VIEWER] = viewer = _viewer(caller)
        near = self._near(request, request.scope["path"])
        return self._frame.page(
            request,
            "lost.html",
            here=near.key if near else "",
            title=kind.title,
            status=kind.status,
            begins=first_page(viewer.may),
            near=near,
        )

    def hindered(self, request: Request, kind: ProblemType, why: str) -> Response:
        """In the frame, what keeps a page that is theirs from being shown to who asks for it."""
        path = request.scope["path"]
        return self._frame.page(
            request,
            "hindered.html",
            here=near.key if (near := self._near(request, path)) else "",
            title=kind.title,
            status=kind.status,
            why=why,
            again=_address(request) if request.method in _SAFE else "",
        )

    def _near(self, request: Request, path: str) -> MenuEntry | None:
        """The entry of the menu that an address is below."""
        entries = (one for part in self._frame.open_to(viewer_of(request)) for one in part)
        return next((one for one in entries if f"{path}/".startswith(f"{one.path}/")), None)

    def _forbidden(self, request: Request, asked: Access, caller: Requester) -> Response:
        """Within the frame, so that whoever strayed sees where they may go, or else leaves."""
        if caller.session is None or not _people(request):
            return self._problems.answer(
                "role", [Problem("", f"Il faut le rôle {quoted(asked.value)}.")]
            )
        request.scope[VIEWER] = viewer = _viewer(caller)
        begins = first_page(viewer.may)
        if request.method in _SAFE and request.scope["path"] == HOME and begins is not None:
            return RedirectResponse(begins, 303)
        return self._frame.page(
            request,
            "forbidden.html",
            here="",
            title="Cette page n’est pas pour vous.",
            status=403,
            role=asked.value,
            begins=begins,
            mine=words(caller.roles),
        )

    # --- Sessions ---------------------------------------------------------------------------

    def let_in(self, response: Response, token: str) -> Response:
        """That answer, with the session of that token for the browser."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=LONGEST // SECOND,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    # --- A browser at the door, which has no session yet -----------------------------------

    def door_token(self, request: Request) -> str:
        """What tells that browser from others while it comes in; empty when it has not begun."""
        token = request.cookies.get(self._door, "")
        return token if len(token) <= _LONGEST_TOKEN else ""

    def at_the_door(self, response: Response, token: str, seconds: int) -> Response:
        """That answer, with what tells the browser from others for so long."""
        response.set_cookie(
            *(self._door, token, seconds),
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    def let_out(self, response: Response) -> Response:
        """That answer, with which the browser forgets its session."""
        response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="lax")
        return response


def _address(request: Request) -> str:
    """What was asked, whole: the name of a file may hold a sign of addresses."""
    path, query = quote(request.scope["path"]), request.url.query
    return f"{path}?{query}" if query else path


def _viewer(caller: Requester) -> Viewer:
    """Who looks, as pages show it."""
    may = {one for one in Access if one.role is None or caller.may(one.role)}
    below = caller.account.email if caller.account else ""
    return Viewer(caller.name, below, frozenset(may), _OWN, caller.form)


def whence_of(request: Request) -> Whence:
    """Where that request comes from."""
    address = request.client.host if request.client else ""
    return Whence(address, request.headers.get("user-agent", ""))


def network(request: Request) -> str:
    """What counts as one address."""
    return network_of(request.client.host if request.client else "")


def onward(path: str) -> str:
    """Where to go once signed in: a page of ours, whatever the address says."""
    local = path.startswith("/") and not path.startswith(("//", "/\\"))
    plain = all(" " < sign < "\x7f" and sign != "\\" for sign in path)
    return path if local and plain and len(path) < 500 else "/"


def door_to(path: str, suite: str) -> str:
    """The address of one of our doors, from which one goes on to that other, as it is written."""
    return f"{path}?suite={quote(suite)}"


def _people(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
