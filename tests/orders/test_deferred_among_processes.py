"""What was confirmed on one process is taken over by the next that is the first: renounced there, or done once."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from relance.errors import ConfigurationError
from server import helping
from server.helping import Helper
from server.orders import deferring
from server.publication.reading import DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress
from server.roles import ProcessRole
from server.runtime import Runtime
from server.settings import Settings, load_settings
from server.store.sole import Sole
from server.web import deferred, office
from tests.http.conftest import Site, all_plugins
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.web.test_publish_page import PASSING, landed, shown
from tests.whole import lay_out

ROLES = (ProcessRole.MOVE, ProcessRole.SEND)


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once the scenarios have passed, whichever process has them played."""
    event = asyncio.Event()

    async def play(_: DraftReading, __: RehearsalProgress) -> DraftRehearsal:
        await event.wait()
        return DraftRehearsal("", 2)

    monkeypatch.setattr("server.runtime.playing", lambda *_, **__: play)
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.02)
    monkeypatch.setattr(deferred, "_PATIENCE", 0.05)
    monkeypatch.setattr(deferring, "_LOOKED", 0.02)
    monkeypatch.setattr(helping, "_EVERY", 0.05)
    return event


@asynccontextmanager
async def first_process(settings: Settings, held: Sole | None = None) -> AsyncIterator[Site]:
    """The first one, a browser of the team on its pages; what ends it unasked is raised at the end."""
    runtime = Runtime(settings, plugins=all_plugins(), held=held)
    await runtime.open()
    serving = asyncio.create_task(runtime.serve(signals=False))
    await runtime.ready.wait()
    try:
        async with httpx.AsyncClient(base_url=runtime.url, timeout=20) as client:
            await sign_in(runtime, client)
            yield Site(runtime, client)
        runtime.stop()
        await serving
    finally:
        await runtime.close()


@asynccontextmanager
async def helper_of(settings: Settings) -> AsyncIterator[Callable[[], "asyncio.Future[Sole]"]]:
    """One that helps; what is given waits for it to have the first's place."""
    helper = Helper(settings, ROLES, plugins=all_plugins())
    await helper.open()
    serving = asyncio.create_task(helper.serve())

    async def place() -> Sole:
        await asyncio.wait_for(serving, 30)
        await helper.close()
        assert helper.held is not None
        return helper.held

    yield lambda: asyncio.ensure_future(place())


async def confirm(site: Site) -> None:
    confirmed = await site.client.post("/publier", data=await shown(site))
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, "/publier")


async def test_the_process_that_takes_over_may_renounce_what_waits_and_does_it_once_if_the_other_comes_back(
    lent_postgresql: str, tmp_path: Path, passed: asyncio.Event
) -> None:
    lay_out(tmp_path / "un", {"regles.relance": PASSING})
    given = {"RELANCE_PORT": "0", "RELANCE_BASE": lent_postgresql}
    one = load_settings(tmp_path / "un", given)
    async with contextlib.AsyncExitStack() as closed:
        site = await closed.enter_async_context(first_process(one))
        shutil.copytree(one.folder, tmp_path / "deux")
        two = load_settings(tmp_path / "deux", given)
        place = await closed.enter_async_context(helper_of(two))
        await confirm(site)
    async with contextlib.AsyncExitStack() as lost:
        site = await lost.enter_async_context(first_process(two, await place()))
        page = (await site.client.get("/publier")).text
        assert "Publication en attente" in page
        number = (await site.rows("SELECT max(number) FROM deferred_publications"))[0][0]
        done = await site.client.post("/publier", data={"renoncer": str(number)})
        said = plain((await site.client.get(done.headers["location"])).text)
        assert "rien n’est publié" in said
        place = await lost.enter_async_context(helper_of(one))
        await confirm(site)
        # Its place is lost, as of one that is frozen or cut off, and it does not know.
        await site.runtime._tasks.stop("garde de la base", 1)
        await site.runtime._sole.release()
        async with first_process(one, await place()) as again:
            passed.set()
            await landed(again.client, "/campagnes/1")
            assert await again.count("publications") == 1
            with pytest.raises(ConfigurationError, match="tourne déjà"):
                await lost.aclose()
            deeds = await again.rows(
                "SELECT action FROM audit_log WHERE action LIKE 'ordre.%' ORDER BY number"
            )
            wanted = ["publier-ensuite", "ne-pas-publier", "publier-ensuite", "publier"]
            assert [row[0] for row in deeds] == [f"ordre.{one}" for one in wanted]
            states = await again.rows("SELECT state FROM deferred_publications ORDER BY number")
            assert [row[0] for row in states] == ["called_off", "done"]
            assert await again.count("publications") == 1
