"""The whole way, on the real server: a form, a rule, an e-mail, a click, a leave."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from relance.webhook_signature import secret_bytes, sign
from server.plugins import load_plugins
from server.reports.timeline import timeline
from server.runtime import Runtime
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

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


SECRET = "whsec_" + b64encode(b"r" * 32).decode()
BOUNCE = Path(__file__).parent / "rapports" / "postfix-inconnu.eml"


class FastClock:
    """The real time, and as much more as a test asks for."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


CLOCK = FastClock()


@pytest.fixture
async def server(tmp_path: Path, sink: Sink) -> AsyncIterator[Runtime]:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS)
    (tmp_path / "accueil.relance").write_text(SCRIPT)
    environment = {
        **sink.environment,
        "RELANCE_EMAIL_SECRET": SECRET,
    }
    CLOCK.by = timedelta()
    async with running(Runtime(saving(tmp_path, environment), clock=CLOCK)) as runtime:
        yield runtime


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
        assert (await visitor.get(leave[:-1])).status_code == 404
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


async def test_a_bounce_piped_by_a_mail_server_stops_the_next_message_and_is_explained(
    server: Runtime, sink: Sink
) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers=FIREFOX) as visitor:
        form = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
        await visitor.post("/webhooks/forms/Essai", data=form)
        await eventually(server, "SELECT state FROM outbox", [("sent",)])
        (mail,) = sink.messages
        body = BOUNCE.read_text().replace("%ID%", mail["Message-ID"]).encode()
        stamp = int(CLOCK.now().timestamp())
        headers = {
            "content-type": "message/rfc822",
            "webhook-id": "rapport-1",
            "webhook-timestamp": str(stamp),
        }
        unsigned = await visitor.post("/webhooks/email", content=body, headers=headers)
        assert unsigned.status_code == 401
        headers["webhook-signature"] = sign(secret_bytes(SECRET), "rapport-1", stamp, body)
        for _ in range(2):
            answer = await visitor.post("/webhooks/email", content=body, headers=headers)
            assert (answer.status_code, answer.json()) == (200, {"comptes": 1, "ecartes": []})
        bounced = "SELECT subject FROM events WHERE type = 'email_bounced'"
        await eventually(server, bounced, [("Tarifs",)])

        stamp_headers = {**headers, "content-type": "application/json"}
        stamp_headers["webhook-signature"] = sign(secret_bytes(SECRET), "rapport-1", stamp, b"{")
        refused = await visitor.post("/webhooks/email", content=b"{", headers=stamp_headers)
        assert refused.status_code == 422
        assert "JSON" in json.dumps(refused.json(), ensure_ascii=False)

        lines = await timeline(server.store, 1, load_plugins().glossary)
        (line,) = [line for line in lines if line.text == "Courriel (Tarifs) rebondi"]
        assert line.reason.startswith("définitif : 550 5.1.1")
        reasons = "SELECT reason FROM suppressions WHERE address_key = 'aline@exemple.ca'"
        async with server.store.read() as conn:
            (reason,) = (await conn.execute(text(reasons))).scalars()
        assert reason.startswith("rebond : 550 5.1.1")

        # It waits for the click: a day later it has left, and may come back.
        CLOCK.by = timedelta(days=4)
        server.engine.wake()
        await eventually(server, "SELECT outcome FROM enrolments", [("finished",)])
        await visitor.post("/webhooks/forms/Essai", data=form)
        stopped = "SELECT state FROM outbox ORDER BY entry"
        await eventually(server, stopped, [("sent",), ("suppressed",)])
        why = [
            line.reason
            for line in await timeline(server.store, 1, load_plugins().glossary)
            if line.kind == "message"
        ]
        assert "on n’écrit plus à cette adresse (rebond : 550 5.1.1" in why[-1]


async def test_a_scanner_s_visit_is_told_with_why_it_does_not_count(
    server: Runtime, sink: Sink
) -> None:
    async with httpx.AsyncClient(base_url=server.url) as scanner:
        await scanner.post("/webhooks/forms/Essai", data={"courriel": "aline@exemple.ca"})
        await eventually(server, "SELECT state FROM outbox", [("sent",)])
        _, page = sink.messages[0].iter_parts()
        click = re.search(r'<a href="(http[^"]*/c/[^"]*)"', page.get_content())
        assert click
        agent = {"user-agent": "Barracuda Sentinel"}
        answer = await scanner.get(urlsplit(click[1]).path, headers=agent)
        assert answer.status_code == 302
        CLOCK.by = timedelta(seconds=20)
        server.holding.wake()
        machine = "SELECT type FROM events WHERE type LIKE 'link%'"
        await eventually(server, machine, [("link_prefetched",)])
        lines = [
            line
            for line in await timeline(server.store, 1, load_plugins().glossary)
            if "machine" in line.text
        ]
        assert "ne compte pas : analyseur connu" in lines[0].reason
        assert "une machine à 99" in lines[0].reason
