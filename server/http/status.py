"""How the server is doing, as pages: `/sante` for machines, `/` for the operator.

What is wrong is decided in `server.health`. The page names campaigns and leads, so it is whole for
the operator alone; anyone else learns that the server runs.
"""

from zoneinfo import ZoneInfo

from relance.errors import StoreUnavailable
from relance.host import Clock
from relance.legible import in_json
from server.health.checkup import Checkup
from server.health.health import Health
from server.health.told import told
from server.http import overview
from server.http.exchange import Answer
from server.http.pages import page
from server.reports.glossary import Glossary
from server.reports.screen import screen
from server.store import declarations
from server.store.instants import now_micros
from server.store.store import Store

#: Counting stops here: beyond, « a lot » is all one needs to know.
_MANY = 100_001


class StatusPages:
    """Answers `/` and `/sante`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        checkup: Checkup,
        zone: ZoneInfo,
        glossary: Glossary,
    ) -> None:
        self._store = store
        self._clock = clock
        self._checkup = checkup
        self._zone = zone
        self._glossary = glossary

    async def health(self, *, full: bool) -> Answer:
        """200 when all that is asked for is done, 503 when some of it is not.

        What is wrong may name people and machines of ours: that is told to the operator only.
        """
        health = await self._checkup.health()
        return Answer(200 if health.ok else 503, in_json(told(health, full=full)).encode())

    async def page(self, *, full: bool) -> Answer:
        """The status page; one sentence for anybody else."""
        if not full:
            return page(
                "message.html",
                title="Relance est en marche.",
                advice="Pour voir son état, ouvrez le lien que le serveur a écrit dans son journal en "
                "démarrant : il porte un jeton, renouvelé à chaque démarrage.",
            )
        health = await self._checkup.health()
        try:
            return await self._whole(health)
        except StoreUnavailable:
            return page("concerns.html", 503, health=health)

    async def _whole(self, health: Health) -> Answer:
        async with self._store.read() as conn:
            tables = await overview.tables(conn, now_micros(self._clock), self._glossary)
            return page(
                "status.html",
                health=health,
                declared=await declarations.count(conn, _MANY),
                tables=[screen(one, self._zone) for one in tables],
            )
