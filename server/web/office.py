"""What the pages of campaigns read, and who does what they ask: one value, handed to each feature."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from dsl.phrases.catalogue import Catalogue
from relance.channel import Channel
from relance.host import Clock, Setup
from relance.indicator import Indicator
from server.access.actor import Actor
from server.access.callers import Requester
from server.orders.desk import Desk
from server.orders.publishing import Publishing, PublishOrder
from server.plugin_interface import AddedInterface
from server.plugins import Plugins
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress
from server.reports.glossary import Glossary
from server.reports.performance.listing import CampaignSummary, summaries
from server.reports.performance.offered import ReportGround
from server.settings import PublishingMode, Settings
from server.store.instants import now_micros
from server.store.store import Store
from server.web.frame import Frame, viewer_of
from server.web.page import Access, number

#: How long a form waits for scenarios to be played: a page has eight seconds for all that it does.
_REHEARSAL_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Office:
    """The parts of a running server that pages look at and ask."""

    store: Store
    clock: Clock
    settings: Settings
    plugins: Plugins
    desk: Desk
    publishing: Publishing
    frame: Frame
    #: How the project is set, as plugins are told it.
    setup: Setup
    #: What messages leave by, by name.
    channels: Mapping[str, Channel]
    #: Set once the server stops: what would go on for ever ends.
    stopping: asyncio.Event
    #: What plugins add to the interface.
    added: AddedInterface

    @property
    def glossary(self) -> Glossary:
        """The words of what plugins own."""
        return self.plugins.glossary

    @property
    def catalogue(self) -> Catalogue:
        """The phrases there are."""
        return self.plugins.catalogue

    @property
    def at_once(self) -> bool:
        """Whether what is saved in the draft is published as it is."""
        return self.settings.publishing is PublishingMode.ON_SAVING

    @property
    def writing(self) -> Access:
        """Who may change the draft: where what is saved is published, saving is for who publishes."""
        return Access.PUBLISH if self.at_once else Access.WRITE

    @property
    def ground(self) -> ReportGround:
        """What reports are read from, now."""
        fields, words = self.store.fields, self.glossary
        now = now_micros(self.clock)
        return ReportGround(self.settings.zone, fields.currency, words, self.indicators, now)

    def indicators(self) -> Sequence[Indicator]:
        """All that plugins count."""
        return self.plugins.indicators(self.setup)

    async def campaign(self, request: Request) -> CampaignSummary:
        """The campaign that the address names; not found (404) when there is none."""
        wanted = number(request, "campagne")
        async with self.store.read() as conn:
            found = await summaries(conn, wanted)
        if not found:
            raise HTTPException(404)
        return found[0]

    async def rehearsed(self, verb: str, given: Mapping[str, str]) -> bool:
        """Whether the scenarios that an order depends upon were played, or are within some seconds."""
        try:
            async with asyncio.timeout(_REHEARSAL_SECONDS):
                await self.desk.rehearse(verb, given)
        except TimeoutError:
            return False  # they go on behind
        return True

    async def rehearsal(self, within: float = 0.0) -> DraftRehearsal | RehearsalProgress:
        """How the scenarios of the draft went, if it is known within so many seconds, else how far they are."""
        reading = await self.publishing.reading(PublishOrder(""))
        if reading.problems:
            return DraftRehearsal()
        rehearsals = self.publishing.rehearsals
        found = await rehearsals.known(reading)
        if within and isinstance(found, RehearsalProgress):
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(rehearsals.of(reading), within)
        return found

    async def order(self, request: Request, verb: str, given: Mapping[str, str]) -> str:
        """Have something done in the name of who asks; what is said of it. Raises `Declined`."""
        signed = {"qui": viewer_of(request).name, **given}
        return await self.desk.perform(verb, signed, actor_of(request))


def actor_of(request: Request) -> Actor:
    """Who asks, as the audit log says it: the guard let them in."""
    caller: Requester = request.state.caller
    return caller.actor


async def posted(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once."""
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
