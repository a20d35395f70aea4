import pytest

from relance.testing import VirtualClock
from server.store.store import Store
from tests.dispatch.outbox import Noticed, Outbox


@pytest.fixture
async def outbox(store: Store, clock: VirtualClock) -> Outbox:
    filled = Outbox(store, clock)
    await filled.campaign()
    await filled.lead(1, "aline@exemple.ca", f_prenom="Aline")
    await filled.lead(2, "bob@exemple.ca")
    return filled


@pytest.fixture
def intake(store: Store, clock: VirtualClock) -> Noticed:
    return Noticed(store, clock)
