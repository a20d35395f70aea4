"""The whole server as one object: opened, run, stopped in order, all of it within ten seconds.

No new connection, requests and sends under way end, the engine ends its transaction, what came in is
stored, the database is closed.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Mapping
from functools import partial

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from relance.channel import Channel
from relance.errors import StoreUnavailable
from relance.host import Clock, Network
from server import setup
from server.access.control import AccessControl
from server.assembly import Assembly
from server.attendance import Attendance, own_name
from server.clock import BaseClock
from server.deliveries.deliveries import Deliveries
from server.dispatch.book import book_of
from server.dispatch.dispatch import Dispatch
from server.egress import Egress, relays
from server.enactment import Enactment
from server.engine.engine import Engine
from server.health.checkup import Checkup
from server.holding import Holding
from server.host import ServerHost
from server.housekeeping import keep_tidy
from server.http import port
from server.http.app import App
from server.http.connections import ConnectionLimits, Connections, descriptors
from server.http.forms import Forms
from server.http.listener import Server, url_of
from server.http.problems import Problems
from server.http.quota import Quota, veiled
from server.imports.worker import Imports
from server.intake import forms_heard
from server.intake.intake import Intake
from server.intake.spellings import join_spellings
from server.interface import interface, mailing_of, office_of
from server.language.draft import DraftLanguage
from server.observation import Observation
from server.observing.readings import BaseReadings
from server.orders.agreement import Agreements
from server.orders.awaited_request import AwaitedRequest
from server.orders.desk import Desk
from server.orders.project_verbs import project_verbs
from server.orders.publishing import Publishing, PublishOrder, Situation
from server.orders.team import TeamOrders
from server.orders.verbs import HEALTH
from server.own_concerns import OwnConcerns
from server.plugins import Plugins, load_plugins
from server.private import close_to_others
from server.publication import archive
from server.publication.on_disk import Folder
from server.publication.publisher import Publisher
from server.publication.reading import DraftReader
from server.publication.source import Source
from server.reached import reached
from server.rehearsal.process import playing
from server.rehearsal.rehearsals import Rehearsals
from server.release import release
from server.reports.indicators import counted
from server.restoration import Restoration
from server.rights.erasing import ERASE, Erasing
from server.roles import FIRST
from server.secret import recognise
from server.settings import PublishingMode, Settings
from server.shared_settings import said_of
from server.signals import obey_signals
from server.store.counters import keeping as counting
from server.store.instants import now_micros
from server.store.measured import measure
from server.store.processes import ProcessRow
from server.store.sole import Sole, alone, taken
from server.store.store import Store
from server.succession import take_over
from server.supervision import Supervisor
from server.tenancy import watch
from server.timekeeping import begin_on_time
from server.tokens import Signer
from server.visit_buffer import VisitBuffer
from server.web.frame import FrameNotice

log = logging.getLogger("relance.server")

#: How long each stage of stopping may take; together under ten seconds.
_HTTP_SECONDS = 3
_SEND_SECONDS = 8.0
_ENGINE_SECONDS = 3.0
_INTAKE_SECONDS = 2.0
_IMPORT_SECONDS = 2.0
#: How long a store that cannot be written yet is left alone.
_PATIENCE = 0.5


class Runtime:
    """A server. `open`, then `serve` (or drive its parts by hand), then `close`; or `begin`, then
    `serve`, which does `prepare` beside, to take forms before the rules are read."""

    store: Store
    intake: Intake
    holding: Holding
    visit_buffer: VisitBuffer
    host: ServerHost
    engine: Engine
    dispatch: Dispatch
    deliveries: Deliveries
    rules: Publisher
    imports: Imports
    desk: Desk
    publishing: Publishing
    restoration: Restoration
    forms: Forms
    quota: Quota
    checkup: Checkup
    concerns: OwnConcerns
    app: App

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        plugins: Plugins | None = None,
        network: Network | None = None,
        source: Source | None = None,
        at_start: PublishOrder | None = None,
        access_clock: Clock | None = None,
        notice: FrameNotice | None = None,
        held: Sole | None = None,
    ) -> None:
        """`at_start`: publish the draft at once; `access_clock`: what sessions live by, if not `clock`;
        `held`: the hold on the database, of who has it already."""
        self.settings = settings
        self._at_start, self._notice, self._held = at_start, notice, held
        self.source = source or Folder(settings.folder)
        self.clock: Clock = clock or BaseClock()
        self.plugins = plugins or load_plugins(settings.enabled, settings.disabled)
        setup.refuse_unread(settings, self.plugins)
        self._network = network or Egress(settings.allowed_hosts, relays(settings.plugins))
        self._tasks = Supervisor()
        limits = ConnectionLimits.within(settings.connections, descriptors(settings.connections))
        self.connections = Connections(limits, settings.proxies)
        self._access_clock = access_clock or self.clock
        self._listening: socket.socket | None = None
        self._stopping = asyncio.Event()
        self.channels: Mapping[str, Channel] = {}
        #: Why the server stops although nobody asked it to.
        self._fault: Exception | None = None
        #: Set once requests are answered; `url` says where.
        self.ready = asyncio.Event()
        #: Set once what is published is taken up: until then all that comes waits for it.
        self.prepared = asyncio.Event()
        #: Set once messages may leave, from here or by another process.
        self._may_send = asyncio.Event()

    async def open(self) -> None:
        """Open the store, read the rules, make every part ready; nothing runs yet."""
        await self.begin()
        try:
            await self.prepare()
        except BaseException:
            self._deafen()
            await self._let_go()
            raise

    def _deafen(self) -> None:
        if self._listening is not None:
            self._listening.close()

    async def begin(self) -> None:
        """Open the store and what takes facts; the rules are not read yet, nothing runs."""
        try:
            await self._open()
        except BaseException:
            self._deafen()
            raise

    async def _open(self) -> None:
        with reached():
            # Held first: who is refused must not touch what another server has.
            self._sole = self._held or await alone(self.settings.database)
            try:
                close_to_others(self.settings.folder, self.settings.database)
                self._release = release(self.settings, self.plugins)
                await take_over(self._sole, self._release, own_name())
                await begin_on_time(self._sole, self.clock)
                among = self._held is not None
                self.store = await Store.open(self.settings.database, self.clock, among=among)
                await counting.keep(self.store, self.settings.zone)
                await join_spellings(self.store, self.clock)
            except BaseException:
                await self._sole.release()
                raise
        self.store.on_superseded = self._oust
        try:
            await self._assemble()
        except BaseException:
            await self._let_go()
            raise

    async def _assemble(self) -> None:
        settings, clock = self.settings, self.clock
        signer = await recognise(self.store, settings)
        doors = settings.public_url, settings.oidc, self._network
        self.access = await AccessControl.open(self.store, self._access_clock, signer, *doors)
        await self.store.declare_currency(settings.currency)
        edition = self._release.edition
        made = self._made = Assembly(
            settings, self.store, clock, self.plugins, self._network, signer
        )
        self.intake, self.holding, self.visit_buffer = made.intake, made.holding, made.visit_buffer
        self.host, self.engine, self.form_names = made.host, made.engine, made.form_names
        await made.load()
        self.holding.holders = self.plugins.holders(self.host)
        self.channels = self.plugins.channels(self.host)
        self.deliveries = Deliveries(self.store, clock, made.sinks, made.delivery_key)
        self.engine.on_deliveries = self.deliveries.wake
        book = book_of(settings.folder)
        self._observation = Observation(settings, self.intake, self.visit_buffer)
        channels = self._observation.channels(self.channels.values())
        self.dispatch = made.sending(channels, book)
        self.imports = Imports(
            *(self.store, clock, settings.region, self.plugins.glossary.channels),
            settled=self._imported,
            wake=self.engine.wake,
        )
        reader = DraftReader(self.plugins, self.host)
        self._enactment = Enactment(
            self.store, self.engine, self.host, reader, self.form_names, edition
        )
        on_saving, enact = settings.publishing is PublishingMode.ON_SAVING, self._enactment.enact
        self.rules = Publisher(self.source, reader, edition, enact, on_saving=on_saving)
        situation = Situation(self.store, clock, settings, self.plugins.glossary)
        play = playing(settings, self.plugins, lambda: self.rules.running, serves=self.ready.is_set)
        self.publishing = Publishing(situation, self.store, self.rules, Rehearsals(play))
        drop, forget = self.visit_buffer.drop, self.host.forget_texts
        self._erasing = Erasing(self.store, clock, self.engine, book, drop, forget)
        own = {HEALTH: lambda *_: self.checkup.answer(), ERASE: self._erasing.perform}
        verbs = {**own, **project_verbs(self.store, settings.folder, self.plugins, self.host)}
        team = TeamOrders(self.access.register, settings.public_url)
        agreements = await Agreements.opened(self.publishing, self.store, clock)
        beside = (team, settings, agreements)
        self.desk = Desk(self.store, clock, self._look, self.engine, verbs, *beside)
        self.app = self._site(signer, agreements.awaited)
        project, now = signer.digest("project"), now_micros(clock)
        said = await asyncio.to_thread(said_of, settings, self.plugins, signer)
        mine = (0, own_name(), FIRST, str(self._release), project, now)
        me = ProcessRow(*mine, known=True, settings=said)
        look, have = self._look_everywhere, self.dispatch.have_beside
        self.attendance = Attendance(self.store, clock, self.engine, me, look, have, made.bell)
        await self.quota.recall(self.store)
        self.restoration = Restoration(self.store, settings.folder)
        await self.restoration.look()

    async def prepare(self) -> None:
        """Take up what is published; publish what the folder holds, when that is decided already.

        What was received meanwhile is heard by it then.
        """
        async with self.store.read() as conn:
            last = await archive.publication(conn)
        if last is not None:
            await self.rules.resume(last)
            await self._enactment.take_up(last)
        await self.dispatch.recover()
        await self.attendance.begin()
        await self.engine.load()
        await self._erasing.finish()
        if last is not None:  # it runs: changed files are read beside
            await self._enactment.know_forms()
        await self.rules.begin()
        if self._at_start is not None:
            await self.publishing.begin(self._at_start, self.desk.record_of(self._at_start).write)
        if last is None and not self.rules.begun:
            return
        self.intake.hears = self.engine.hears
        await self._name_forms()
        self.prepared.set()

    async def _name_forms(self) -> None:
        """Name what came before the forms were known; what comes from now on is named at the door."""
        await self.intake.passed()
        await forms_heard.name_waiting(self.store, self.form_names.meant)

    def _look(self) -> None:
        """Something may be to be done, or to leave."""
        self.engine.wake()
        self.dispatch.wake()
        self.deliveries.wake()
        self.report_mailing.wake()

    def _look_everywhere(self) -> None:
        """Another process may have left anything."""
        self._look()
        self.holding.wake()

    async def _imported(self) -> None:
        """Leads changed without the campaigns hearing of it: what rests on them is made anew."""
        try:
            await self.engine.take_stock()
        except (DBAPIError, LookupError):
            log.exception("après l’importation, les règles n’ont pas pu être regardées de nouveau")

    def _site(self, signer: Signer, awaited: AwaitedRequest) -> App:
        settings, clock = self.settings, self.clock
        problems = Problems(settings.public_url)
        quota = self.quota = veiled(settings.forms.daily, clock, signer)
        self.forms = self._made.forms(problems, quota)
        lacking, words = partial(self.plugins.concerns, self.host), self.plugins.glossary
        own = (self.prepared, self._tasks, self.publishing, self.engine, self.dispatch)
        doors = (self.deliveries, self.forms.senders, self.visit_buffer, self.intake, quota)
        self.concerns = OwnConcerns(*own, *doors, words)
        self.checkup = Checkup(self.store, clock, words, self.concerns, lacking)
        draft = DraftLanguage(self.plugins, self.host, self.source)
        shared = (self.store, clock, settings, self.plugins, self.desk, self.publishing)
        office = office_of(shared, self.host, self.channels, self._stopping, self._notice, awaited)
        mine = (self.checkup, self.access, draft, lambda: self.address, problems)
        self.report_mailing = mailing_of(office, self.access.register.audit, lambda: self.address)
        pages = interface(office, *mine, self.forms)
        hook, others = self._made.doors(problems, quota)
        base = BaseReadings(self.store, clock, self.checkup, self.channels, self.dispatch.cut)
        known = (self.forms, FIRST, str(self._release), self._tasks.failing)
        measures = self._observation.door(problems, *known, base)
        return App(settings, self.forms, hook, others, pages, problems, measures)

    # --- Running ----------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the server listens, once `ready`."""
        if self._listening is None:
            raise RuntimeError("the server does not listen")
        return url_of(self._listening)

    @property
    def address(self) -> str:
        """Where people reach it."""
        return self.url if self.settings.port == 0 else self.settings.public_url

    def start_tasks(self) -> None:
        """Start the engine, the dispatch and the watch of the rules."""
        folder = self.settings.folder
        self._tasks.start("garde de la base", self._guard)
        self._tasks.start("mis de côté", self.visit_buffer.run)
        self._tasks.start("témoin", self.restoration.witness.run)
        self._tasks.start("ménage", lambda: keep_tidy(self.store, self.clock, self.quota))
        self._tasks.after(self.prepared, "moteur", self.engine.run)
        self._tasks.after(self._may_send, "autres processus", self.attendance.run)
        self._tasks.after(self.prepared, "envois", self._send, ends=_SEND_SECONDS)
        mailing = partial(self.report_mailing.run, restored=self.restoration.lasts)
        self._tasks.after(self._may_send, "rapports", mailing, ends=_SEND_SECONDS)
        self._tasks.after(self.prepared, "appels", self.deliveries.run, ends=_SEND_SECONDS)
        self._tasks.after(self.prepared, "règles", self.rules.run)
        self._tasks.after(self.prepared, "scénarios", self.publishing.watch)
        self._tasks.after(self.prepared, "notes", self.holding.run)
        importing = partial(self.imports.run, folder)
        self._tasks.after(self.prepared, "importations", importing, ends=_IMPORT_SECONDS)
        self._tasks.after(self.prepared, "comptes", self._measure)
        self._tasks.after(self.prepared, "ordres", lambda: self.desk.run(folder))

    def listen(self) -> socket.socket:
        """Have the port, before anything of the database is touched."""
        if self._listening is None:
            backlog = self.connections.limits.backlog
            self._listening = port.take(self.settings.listen, self.settings.port, backlog)
        return self._listening

    async def _measure(self) -> None:
        """Have the base ready to count what plugins have counted."""
        await measure(self.store, counted(self.plugins.indicators(self.host)))
        await asyncio.Event().wait()

    async def _guard(self) -> None:
        """Nothing more is ours to do once another server has the database."""
        await watch(self._sole, self.store, self._look)
        self._oust()
        await asyncio.Event().wait()

    def _oust(self) -> None:
        """Another server has the database: nothing more is ours to do."""
        if self._fault is None:
            self._fault = taken(make_url(self.settings.database).render_as_string())
            log.error("%s", self._fault)
            self.stop()

    async def _send(self) -> None:
        """Send; on a restored base, once what the engine makes up for is held as well."""
        await self.restoration.end(self.engine.caught_up)
        self._may_send.set()
        await self.dispatch.run()

    async def serve(self, *, signals: bool = True) -> None:
        """Run until `stop` or a signal, then stop in order; after `begin` or `open`.

        Raises what stopped it unasked: `ConfigurationError` when another server has taken the
        database, whatever keeps the rules from being taken up, and what the listener failed of.
        """
        config = port.config(self.app, self.connections, self.settings.proxies, _HTTP_SECONDS)
        server = Server(config, self._announce)
        self._listening = self.listen()
        if signals:
            obey_signals(self.stop, self.rules.reload)
        self.start_tasks()
        http = asyncio.create_task(server.serve(sockets=[self._listening]), name="relance-http")
        stopping = asyncio.create_task(self._stopping.wait())
        preparing = asyncio.create_task(self._get_prepared(), name="relance-préparation")
        try:
            await asyncio.wait([http, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            preparing.cancel()
            server.should_exit = True
            await self._stop_tasks(http)
            self._listening.close()
            await asyncio.wait([preparing])
        if self._fault is not None:
            raise self._fault

    async def _get_prepared(self) -> None:
        """Prepare, unless it was done; what keeps it from being done stops the server."""
        try:
            while not self.prepared.is_set():
                try:
                    await self.prepare()
                except StoreUnavailable as error:
                    log.warning("les règles attendent que la base réponde : %s", error)
                if not self.prepared.is_set():
                    await asyncio.sleep(_PATIENCE)
        except Exception as error:
            self._fault = error
            self.stop()

    def _announce(self) -> None:
        log.info("Relance répond à %s", self.url)
        self.ready.set()

    async def _stop_tasks(self, http: "asyncio.Task[None]") -> None:
        """Requests and sends end side by side, then the engine, then the intake."""
        await asyncio.gather(
            asyncio.wait([http], timeout=_HTTP_SECONDS + 1),
            self._tasks.stop_all(but="moteur"),
        )
        await self._stop_engine()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.intake.drain(), _INTAKE_SECONDS)
        if http.done() and not http.cancelled() and (error := http.exception()):
            raise error

    async def _stop_engine(self) -> None:
        """While we hold the writing transaction the engine is in none: it can end there."""
        with contextlib.suppress(TimeoutError, StoreUnavailable):
            async with asyncio.timeout(_ENGINE_SECONDS), self.store.write():
                self._tasks.cancel("moteur")
        await self._tasks.stop("moteur", 1.0)

    def stop(self) -> None:
        """Ask the server to stop; `serve` returns when it has."""
        self._stopping.set()

    async def close(self) -> None:
        """Let go of channels and of the database; once, after `serve`."""
        await self.publishing.rehearsals.close()
        await self.dispatch.close()
        await self.deliveries.close()
        await self.quota.leave(self.store)
        await self._observation.close()
        await self._let_go()

    async def _let_go(self) -> None:
        await self.store.close()
        await self._sole.release()
