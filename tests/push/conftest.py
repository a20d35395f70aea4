import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

import plugins.push as plugin
from plugins.push.channel import PushChannel
from relance.channel import Message
from relance.testing import FakeHost, VirtualClock, asked
from server.egress import Egress
from tests.folder_host import FolderHost
from tests.push.browser import Browser
from tests.sms.provider import Provider

SITE = "https://www.exemple.ca"
PANIER = "Votre panier, {{ prénom }}\nTout est là.\nÀ bientôt !\n\nhttps://www.exemple.ca/panier\n"


@pytest.fixture
async def service() -> AsyncIterator[Provider]:
    started = await Provider().start()
    yield started
    await started.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notifications").mkdir()
    (tmp_path / "notifications" / "Panier.txt").write_text(PANIER, encoding="utf-8")
    return tmp_path


@pytest.fixture
async def host(folder: Path) -> FakeHost:
    settings: dict[str, dict[str, object]] = {
        "push": {"sites": [SITE], "services": ["127.0.0.1"], "delai": 2, "contact": "a@exemple.ca"}
    }
    clock = VirtualClock(datetime(2026, 12, 3, 15, 0, tzinfo=UTC))
    return FolderHost(folder, settings, clock, Egress(["127.0.0.1"]))


@pytest.fixture
async def channel(host: FakeHost) -> AsyncIterator[PushChannel]:
    (made,) = plugin.relance_channels(host)
    assert isinstance(made, PushChannel)
    yield made
    await made.close()


@pytest.fixture
def browser(service: Provider) -> Browser:
    return Browser(f"http://127.0.0.1:{service.port}/envoi/abc")


@pytest.fixture
def message(host: FakeHost) -> Callable[..., Message]:
    def build(**changes: Any) -> Message:
        base = Message(
            key="1.1.1.2.1.99",
            template="Panier",
            lead_id=1,
            address="",
            fields={"prénom": "Aline"},
            campaign="Essai",
            attempt=1,
            at=host.clock.now(),
        )
        return replace(base, **changes)

    return build


@pytest.fixture
def call(host: FakeHost) -> Callable[..., Any]:
    """Call a route of the plugin as the server would hand it over."""
    routes = list(plugin.relance_routes(host))

    async def send(method: str, path: str, data: object = None, **headers: str) -> Response:
        for route in routes:
            prefix = route.path.partition("{token}")[0]
            if route.path == path or (prefix != route.path and path.startswith(prefix)):
                parts = host.unsign(route.purpose, path[len(prefix) :]) if route.purpose else ()
                assert parts is not None
                assert method in route.methods
                cookie = headers.pop("cookie", "")
                cookies = {"cookie": f"relance_visiteur={cookie}"} if cookie else {}
                body = data if isinstance(data, bytes) else json.dumps(data).encode()
                parameters = {str(at): one for at, one in enumerate(parts)}
                given = {"origin": SITE} | headers | cookies
                request = asked(method, path, parameters=parameters, headers=given, body=body)
                return await route.handler(request)
        raise AssertionError(path)

    return send
