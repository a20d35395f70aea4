"""Whoever passes from a version to another, the counters of reports stay right."""

from collections.abc import AsyncIterator

import pytest

from relance.testing import VirtualClock
from server.store.counters import keeping
from server.store.store import Store
from tests.counters import counters_agree
from tests.engine.world import UTC


@pytest.fixture
async def store(store_url: str, clock: VirtualClock) -> AsyncIterator[Store]:
    opened = await Store.open(store_url, clock)
    await keeping.keep(opened, UTC)
    yield opened
    # The past of a crowd is written by hand, which the engine alone does and counts.
    await counters_agree(opened, but=("entered", "passed", "ever entered", "ever passed"))
    await opened.close()
