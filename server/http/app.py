"""The ASGI application: which part of the server answers which path.

Decisions look at `scope["path"]` and nothing built from the Host header. Every answer carries the
security headers, and nothing that goes wrong inside is told outside.
"""

import logging
import secrets

from server.http import events, forms, pages
from server.http.deadline import TooLong, in_time
from server.http.events import EventHook
from server.http.exchange import TEXT, Answer, Header, Receive, Scope, Send, answer, header
from server.http.forms import Forms
from server.http.operator import Operator
from server.http.pages import page
from server.http.problems import KINDS, PATH, Problems, for_people
from server.http.refusals import refusal
from server.http.routes import PluginRoutes
from server.http.status import StatusPages
from server.settings import Settings

log = logging.getLogger("relance.http")

_COMMON: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000")
#: An icon hardly changes: browsers need not ask again at each page.
_KEPT: tuple[Header, ...] = ((b"cache-control", b"public, max-age=86400"),)
_OWN = frozenset({"/", "/sante", "/robots.txt", pages.STYLE, *pages.ICONS})
_ROBOTS = b"User-agent: *\nDisallow: /\n"

#: Every path of the core, for the test that counts who may call what.
PATHS = (
    forms.PATH + "{form}",
    events.PATH,
    "/",
    "/sante",
    "/robots.txt",
    pages.STYLE,
    *pages.ICONS,
    PATH + "{nom}",
)


class App:
    """The whole site of a server."""

    def __init__(
        self,
        settings: Settings,
        form_posts: Forms,
        event_posts: EventHook,
        routes: PluginRoutes,
        status: StatusPages,
        operator: Operator,
        problems: Problems,
    ) -> None:
        self._settings = settings
        self._forms = form_posts
        self._events = event_posts
        self._routes = routes
        self._status = status
        self._operator = operator
        self._problems = problems
        secure = settings.public_url.startswith("https:")
        self._common = (*_COMMON, _HSTS) if secure else _COMMON
        self._strict = (*self._common, pages.POLICY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (or the lifespan, which the runtime handles by itself)."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})
            return
        try:
            reply = await self._answer(scope, receive)
        except TooLong as error:
            reply = for_people(refusal(self._problems, error))
        except Exception:
            instance = secrets.token_hex(8)
            log.exception("erreur imprévue %s sur %s", instance, _shown(scope))
            reply = self._problems.answer("interne", instance=f"urn:relance:{instance}")
        own_policy = any(name == pages.POLICY[0] for name, _ in reply.headers)
        await answer(scope, send, reply, self._common if own_policy else self._strict)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path: str = scope["path"]
        if self._settings.hosts and not self._served(scope):
            return self._problems.answer("hote")
        if path.startswith(forms.PATH):
            return await self._forms(scope, receive)
        if path == events.PATH:
            return await self._events(scope, receive)
        # Ours first: no plugin can stand in for `/sante`.
        reply = await self._own(scope, path) or await self._routes(scope, receive)
        return reply or self._missing(scope)

    def _served(self, scope: Scope) -> bool:
        host = header(scope, b"host").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return name in self._settings.hosts

    async def _own(self, scope: Scope, path: str) -> Answer | None:
        """Our own pages; None for any other path."""
        known = path in _OWN or _explained(path)
        if not known:
            return None
        if scope["method"] not in {"GET", "HEAD"}:
            return self._problems.answer("methode", headers=[(b"allow", b"GET, HEAD")])
        if path == "/":
            came = self._operator.enters(scope)
            return came or await in_time(self._status.page(full=self._operator.asks(scope)))
        if path == "/sante":
            return await self._status.health(full=self._operator.asks(scope))
        if path == pages.STYLE:
            return Answer(200, pages.style(), "text/css; charset=utf-8")
        if path in pages.ICONS:
            return Answer(200, pages.icon(), "image/svg+xml", _KEPT)
        if path == "/robots.txt":
            return Answer(200, _ROBOTS, TEXT)
        kind = KINDS[path[len(PATH) :]]
        return page("message.html", title=kind.title, advice=kind.advice)

    def _missing(self, scope: Scope) -> Answer:
        if "text/html" in header(scope, b"accept"):
            kind = KINDS["introuvable"]
            return page("message.html", 404, title=kind.title, advice=kind.advice)
        return self._problems.answer("introuvable")


def _explained(path: str) -> bool:
    return path.startswith(PATH) and path[len(PATH) :] in KINDS


def _shown(scope: Scope) -> str:
    """The request, for the log: its path may hold a token, so only where it begins."""
    first = scope["path"].lstrip("/").partition("/")[0][:40]
    return f"{scope['method']} /{first if first.isprintable() else '…'}"
