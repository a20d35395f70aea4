"""The whole way, on the real server: a form, a rule, an e-mail, a click, a leave."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from server.runtime import Runtime
from server.settings import load_settings
from tests.email.conftest import TARIFS
from tests.email.sink import Sink

SCRIPT = """\
campagne « Accueil »
  réentrée : après la sortie

  entrée
    quand Formulaire (Essai) rempli

  Envoyer courriel (Tarifs)
  attendre au plus 3 jours
    dès que Lien (Essai gratuit) cliqué dans courriel (Tarifs)
      Étiqueter (Curieux)
  fin
fin
"""
FIREFOX = {
    "accept-language": "fr",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
}


class Ahead:
    """The real time, and as much more as a test asks for."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


CLOCK = Ahead()


@pytest.fixture
async def server(tmp_path: Path, sink: Sink) -> AsyncIterator[Runtime]:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS)
    (tmp_path / "accueil.relance").write_text(SCRIPT)
    environment = {
        "RELANCE_PORT": "0",
        "RELANCE_EMAIL_SERVEUR": "127.0.0.1",
        "RELANCE_EMAIL_PORT": str(sink.port),
    }
    CLOCK.by = timedelta()
    runtime = Runtime(load_settings(tmp_path, environment), clock=CLOCK)
    await runtime.open()
    assert runtime.rules.problems == ()
    serving = asyncio.create_task(runtime.serve(signals=False))
    await runtime.ready.wait()
    yield runtime
    runtime.stop()
    await serving
    await runtime.close()


async def eventually(server: Runtime, query: str, expected: list[tuple[object, ...]]) -> None:
    async with asyncio.timeout(10):
        while True:
            async with server.store.read() as conn:
                found = [tuple(row) for row in await conn.execute(text(query))]
            if found == expected:
                return
            await asyncio.sleep(0.01)


async def test_a_form_a_message_a_click_a_branch_a_leave(server: Runtime, sink: Sink) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers=FIREFOX) as visitor:
        form = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
        assert (await visitor.post("/webhooks/forms/Essai", data=form)).status_code < 300
        await eventually(server, "SELECT state, attempts FROM outbox", [("sent", 1)])
        (mail,) = sink.messages
        assert mail["Subject"] == "Nos tarifs, Aline"
        _, page = mail.iter_parts()
        click, *_, leave = (
            urlsplit(url).path for url in re.findall(r'<a href="(http[^"]*)"', page.get_content())
        )

        CLOCK.by = timedelta(minutes=1)
        answer = await visitor.get(click)
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            "https://www.exemple.ca/essai?a=1&b=2",
        )
        await eventually(server, "SELECT purpose FROM held", [("email.visits",)])
        CLOCK.by += timedelta(seconds=20)
        server.holding.wake()
        await eventually(server, "SELECT tag_key FROM lead_tags", [("curieux",)])
        await eventually(server, "SELECT purpose FROM held", [])

        assert (await visitor.get(leave)).status_code == 200
        assert (await visitor.get(leave[:-1] + "_")).status_code == 404
        body = "List-Unsubscribe=One-Click"
        posted = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            assert (await visitor.post(leave, content=body, headers=posted)).status_code == 200
        left = "SELECT subject FROM events WHERE type = 'email_unsubscribed'"
        await eventually(server, left, [("Tarifs",)])

        await visitor.post("/webhooks/forms/Essai", data=form)
        states = "SELECT state FROM outbox ORDER BY entry"
        await eventually(server, states, [("sent",), ("suppressed",)])
        assert len(sink.envelopes) == 1
