"""A whole server in the test's own process: opened, listening, stopped in order; and waiting for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from server.runtime import Runtime
from server.settings import PublishingMode, Settings, load_settings
from tests.counters import counters_agree
from tests.databases import begin


def saving(folder: Path, environment: Mapping[str, str]) -> Settings:
    """Settings under which what is saved runs at once: how a test puts a project in a server."""
    said = {"RELANCE_PUBLICATION": PublishingMode.ON_SAVING.value}
    return load_settings(folder, {**said, **environment})


def lay_out(project: Path, files: Mapping[str, str]) -> Path:
    """Write a project's files, each by its path within; the project."""
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content, encoding="utf-8")
    return project


@asynccontextmanager
async def running(runtime: Runtime) -> AsyncIterator[Runtime]:
    """The server, answering, on a base that is there already; its rules must be sound."""
    settings = runtime.settings
    await asyncio.to_thread(begin, settings.database, settings.zone)
    await runtime.open()
    assert runtime.rules.problems == ()
    serving = asyncio.create_task(runtime.serve(signals=False))
    await runtime.ready.wait()
    yield runtime
    runtime.stop()
    await serving
    if not runtime.store.suspended:
        await counters_agree(runtime.store)
    await runtime.close()


async def eventually(server: Runtime, query: str, expected: list[tuple[object, ...]]) -> None:
    """Wait until the base answers that; fail, and show what it answered, after a minute."""
    found: list[tuple[object, ...]] = []
    try:
        async with asyncio.timeout(60):
            while found != expected:
                async with server.store.read() as conn:
                    found = [tuple(row) for row in await conn.execute(text(query))]
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"{found} is not {expected}")
