"""A process that helps the first one of its database: it receives facts, moves leads, sends messages.

It begins once the first counts with it (`server.attendance`). One that sends may be the first, and
waits for that place to be free: whoever runs it then puts a whole server in its stead.
"""

import asyncio
import logging
import socket
from collections.abc import Collection
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relance.errors import ConfigurationError, StoreUnavailable
from relance.french import quoted
from relance.host import Clock, Network
from server.assembly import Assembly
from server.attendance import own_name, refuse_skew
from server.clock import BaseClock
from server.dispatch.book import book_of
from server.dispatch.dispatch import Dispatch
from server.egress import Egress, relays
from server.health.settings_apart import apart, listed
from server.http import port
from server.http.app import App
from server.http.connections import ConnectionLimits, Connections, descriptors
from server.http.listener import Server, url_of
from server.http.problems import Problems
from server.http.quota import veiled
from server.observation import Observation
from server.plugins import Plugins, load_plugins
from server.publication import archive
from server.reached import reached
from server.release import release, release_said
from server.roles import ProcessRole
from server.secret import kept_secret, recognise
from server.settings import Settings
from server.shared_settings import said_of
from server.store import processes, sole
from server.store.instants import now_micros
from server.store.migrate import OlderTables
from server.store.processes import ProcessRow
from server.store.schema.server import division
from server.store.sole import Sole
from server.store.store import Store
from server.succession import may_be_first, wait_in_line
from server.supervision import Supervisor
from server.tenancy import watch
from server.timekeeping import begin_on_time, keep_time
from server.tokens import Signer

log = logging.getLogger("relance.server")

#: How often what the first does is looked at, and how long it is waited for, in seconds.
_EVERY, _PATIENCE = 0.5, 60.0
#: How long each stage of stopping may take.
_HTTP_SECONDS, _SEND_SECONDS, _ENGINE_SECONDS, _INTAKE_SECONDS = 3, 8.0, 3.0, 2.0
#: When a page is to be asked for again, of a server that has it.
_AGAIN = "2"


class StoppedEarly(Exception):
    """It was asked to stop before it could help, or is to be the first instead."""


class Helper:
    """`open`, then `serve`, then `close`; `held` is the first's place, when it is to have it.

    `acts`: what it does of its roles: where the first is of another release, it only receives.
    """

    store: Store
    made: Assembly
    app: App

    def __init__(
        self,
        settings: Settings,
        roles: Collection[ProcessRole],
        *,
        clock: Clock | None = None,
        plugins: Plugins | None = None,
        network: Network | None = None,
    ) -> None:
        self.settings, self.roles = settings, frozenset(roles)
        self.acts = self.roles
        self.clock: Clock = clock or BaseClock()
        self.plugins = plugins or load_plugins(settings.enabled, settings.disabled)
        self._network = network or Egress(settings.allowed_hosts, relays(settings.plugins))
        self._tasks = Supervisor()
        self._stopping = asyncio.Event()
        self._listening: socket.socket | None = None
        self._epoch: int | None = None
        self._release = release(settings, self.plugins)
        self._first_release = str(self._release)
        self._said: str | None = None
        self._outdated = asyncio.Event()
        self._dispatch: Dispatch | None = None
        self.held: Sole | None = None
        self.ready = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it listens, once `ready`."""
        if self._listening is None:
            raise RuntimeError("this process does not listen")
        return url_of(self._listening)

    # --- Beginning --------------------------------------------------------------------------

    async def open(self) -> None:
        """Have a number, and know what is published.

        ConfigurationError if it may not help, `StoppedEarly` if it is stopped meanwhile, or `held`.
        """
        with reached():
            self.number, self._place = await sole.helper(self.settings.database)
        try:
            refuse_skew(await begin_on_time(self._place, self.clock))
            self.store = await self._opened()
            self.store.on_superseded = self._lose
            first = await self._first()
            signer = await self._signer()
            self._said = await asyncio.to_thread(said_of, self.settings, self.plugins, signer)
            given = (self.settings, self.store, self.clock, self.plugins, self._network, signer)
            self.made = Assembly(*given)
            self._observation = Observation(self.settings, self.made.intake, self.made.visit_buffer)
            self.app = self._site(signer)
            await self._join(first, signer)
            if ProcessRole.SEND in self.acts:
                self._dispatch = self._sending()
            await self._take_up()
            if self._dispatch is not None:
                await self._dispatch.recover()
            if ProcessRole.MOVE in self.acts:
                await self.made.engine.load()
        except BaseException:
            await self._let_go()
            raise

    async def _opened(self) -> Store:
        """The store, as soon as the first has made its tables, or brought them to this release."""
        until = asyncio.get_running_loop().time() + _PATIENCE
        waits = False
        while True:
            try:
                with reached():
                    return await Store.open(self.settings.database, self.clock, self.number)
            except OlderTables as error:
                if error.empty and asyncio.get_running_loop().time() > until:
                    raise
                if not error.empty:
                    waits = waits or await self._wait_in_line()
            if waits:
                await self._be_first()
            await self._pause()

    async def _wait_in_line(self) -> bool:
        """The first is of a release before this one: this process is to have its place."""
        log.warning(
            "la base est tenue par une version d’avant celle de ce processus : il attend %s",
            "la place du premier" if ProcessRole.SEND in self.roles else "qu’elle soit mise à jour",
        )
        if ProcessRole.SEND in self.roles:
            await wait_in_line(self._place, self._row(""))
        return True

    async def _be_first(self) -> None:
        """Raises `StoppedEarly` if the place is free, and this process may have it."""
        session = self._place.session
        if ProcessRole.SEND not in self.roles or session is None:
            return
        if await may_be_first(session, self._release):
            self.held = await sole.first_or_none(self.settings.database)
        if self.held is not None:
            raise StoppedEarly

    async def _signer(self) -> Signer:
        """Who signs under the project's secret, which the first alone may make."""
        if kept_secret(self.settings) is None:
            raise ConfigurationError(
                "Ce dossier n’a pas le secret des liens de son projet : copiez-y «\u00a0.relance/secret\u00a0» "
                "du premier serveur, ou donnez le même par le réglage «\u00a0secret\u00a0»."
            )
        return await recognise(self.store, self.settings)

    async def _join(self, first: ProcessRow, signer: Signer) -> None:
        """Say what this is; return once the first counts with it."""
        if first.project != signer.digest("project"):
            raise ConfigurationError(
                "Cette base est celle d’un autre projet : son premier serveur signe avec un autre "
                "secret. Voyez le réglage «\u00a0base\u00a0», ou copiez «\u00a0.relance/secret\u00a0»."
            )
        if release_said(first.release).project != self._release.project:
            names = listed(processes.set_otherwise(first, self._row(first.project)))
            raise ConfigurationError(
                f"Le premier serveur de cette base, {quoted(first.name)}, a d’autres extensions ou réglages "
                f"que ce processus, {quoted(own_name())}{f' ({names})' if names else ''} : mettez les mêmes "
                "partout, en commençant par lui."
            )
        if said := apart(first, self._row(first.project)):
            log.warning("%s", said)
        self._first_release = first.release
        if first.release != str(self._release):
            self.acts = self.roles & {ProcessRole.RECEIVE}
            log.warning("le premier est d’une autre version : ce processus ne fait que recevoir")
        async with self.store.write() as conn:
            await processes.say(conn, self._row(first.project))
        while True:
            async with self.store.read() as conn:
                if await processes.is_known(conn, self.number):
                    break
            await self._pause()
        async with self.store.read() as conn:
            if await processes.first_release(conn) != first.release:
                raise StoppedEarly  # another is the first since

    def _row(self, project: str) -> ProcessRow:
        """What it says of itself."""
        roles, since = ",".join(sorted(self.acts)), now_micros(self.clock)
        mine = (self.number, own_name(), roles, str(self._release), project, since)
        return ProcessRow(*mine, known=False, settings=self._said)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _EVERY)
            raise StoppedEarly

    async def _first(self) -> ProcessRow:
        """What the first says of itself; it may be about to begin."""
        until = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < until:
            async with self.store.read() as conn:
                if 0 in await processes.there(conn):
                    for one in await processes.every(conn):
                        if not one.number:
                            return one
            await self._pause()
        raise ConfigurationError(
            "Personne ne tient cette base : lancez d’abord un serveur qui a le rôle «\u00a0envoyer\u00a0»."
        )

    def _sending(self) -> Dispatch:
        """What sends beside the first."""
        self._book = book_of(self.settings.folder, self.number)
        channels = self._observation.channels(self.plugins.channels(self.made.host).values())
        dispatch = self.made.sending(channels, self._book)
        dispatch.sharing.on = True
        dispatch.sharing.outdated = self._outdated.set
        return dispatch

    async def _take_up(self) -> None:
        """Go by what is published now: files, links, forms, and whom to know nothing of."""
        async with self.store.read() as conn:
            self._epoch = await conn.scalar(select(division.c.epoch))
            last = await archive.publication(conn)
            await self.store.fields.load(conn)
        await self.made.load()
        await recognise(self.store, self.settings)
        if last is not None:
            self.made.host.files = last.files
        if self._dispatch is not None:
            self._dispatch.sharing.publication = 0 if last is None else last.number
            await asyncio.to_thread(self._book.tidy)

    def _site(self, signer: Signer) -> App:
        problems = Problems(self.settings.public_url)
        quota = veiled(self.settings.forms.daily, self.clock, signer)

        async def health(_: Request) -> Response:
            # Asked of nobody: the session that holds its place tells when the base is gone.
            well = not (self._tasks.failing() or self.store.suspended)
            body = {"ok": well, "roles": sorted(self.acts)}
            return JSONResponse(body, 200 if well else 503)

        async def elsewhere(_: Request) -> Response:
            return problems.answer("ailleurs", headers={"retry-after": _AGAIN})

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        pages = [Route("/sante", health), Route("/{path:path}", elsewhere, methods=methods)]
        hook, routes = self.made.doors(problems, quota)
        forms = self.made.forms(problems, quota)
        mine = (",".join(sorted(self.roles)), str(self._release))
        measures = self._observation.door(problems, forms, *mine, self._tasks.failing)
        site = Starlette(routes=pages)
        return App(self.settings, forms, hook, routes, site, problems, measures)

    # --- Running ----------------------------------------------------------------------------

    async def serve(self) -> None:
        """Help until `stop`, or until it is to be another thing; then stop in order."""
        http = self._receive() if ProcessRole.RECEIVE in self.roles else None
        self._tasks.start("garde de la base", self._guard)
        self._tasks.start("règles", self._follow)
        self._tasks.start("mis de côté", self.made.visit_buffer.run)
        self.made.bell.heard = self._look
        self.made.bell.have_others(there=True)
        self._tasks.start("réveil", self.made.bell.run)
        if ProcessRole.MOVE in self.acts:
            self.made.engine.sharing.helps = True
            self._tasks.start("moteur", self.made.engine.run)
        if self._dispatch is not None:
            self._tasks.start("envois", self._dispatch.run)
        if ProcessRole.SEND in self.roles:
            self._tasks.start("relève", self._wait_for_the_place)
        if http is None:
            self.ready.set()
        await self._stopping.wait()
        sent = asyncio.create_task(self._tasks.stop("envois", _SEND_SECONDS))
        if http is not None:
            server, task = http
            server.should_exit = True
            await asyncio.wait([task], timeout=_HTTP_SECONDS + 1)
        await sent
        for name in ("relève", "réveil", "garde de la base", "règles", "mis de côté"):
            await self._tasks.stop(name, 1.0)
        await self._tasks.stop("moteur", _ENGINE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.made.intake.drain(), _INTAKE_SECONDS)

    def _receive(self) -> tuple[Server, "asyncio.Task[None]"]:
        settings, wanted = self.settings, self.settings.connections
        connections = Connections(
            ConnectionLimits.within(wanted, descriptors(wanted)), settings.proxies
        )
        self._listening = port.take(settings.listen, settings.port, connections.limits.backlog)
        config = port.config(self.app, connections, settings.proxies, _HTTP_SECONDS)
        server = Server(config, self._announce)
        serving = server.serve(sockets=[self._listening])
        return server, asyncio.create_task(serving, name="relance-http")

    def _announce(self) -> None:
        log.info("ce processus aide le premier, et répond à %s", self.url)
        self.ready.set()

    async def _follow(self) -> None:
        """Take up what the first publishes."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outdated.wait(), _EVERY)
            with suppress(StoreUnavailable):
                async with self.store.read() as conn:
                    epoch = await conn.scalar(select(division.c.epoch))
                    first = await processes.first_release(conn)
                    await keep_time(conn, self.clock)
                if first not in (None, self._first_release):
                    await self._go_by(str(first))
                if epoch != self._epoch or self._outdated.is_set():
                    self._outdated.clear()
                    await self._take_up()

    async def _go_by(self, first: str) -> None:
        """The first is of another release than it was: only receive, or begin again with all roles."""
        if first == str(self._release):
            log.warning("le premier est de nouveau de la version de ce processus : il recommence")
            self._stopping.set()
            return
        log.warning("le premier est d’une autre version : ce processus ne fait plus que recevoir")
        await self._tasks.stop("moteur", _ENGINE_SECONDS)
        await self._tasks.stop("envois", _SEND_SECONDS)
        if (dispatch := self._dispatch) is not None:
            await dispatch.recover()  # a base that is away has this done again
            self._dispatch = None
            await dispatch.close()
        self.acts &= {ProcessRole.RECEIVE}
        async with self.store.write() as conn:
            await processes.does_now(conn, self.number, ",".join(self.acts))
        self._first_release = first

    async def _guard(self) -> None:
        await watch(self._place, self.store, self._look)
        self._lose()
        await asyncio.Event().wait()

    def _look(self) -> None:
        """Something may be to be done, or to leave."""
        self.made.engine.wake()
        if self._dispatch is not None:
            self._dispatch.wake()

    def _lose(self) -> None:
        if not self._stopping.is_set():
            log.warning("ce processus a perdu sa place auprès de la base : il recommence")
            self._stopping.set()

    async def _wait_for_the_place(self) -> None:
        """Have the first's place once it is free."""
        while self.held is None:
            await asyncio.sleep(_EVERY)
            with suppress(DBAPIError, OSError, TimeoutError, StoreUnavailable):
                async with self.store.read() as conn:
                    if not await may_be_first(conn, self._release):
                        continue
                self.held = await sole.first_or_none(self.settings.database)
        log.warning("le premier serveur n’est plus là : ce processus prend sa place")
        self._stopping.set()
        await asyncio.Event().wait()

    def stop(self) -> None:
        """Ask it to stop."""
        self._stopping.set()

    async def close(self) -> None:
        """Let go of channels and of the database; once, after `serve`."""
        if self._dispatch is not None:
            await self._dispatch.close()
        await self._observation.close()
        await self._let_go()

    async def _let_go(self) -> None:
        if self._listening is not None:
            self._listening.close()
        if hasattr(self, "store"):
            await self.store.close()
        await self._place.release()
