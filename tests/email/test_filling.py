"""Messages are filled in beside the server: what one costs keeps nobody waiting, and can be killed."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from statistics import median

import httpx
import pytest

from plugins.kit.shelf import goods_of
from relance import Identities, Incoming, NewEvent
from relance.templates import filling
from relance.templates.filling import Unfilled, filled
from relance.templates.language import HTML, TEXT
from relance.templates.lasting import Lasting
from relance.templates.reading_thread import in_reading_thread
from relance.variable import Named
from server.publication.on_disk import on_disk
from server.runtime import Runtime
from tests.email import slow_to_load
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

LEADS = 20
SCRIPT = """\
campagne « Essai »
  entrée
    quand Formulaire (Essai) rempli
  Envoyer courriel (Lourd)
fin
"""
#: Nothing to a lead without a city; to another, all the steps there are.
MAIL = (
    "---\nnom: Lourd\nobjet: a\nexpéditeur: a@exemple.ca\n---\n{% if ville %}"
    + "{% for i in (1..4000) %}{{ ville }}{% endfor %}" * 50
    + "{% endif %}"
)


@pytest.fixture
async def server(tmp_path: Path, sink: Sink) -> AsyncIterator[Runtime]:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "lourd.md").write_text(MAIL)
    (tmp_path / "essai.relance").write_text(SCRIPT)
    async with running(Runtime(saving(tmp_path, sink.environment))) as runtime:
        yield runtime


async def answered_in(visitor: httpx.AsyncClient) -> float:
    began = time.perf_counter()
    assert (await visitor.get("/sante")).status_code in (200, 503)
    return time.perf_counter() - began


async def test_the_server_answers_while_costly_mails_are_filled_in(server: Runtime) -> None:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        idle = median([await answered_in(visitor) for _ in range(LEADS)])
    heard = NewEvent("form_submitted", "Essai")
    await server.intake.record(
        [
            Incoming("essai", Identities(email=f"a{n}@exemple.ca"), {"ville": "Laval"}, [heard])
            for n in range(LEADS)
        ]
    )
    refused = f"SELECT count(*) FROM outbox WHERE state = 'refused' HAVING count(*) = {LEADS}"
    settled = asyncio.create_task(eventually(server, refused, [(LEADS,)]))
    waits: list[float] = []
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        while not settled.done():
            waits.append(await answered_in(visitor))
            await asyncio.sleep(0.01)
    await settled
    # Filled in on the loop, or on threads of the same process, each kept everybody waiting.
    assert median(waits) < 4 * idle + 0.1


async def test_a_message_is_filled_in_by_another_process_as_it_would_be_here(
    tmp_path: Path,
) -> None:
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "produits.csv").write_text(
        "sku;nom;catégorie;prix;devise;adresse;image;description\nA;Vélo & co;;20;;;;\n"
    )
    known = {
        "produits": goods_of(on_disk(tmp_path)).product_values_by_code,
        "panier": Named({"nombre": 2}),
    }
    source = "{{ produits['a'].nom }} {{ panier.Nombre }} {{ now }}"
    assert await filled(TEXT.from_string(source).render, **known) == "Vélo & co 2 "
    assert await filled(HTML.from_string(source).render, **known) == "Vélo &amp; co 2 "
    assert await filled(os.getpid) == await filled(os.getpid) != os.getpid()


async def test_a_large_value_is_handed_over_once_to_each_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[str] = []
    hand_over = filling._Child._hand_over
    monkeypatch.setattr(
        filling._Child, "_hand_over", lambda *given: (handed.append(given[1]), hand_over(*given))
    )
    large, before = Lasting(sorted, [3, 1, 2]), Lasting(sorted, [2, 3, 1])
    for one in (before, large) * 2:
        assert await filled(getattr, one, "value") == [1, 2, 3]
    assert handed == [before.key, large.key]
    assert await filled(dict, {"produits": large}) == {"produits": large}, (
        "it comes back as it left"
    )
    with pytest.raises(Unfilled):
        await filled(os._exit, 1)
    assert await filled(getattr, Lasting(sorted, [3, 1, 2]), "value") == [1, 2, 3]
    assert handed == [before.key, large.key, large.key]


MEGABYTES = 1 << 20


@pytest.mark.parametrize(("size", "publications"), [(200 * MEGABYTES, 10), (600 * MEGABYTES, 3)])
async def test_what_is_published_anew_takes_the_room_of_what_it_replaces(
    size: int, publications: int
) -> None:
    for number in range(publications):
        large = Lasting(bytearray, size + number)
        assert await filled(hasattr, large, "value"), "each fits, alone or beside the one before"


async def test_a_failure_says_of_what_kind_and_takes_no_process_away() -> None:
    process = await filled(os.getpid)
    unmade = Lasting(int, "douze")
    for _ in range(2):
        with pytest.raises(Unfilled, match=r"ne se remplit pas \(ValueError\)"):
            await filled(id, unmade)
    assert await filled(os.getpid) == process


async def test_one_that_cannot_be_filled_in_says_why() -> None:
    with pytest.raises(Unfilled, match="un filtre reçoit"):
        await filled(TEXT.from_string("{{ 1 | divided_by: 0 }}").render)


async def test_one_that_lasts_is_killed_and_the_next_is_filled_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filling, "MOST_SECONDS", 0.3)
    before = await filled(os.getpid)
    with pytest.raises(Unfilled, match="trop de temps"):
        await filled(time.sleep, 60)
    monkeypatch.undo()
    assert await filled(os.getpid) != before


@pytest.mark.parametrize(("work", "given"), [(os._exit, 1), (bytearray, 4 << 30)])
async def test_one_that_takes_the_process_away_is_refused_and_the_next_is_filled_in(
    work: Callable[[int], object], given: int
) -> None:
    with pytest.raises(Unfilled, match="trop de mémoire"):
        await filled(work, given)
    assert await filled(os.getpid)


async def test_beginning_is_not_counted_as_the_time_of_a_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filling, "MOST_SECONDS", 0.5)
    # The process looks for no module where it was started from: these tests are told to it.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    os.kill(await filled(os.getpid), signal.SIGKILL)
    assert await filled(slow_to_load.said) == "fait"


async def test_what_is_read_apart_does_not_hold_the_loop() -> None:
    turns = 0

    def busy() -> str:
        ends = time.perf_counter() + 0.3
        while time.perf_counter() < ends:
            pass
        return "fait"

    working = asyncio.create_task(in_reading_thread(busy))
    while not working.done():
        turns += 1
        await asyncio.sleep(0)
    assert await working == "fait"
    assert turns > 5
