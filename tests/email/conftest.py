from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import plugins.email as plugin
from plugins.email.channel import EmailChannel
from relance.channel import Message
from relance.testing import FakeHost, VirtualClock
from server.egress import Egress
from tests.email.sink import Sink
from tests.folder_host import FolderHost

TARIFS = """\
---
nom: Tarifs
objet: Nos tarifs, {{ prénom }}
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
aperçu: Tout ce que vous vouliez savoir.
---

Bonjour {{ prénom }},

Voici nos **tarifs** & conditions.

[Essai gratuit](https://www.exemple.ca/essai?a=1&b=2)

[Écrivez-nous](mailto:info@exemple.ca)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS)
    return tmp_path


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 12, 3, 15, 0, tzinfo=UTC))


@pytest.fixture
async def host(folder: Path, sink: Sink, clock: VirtualClock) -> FakeHost:
    settings = {
        "email": {
            "serveur": "127.0.0.1",
            "port": sink.port,
            "delai": 2,
            "attente_des_clics": "0 s",
        }
    }
    return FolderHost(folder, settings, clock, Egress(["127.0.0.1"]))


def channel_of(host: FakeHost, **settings: Any) -> EmailChannel:
    host._settings["email"].update(settings)  # type: ignore[index]
    channel, _ = plugin.relance_channels(host)
    assert isinstance(channel, EmailChannel)
    return channel


@pytest.fixture
async def make(host: FakeHost) -> AsyncIterator[Callable[..., EmailChannel]]:
    made: list[EmailChannel] = []

    def build(**settings: Any) -> EmailChannel:
        made.append(channel_of(host, **settings))
        return made[-1]

    yield build
    for channel in made:
        await channel.close()


@pytest.fixture
async def channel(make: Callable[..., EmailChannel]) -> EmailChannel:
    return make()


@pytest.fixture
def message(clock: VirtualClock) -> Callable[..., Message]:
    def build(prénom: str | None = "Aline", **changes: Any) -> Message:
        base = Message(
            key="1.1.1.2.1.99",
            template="Tarifs",
            lead_id=1,
            address="aline@exemple.ca",
            fields={"courriel": "aline@exemple.ca"} | ({"prénom": prénom} if prénom else {}),
            campaign="Accueil",
            attempt=1,
            at=clock.now(),
        )
        return replace(base, **changes)

    return build
