from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import plugins.crm as plugin
from plugins.crm.channel import CrmChannel
from relance.channel import Message
from relance.testing import FakeHost, VirtualClock
from server.egress import Egress
from tests.crm.standin import TOKEN, StandIn

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture
async def crm() -> AsyncIterator[StandIn]:
    started = await StandIn().start()
    yield started
    await started.stop()


@pytest.fixture
async def make(crm: StandIn) -> AsyncIterator[Callable[..., CrmChannel]]:
    made: list[CrmChannel] = []

    def build(**settings: Any) -> CrmChannel:
        section = {"adresse": crm.url, "jeton": TOKEN, "delai": 1, **settings}
        host = FakeHost({"crm": section}, VirtualClock(NOW), Egress(["127.0.0.1"]))
        (channel,) = plugin.relance_channels(host)
        assert isinstance(channel, CrmChannel)
        made.append(channel)
        return channel

    yield build
    for channel in made:
        await channel.close()


@pytest.fixture
def message() -> Callable[..., Message]:
    def build(fields: dict[str, Any] | None = None, **changes: Any) -> Message:
        email = "aline@exemple.ca"
        given = {"courriel": email, "prénom": "Aline", "ville": "Québec"}
        base = Message("1.1.1.2.1.99", "lead", 1, email, fields or given, "Devis", 1, NOW)
        return replace(base, **changes)

    return build
