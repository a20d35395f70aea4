"""Whatever is done to the lives of campaigns, the counters of reports stay right."""

from collections.abc import AsyncIterator

import pytest

from relance.testing import VirtualClock
from server.store.counters import keeping
from server.store.store import Store
from tests.counters import counters_agree
from tests.engine.world import UTC, World


@pytest.fixture
async def world(store: Store, clock: VirtualClock) -> AsyncIterator[World]:
    await keeping.keep(store, UTC)
    yield World(store, clock)
    await counters_agree(store)
