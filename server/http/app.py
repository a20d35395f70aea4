"""The ASGI application: which part of the server answers which path.

Decisions look at `scope["path"]` and nothing built from the Host header. Forms and events, and the
addresses of plugins, are answered straight on ASGI; every other address is a page, on Starlette.
"""

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.http import events, forms, metrics
from server.http.envelope import Protecting, refused
from server.http.events import EventHook
from server.http.exchange import header, replayed
from server.http.forms import Forms
from server.http.metrics import MetricsDoor
from server.http.problems import Problems
from server.http.prompt import PromptAnswer, WholeAnswer
from server.http.routes import PluginRoutes
from server.settings import Settings

#: The doors of the core, for the test that counts who may call what; pages say their own.
PATHS = (forms.PATH + "{form}", events.PATH, metrics.PATH)


class App:
    """The whole site of a server."""

    def __init__(
        self,
        settings: Settings,
        form_posts: Forms,
        event_posts: EventHook,
        routes: PluginRoutes,
        pages: Starlette,
        problems: Problems,
        measures: MetricsDoor | None = None,
    ) -> None:
        self._hosts = settings.hosts
        self._forms = form_posts
        self._events = event_posts
        self._routes = routes
        self._pages = pages
        self._problems = problems
        self._measures = measures
        #: Where our pages are: no plugin can stand in for `/sante`, nor for what is below it.
        self._own = {_first(one.path) for one in pages.routes if isinstance(one, Route)}
        secure = settings.public_url.startswith("https:")
        self._site = Protecting(self._answer, secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (or the lifespan, which the runtime handles by itself)."""
        if scope["type"] == "http":
            await self._site(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    def promptly(self, scope: Scope, body: bytes, answer: PromptAnswer) -> bool:
        """Answer a form whose body is there already by no task of its own; False: nothing else is."""
        path: str = scope["path"]
        ordinary = scope["method"] != "POST" or not path.startswith(forms.PATH)
        if ordinary or _first(path) in self._own or not self._served(scope):
            return False

        def sent(reply: Response | Exception) -> None:
            if isinstance(reply, Exception):
                reply = refused(self._problems, scope, reply)
            headers = self._site.around(reply.raw_headers)
            answer(WholeAnswer(reply.status_code, headers, bytes(reply.body)))

        try:
            self._forms.promptly(scope, body, sent)
        except Exception as error:
            sent(error)
        return True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _first(scope["path"]) in self._own and self._served(scope):
            await self._pages(scope, receive, send)
            return
        try:
            reply = await self._replied(scope, receive)
        except Exception as error:
            reply = refused(self._problems, scope, error)
        if reply is not None:
            await reply(scope, receive, send)
        else:  # to be told so; what it sent may have been read already
            await self._pages(scope, replayed(b"", receive), send)

    async def _replied(self, scope: Scope, receive: Receive) -> Response | None:
        path: str = scope["path"]
        if not self._served(scope):
            return self._problems.answer("hote")
        if path.startswith(forms.PATH):
            return await self._forms(scope, receive)
        if path == events.PATH:
            return await self._events(scope, receive)
        if path == metrics.PATH and self._measures is not None:
            return await self._measures(scope)
        return await self._routes(scope, receive)

    def _served(self, scope: Scope) -> bool:
        """Whether the site asked for is one of those named, when some are."""
        if not self._hosts:
            return True
        host = header(scope, b"host").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return name in self._hosts


def _first(path: str) -> str:
    """The first stretch of a path."""
    return path[1:].partition("/")[0]
