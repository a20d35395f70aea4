"""A base that another program holds: every door of a plugin says so in time, and is told again without harm."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from server.http import deadline
from tests.http.doors import Post, doors, house
from tests.locking import writing
from tests.whole import eventually


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Another program writes in the base, and takes its time."""
    given = make_url(url)
    if given.get_backend_name() == "sqlite":
        async with writing(str(given.database)):
            yield
        return
    session = await asyncpg.connect(given.render_as_string(hide_password=False))
    async with session.transaction():
        await session.execute("LOCK TABLE leads, events, receipts, suppressions, attached")
        yield
    await session.close()


async def test_each_door_answers_in_time_and_counts_once(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(store_url, tmp_path) as server:
        posts = await doors(server)
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as sender:

            async def ask(one: Post) -> httpx.Response:
                return await sender.post(one.path, content=one.body, headers=one.headers)

            with monkeypatch.context() as hurried:
                hurried.setattr(deadline, "ANSWER_SECONDS", 0.3)
                async with held(store_url):
                    began = time.monotonic()
                    answers = await asyncio.gather(*(ask(one) for one in posts))
                    took = time.monotonic() - began
            for one, answer in zip(posts, answers, strict=True):
                assert answer.status_code == 503, (one.event, answer.text)
                assert answer.headers["retry-after"].isdigit()
            assert took < 3
            for one in posts:
                assert (await ask(one)).status_code < 300, one.event
        for one in posts:
            counted = f"SELECT count(*) FROM events WHERE type = '{one.event}'"
            await eventually(server, counted, [(1,)])
