"""The first moments of a server: forms are taken from the first connection on, and heard by rules read after."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from relance.events import FORM_SUBMITTED, NewEvent
from relance.host import Identities, Incoming
from server.publication.reading import DraftReader
from server.runtime import Runtime
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.whole import eventually, saving

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Essai routier) rempli
  Envoyer courriel (Tarifs)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
ENTERED = "SELECT count(*), count(DISTINCT lead_id) FROM enrolments"
NAMED = (
    "SELECT e.subject FROM inbox i JOIN events e ON e.lead_id = i.lead_id AND e.type = i.type "
    "AND e.id = i.id WHERE i.type = 'form_submitted' AND i.subject_key = e.subject_key"
)
SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"

Make = Callable[[], Runtime]


@pytest.fixture
def make(tmp_path: Path, sink: Sink) -> Make:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS, encoding="utf-8")
    (tmp_path / "accueil.relance").write_text(SCRIPT, encoding="utf-8")
    return lambda: Runtime(saving(tmp_path, sink.environment))


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Rules that are long to read: until this is set."""
    done, read = threading.Event(), DraftReader.read

    def slow(self: DraftReader, *given: object) -> object:
        assert threading.current_thread().daemon, "a server that is asked to stop would wait for it"
        done.wait(20)
        return read(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(DraftReader, "read", slow)
    return done


@asynccontextmanager
async def beginning(runtime: Runtime) -> AsyncIterator[Runtime]:
    """The server as `relance serve` starts it: it answers while it prepares."""
    await runtime.begin()
    serving = asyncio.create_task(runtime.serve(signals=False))
    await runtime.ready.wait()
    try:
        yield runtime
    finally:
        runtime.stop()
        await serving
        await runtime.close()


async def post(server: Runtime, form: str, address: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=5) as visitor:
        answer = await visitor.post(f"/webhooks/forms/{form}", data={"courriel": address})
        assert answer.status_code == 201, answer.text


async def health(server: Runtime) -> int:
    async with httpx.AsyncClient(base_url=server.url, timeout=5) as visitor:
        return (await visitor.get("/sante")).status_code


async def test_a_form_of_the_first_moment_is_answered_at_once_and_heard_once_rules_are_read(
    make: Make, reading: threading.Event
) -> None:
    async with beginning(make()) as server:
        await post(server, "Essai routier", "aline@exemple.ca")
        await post(server, "essai-routier", "bob@exemple.ca")  # as web addresses spell it
        assert not server.prepared.is_set()
        assert await health(server) == 503
        reading.set()
        await eventually(server, SENT, [(2,)])
        await eventually(server, ENTERED, [(2, 2)])
        async with asyncio.timeout(20):  # a stranger learns it within a second
            while await health(server) != 200:
                await asyncio.sleep(0.1)


async def test_what_a_first_server_took_before_it_was_killed_is_heard_by_the_next(
    make: Make, reading: threading.Event
) -> None:
    async with beginning(make()) as server:
        await post(server, "essai_routier", "aline@exemple.ca")
    reading.set()
    async with beginning(make()) as server:
        await eventually(server, SENT, [(1,)])
        await eventually(server, ENTERED, [(1, 1)])


async def test_a_form_without_a_name_is_left_as_it_is(make: Make) -> None:
    """An event of a vendor's may name nothing: it waits with the others, and names no form."""
    runtime = make()
    await runtime.begin()
    fact = Incoming("essai", Identities(email="a@exemple.ca"), events=[NewEvent(FORM_SUBMITTED)])
    await runtime.intake.record([fact])
    await runtime.close()
    async with beginning(make()) as server:
        await eventually(server, "SELECT count(*) FROM inbox", [(0,)])


async def test_a_server_that_starts_again_knows_the_forms_before_it_reads_any_rule(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beginning(make()) as server:
        await server.prepared.wait()
    preparing = asyncio.Event()
    prepare = Runtime.prepare

    async def late(self: Runtime) -> None:
        await preparing.wait()
        await prepare(self)

    monkeypatch.setattr(Runtime, "prepare", late)
    async with beginning(make()) as server:
        await post(server, "essai-routier", "aline@exemple.ca")
        await eventually(server, NAMED, [("Essai routier",)])
        preparing.set()
        await eventually(server, SENT, [(1,)])
        await eventually(server, ENTERED, [(1, 1)])


async def test_what_keeps_a_server_from_being_prepared_ends_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Runtime) -> None:
        raise LookupError("a base of another make")

    monkeypatch.setattr(Runtime, "prepare", broken)
    runtime = make()
    await runtime.begin()
    with pytest.raises(LookupError):
        await runtime.serve(signals=False)
    await runtime.close()
