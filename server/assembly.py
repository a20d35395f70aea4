"""What every process of a server is made of: what receives facts, what moves leads, and their host.

The first process has all else beside (`server.runtime`); a helper has nothing more (`server.helping`).
"""

from collections.abc import Iterable
from functools import partial

from relance.channel import Channel
from relance.host import Clock, Network
from server.deliveries.wanted import subscriptions
from server.dispatch.book import Book
from server.dispatch.dispatch import Dispatch
from server.dispatch.terms import Terms
from server.engine.engine import Engine
from server.holding import Holding
from server.host import ServerHost, visit_buffer
from server.http.event_authentication import EventAuthentication
from server.http.event_types import EventTypes
from server.http.events import EventHook
from server.http.form_names import FormNames
from server.http.forms import Forms
from server.http.pages import render
from server.http.problems import Problems
from server.http.quota import Quota
from server.http.routes import PluginRoutes
from server.intake import forms_heard
from server.intake.intake import Intake, anything
from server.plugins import Plugins
from server.settings import Settings
from server.store.bell import Bell
from server.store.store import Store
from server.tokens import Signer


class Assembly:
    """The parts, bound to one another; `load` reads what the store has of them."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        plugins: Plugins,
        network: Network,
        signer: Signer,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._plugins = plugins
        self.intake = Intake(store, clock, settings.region)
        self.intake.marks = plugins.marks()
        self.intake.hears = anything
        self.holding = Holding(store, clock, self.intake)
        given = (settings, clock, self.intake, self.holding)
        self.visit_buffer = visit_buffer(*given, store.process)
        self.host = ServerHost(
            settings, store, self.intake, network, clock, signer, self.visit_buffer
        )
        self.host.offered = plugins.variables(self.host)
        self.host.channel_types = plugins.channel_types()
        self.sinks = plugins.sinks(self.host)
        works, words = settings.calendar.works, plugins.words
        wanted = subscriptions(self.sinks, plugins.event_types())
        self.engine = Engine(store, clock, settings.zone, None, works, words, wanted)
        self.engine.rewriters = plugins.rewriters()
        self.engine.oldest = self.visit_buffer.oldest
        self.bell = Bell(settings.database, store.process)
        self.intake.on_commit = self._came
        self.intake.beside = lambda: self.bell.others
        self.engine.on_outbox = self.bell.ring
        self.form_names = FormNames(settings.forms.secrets, settings.forms.returns)
        self.probe = self.intake.probe
        self.engine.probe = self.probe
        #: The digest of a delivery, for whom it is handed to.
        self.delivery_key = partial(signer.digest, "delivery")

    def _came(self) -> None:
        """There are new events."""
        self.engine.wake()
        self.bell.ring()

    async def load(self) -> None:
        """Read links, and the forms that are known."""
        await self.host.load_links()
        self.form_names.learn(await forms_heard.noted(self._store))

    def sending(self, channels: Iterable[Channel], book: Book) -> Dispatch:
        """What takes messages of the outbox, told of those that the engine adds to it."""
        settings, plugins = self._settings, self._plugins
        nature, asked = plugins.natures(lambda: self.host.files), settings.consent.asked
        terms = Terms(settings.recipients, nature, settings.zone, asked, plugins.implied())
        dispatch = Dispatch(self._store, self._clock, list(channels), self.intake, terms, book)

        def decided() -> None:
            dispatch.wake()
            self.bell.ring()

        self.engine.on_outbox = decided
        return dispatch

    def forms(self, problems: Problems, quota: Quota) -> Forms:
        """What answers forms."""
        settings, thanks = self._settings, render("thanks.html")
        return Forms(self.intake, settings, self._clock, problems, quota, thanks, self.form_names)

    def doors(self, problems: Problems, quota: Quota) -> tuple[EventHook, PluginRoutes]:
        """What answers other programs, and the addresses of plugins."""
        settings, clock, plugins = self._settings, self._clock, self._plugins
        authentication = EventAuthentication(settings.events, clock, problems)
        types = EventTypes(plugins.event_types(), settings.events.types, plugins.reserved)
        hook = EventHook(self.intake, settings, clock, problems, authentication, types)
        routes = plugins.routes(self.host)
        return hook, PluginRoutes(routes, self.host, clock, problems, authentication, quota)
