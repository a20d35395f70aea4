"""A base that is locked or slow: answered 503 in time, told by `/sante`, and nothing counted twice."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from server.health import checkup
from server.http import deadline
from tests.http.conftest import Site, Start, plugin, route
from tests.locking import writing


def locked(folder: Path) -> AbstractAsyncContextManager[None]:
    return writing(folder / ".relance" / "relance.db")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(checkup, "PATIENCE", 0.3)


@pytest.mark.usefixtures("hurried")
async def test_a_locked_base_is_told_in_time_and_forgotten_once_it_is_free(
    site: Site, tmp_path: Path
) -> None:
    async with locked(tmp_path):
        began = time.monotonic()
        refused = await site.post(data={"courriel": "a@b.ca", "_cle": "une"})
        assert refused.status_code == 503
        assert refused.json()["type"].endswith("/problemes/delai")
        assert refused.headers["retry-after"].isdigit()
        health = await site.client.get("/sante")
        assert health.status_code == 503
        assert health.json()["base_inscriptible"] is False
        assert (await site.client.get("/etat")).status_code in {200, 503}
        assert time.monotonic() - began < 3
    async with asyncio.timeout(15):
        while (await site.post(data={"courriel": "a@b.ca", "_cle": "une"})).status_code != 201:
            await asyncio.sleep(0.1)
        while (await site.client.get("/sante")).status_code != 200:
            await asyncio.sleep(0.1)
    kept = await site.rows("SELECT count(*) FROM events WHERE type = 'form_submitted'")
    assert kept[0][0] == 1


@pytest.mark.usefixtures("hurried")
async def test_who_was_told_to_come_back_is_not_kept_behind_his_back(
    site: Site, tmp_path: Path
) -> None:
    async with locked(tmp_path):
        # The first is in the transaction that waits, the others behind it.
        posts = [site.post(data={"courriel": f"p{n}@b.ca"}) for n in range(5)]
        first = asyncio.create_task(site.post(data={"courriel": "premier@b.ca"}))
        await asyncio.sleep(0.1)
        assert {answer.status_code for answer in await asyncio.gather(*posts)} == {503}
        await first
    await site.runtime.intake.drain()
    kept = await site.rows("SELECT count(*) FROM events WHERE type = 'form_submitted'")
    assert kept[0][0] <= 1


@pytest.mark.usefixtures("hurried")
async def test_a_plugin_s_answer_has_the_same_deadline(start: Start) -> None:
    async def endless(request: Request) -> Response:
        await asyncio.sleep(30)
        raise AssertionError

    async with start(plugins=plugin(route("/long", endless))) as site:
        answer = await site.client.get("/long")
        assert answer.status_code == 503
        assert answer.headers["retry-after"].isdigit()
