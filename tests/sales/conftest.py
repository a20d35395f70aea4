import pytest

from relance.testing import VirtualClock
from server.store.store import Store
from tests.engine.world import World


@pytest.fixture
def world(store: Store, clock: VirtualClock) -> World:
    return World(store, clock)
