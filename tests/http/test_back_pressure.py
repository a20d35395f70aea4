"""A queue that is full: answered 503 at once at every door, nothing acknowledged lost, over by itself."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from relance.access_role import AccessRole
from server.intake import queue
from tests.http.conftest import Site
from tests.http.test_deadline import hurried, locked  # noqa: F401 — a fixture
from tests.signed import token_of

FORMS = "SELECT count(*) FROM events WHERE type = 'form_submitted'"
ROOM = 20


def form(n: int, **more: str) -> dict[str, str]:
    return {"courriel": f"p{n}@b.ca", **more}


async def full(site: Site) -> None:
    async with asyncio.timeout(10):
        while not site.runtime.intake.queue.full:
            await asyncio.sleep(0.01)


async def being_stored(site: Site) -> "asyncio.Task[httpx.Response]":
    """A post that is in the transaction which waits for the base: others wait behind it."""
    waiting = site.runtime.intake
    posted = asyncio.create_task(site.post(data=form(500)))
    async with asyncio.timeout(10):
        while waiting.oldest() is None or waiting.queue:
            await asyncio.sleep(0.01)
    return posted


async def test_a_full_queue_is_answered_at_once_and_what_was_acknowledged_is_kept(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_FACTS", ROOM)
    asked = site.client
    token = await token_of(site.runtime, AccessRole.WRITE)
    async with locked(tmp_path):
        first = await being_stored(site)
        crowd = [asyncio.create_task(site.post(data=form(n))) for n in range(ROOM + 60)]
        await full(site)
        began = time.monotonic()
        refused = await site.post(data=form(999))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.headers["content-type"].startswith("application/problem+json")
        assert refused.json()["type"].endswith("/problemes/plein")
        page = await site.post(data=form(998), headers={"accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "Rien n’a été gardé" in page.text
        event = {"evenement": "X", "lead": {"courriel": "e@b.ca"}}
        bearer = {"authorization": "Bearer jeton-de-test-assez-long"}
        hook = await asked.post("/webhooks/events", json=event, headers=bearer)
        assert hook.json()["type"].endswith("/problemes/plein")
        program = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=site.runtime.url, headers=program) as api:
            lists = await api.post("/api/v1/static-lists", json={"name": "Neuve"})
        assert (lists.status_code, lists.headers["retry-after"]) == (503, "5")
        assert lists.json()["type"].endswith("/problemes/plein")
        assert time.monotonic() - began < 2, "nobody is to wait to be told so"
        codes = [one.code for one in site.runtime.concerns()]
        assert "recu.plein" in codes
    answers = [one.status_code for one in await asyncio.gather(first, *crowd)]
    assert set(answers) == {201, 503}
    assert (await site.rows(FORMS))[0][0] == answers.count(201)
    assert (await site.post(data=form(1_000))).status_code == 201
    assert not site.runtime.intake.queue.full
    assert site.runtime.intake.queue.refused == answers.count(503) + 3
    (said,) = [one.fact for one in site.runtime.concerns() if one.code == "recu.plein"]
    assert "depuis le démarrage" in said


@pytest.mark.usefixtures("hurried")
async def test_what_was_brought_by_who_gave_up_leaves_its_place_while_the_base_is_still_locked(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_FACTS", ROOM)
    async with locked(tmp_path):
        first = await being_stored(site)
        crowd = await asyncio.gather(*(site.post(data=form(n)) for n in range(ROOM + 10)))
        assert {one.status_code for one in crowd} == {503}
        kinds = [one.json()["type"].rpartition("/")[2] for one in crowd]
        assert set(kinds) == {"delai", "plein"}
        waiting = site.runtime.intake.queue
        assert (waiting.facts, waiting.bytes) == (0, 0)
        again = (await site.post(data=form(0))).json()
        assert again["type"].endswith("/problemes/delai")
        assert (await first).status_code == 503


async def test_few_large_forms_fill_the_queue_as_many_small_ones_do(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_BYTES", 100_000)
    async with locked(tmp_path):
        first = await being_stored(site)
        large: dict[str, Any] = {f"note {n}": "x" * 4_000 for n in range(5)}
        crowd = [asyncio.create_task(site.post(data=form(n, **large))) for n in range(1, 7)]
        done, _ = await asyncio.wait(crowd, timeout=2, return_when=asyncio.FIRST_COMPLETED)
        assert {one.result().status_code for one in done} == {503}
        assert 0 < site.runtime.intake.queue.bytes <= 100_000
    answers = [one.status_code for one in await asyncio.gather(first, *crowd)]
    assert (await site.rows(FORMS))[0][0] == answers.count(201) >= 3
