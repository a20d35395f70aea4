"""How the server is doing, as pages: `/sante` for machines, `/` for the operator.

What is wrong is decided in `server.health`. The page names campaigns and leads, so it is whole for
the operator alone; anyone else learns that the server runs.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import StoreUnavailable
from relance.host import Clock
from relance.legible import in_json
from server.health.answer import health_answer
from server.health.checkup import Checkup
from server.health.health import Health
from server.http.exchange import JSON
from server.http.pages import page
from server.reports.glossary import Glossary
from server.reports.screen import screen
from server.store import declarations
from server.store.instants import now_micros
from server.store.store import Store
from server.web import overview
from server.web.frame import Frame
from server.web.operator import WAY_IN, Operator
from server.web.page import Access, Page

_HERE, _TITLE = "etat", "État du serveur"
#: Counting stops here: beyond, « a lot » is all one needs to know.
_MANY = 100_001


class StatusPages:
    """Answers `/` and `/sante`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        checkup: Checkup,
        glossary: Glossary,
        operator: Operator,
        frame: Frame,
    ) -> None:
        self._store = store
        self._clock = clock
        self._checkup = checkup
        self._glossary = glossary
        self._operator = operator
        self._frame = frame

    def pages(self) -> Iterator[Page]:
        """Where they are: anybody may ask, and is told what is theirs to know."""
        yield Page("/", Access.ANYBODY, self.page)
        yield Page("/sante", Access.ANYBODY, self.health, in_time=False)

    async def health(self, request: Request) -> Response:
        """200 when all that is asked for is done, 503 when some of it is not.

        What is wrong may name people and machines of ours: that is told to the operator only.
        """
        health = await self._checkup.health()
        said = in_json(health_answer(health, full=self._operator.asks(request)))
        return Response(said, 200 if health.ok else 503, media_type=JSON)

    async def page(self, request: Request) -> Response:
        """The status page; one sentence for anybody else."""
        if not self._operator.asks(request):
            advice = f"Pour voir son état : {WAY_IN[0].lower()}{WAY_IN[1:]}"
            return page("message.html", title="Relance est en marche.", advice=advice)
        health = await self._checkup.health()
        try:
            return await self._whole(request, health)
        except StoreUnavailable:
            return self._frame.page(
                request, "concerns.html", here=_HERE, title=_TITLE, status=503, health=health
            )

    async def _whole(self, request: Request, health: Health) -> Response:
        async with self._store.read() as conn:
            tables = await overview.tables(conn, now_micros(self._clock), self._glossary)
            return self._frame.page(
                request,
                "status.html",
                here=_HERE,
                title=_TITLE,
                health=health,
                declared=await declarations.count(conn, _MANY),
                tables=[screen(one, self._frame.zone) for one in tables],
            )
