from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

import plugins.sms as plugin
from plugins.sms.channel import SmsChannel
from relance.channel import Message
from relance.testing import FakeHost, VirtualClock, asked
from server.egress import Egress
from tests.folder_host import FolderHost
from tests.sms.provider import TOKEN, Provider

RAPPEL = "Bonjour {{ prénom }}, votre essai vous attend samedi.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sms").mkdir()
    (tmp_path / "sms" / "Rappel.txt").write_text(RAPPEL, encoding="utf-8")
    return tmp_path


@pytest.fixture
async def host(folder: Path, provider: Provider) -> FakeHost:
    settings: dict[str, dict[str, object]] = {
        "sms": {
            "adresse": f"http://127.0.0.1:{provider.port}",
            "compte": "AC0123456789",
            "jeton": TOKEN,
            "expediteur": "+15145550100",
            "delai": 2,
        }
    }
    clock = VirtualClock(datetime(2026, 12, 3, 15, 0, tzinfo=UTC))
    return FolderHost(folder, settings, clock, Egress(["127.0.0.1"]))


@pytest.fixture
async def make(host: FakeHost) -> AsyncIterator[Callable[..., SmsChannel]]:
    made: list[SmsChannel] = []

    def build(**settings: Any) -> SmsChannel:
        host._settings["sms"].update(settings)  # type: ignore[index]
        (channel,) = plugin.relance_channels(host)
        assert isinstance(channel, SmsChannel)
        made.append(channel)
        return channel

    yield build
    for channel in made:
        await channel.close()


@pytest.fixture
async def channel(make: Callable[..., SmsChannel]) -> SmsChannel:
    return make()


@pytest.fixture
def message(host: FakeHost) -> Callable[..., Message]:
    def build(**changes: Any) -> Message:
        base = Message(
            key="1.1.1.2.1.99",
            template="Rappel",
            lead_id=7,
            address="+15145551234",
            fields={"cellulaire": "+15145551234", "prénom": "Aline"},
            campaign="Essai",
            attempt=1,
            at=host.clock.now(),
        )
        return replace(base, **changes)

    return build


@pytest.fixture
def post(host: FakeHost) -> Callable[..., Any]:
    """Post to a route of the plugin as the server would hand it over."""

    async def send(path: str, body: str, signature: str = "", method: str = "POST") -> Response:
        for route in plugin.relance_routes(host):
            prefix, _, _ = route.path.partition("{token}")
            if path.startswith(prefix) and (route.path == path or "{token}" in route.path):
                given = path[len(prefix) :]
                parts = host.unsign(route.purpose or "", given) if route.purpose else ()
                assert parts is not None
                assert method in route.methods
                parameters = {"token": given} | {str(at): one for at, one in enumerate(parts)}
                headers = {"x-twilio-signature": signature} if signature else {}
                request = asked(
                    method, path, parameters=parameters, headers=headers, body=body.encode()
                )
                return await route.handler(request)
        raise AssertionError(path)

    return send
