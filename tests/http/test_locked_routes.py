"""A base that another program holds: every door of a plugin says so in time, and is told again without harm."""

import asyncio
import base64
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from plugins.email.unsubscribe import PURPOSE as LEAVE
from plugins.sms.receipts import PURPOSE as RECEIPT
from plugins.sms.signature import signature
from server.http import deadline
from server.runtime import Runtime
from server.settings import load_settings
from server.webhook_signature import secret_bytes, sign
from tests.push.browser import Browser
from tests.whole import eventually, running

PUBLIC = "https://relance.exemple.ca"
SITE = "https://www.exemple.ca"
TOKEN = "jeton-du-fournisseur"
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
SETTINGS = f"""\
adresse = "{PUBLIC}"
port = 0
hotes = ["127.0.0.1"]

[evenements]
jeton = "jeton-de-test-assez-long"

[sms]
adresse = "http://127.0.0.1:9"
compte = "AC0123456789"
jeton = "{TOKEN}"
expediteur = "+15145550100"

[push]
sites = ["{SITE}"]
services = ["127.0.0.1"]

[crm]
adresse = "http://127.0.0.1:9"
jeton = "jeton-du-crm"
maitre_crm = ["ville"]
secret = "{SECRET}"

[crm.champs]
courriel = "email"
ville = "city"

[reseau]
hotes_permis = ["127.0.0.1"]
"""


@dataclass(frozen=True)
class Told:
    """What somebody posts, and the event it makes."""

    event: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def by_provider(event: str, path: str, **fields: str) -> Told:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signature(TOKEN, PUBLIC + path, fields),
    }
    return Told(event, path, urlencode(fields).encode(), headers)


def by_crm() -> Told:
    change = {
        "courriel": "aline@exemple.ca",
        "modifie_le": "2026-01-02T10:00:00Z",
        "proprietes": {"city": "Laval"},
    }
    body, at = json.dumps(change).encode(), int(time.time())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret_bytes(SECRET), "msg_1", at, body),
        "content-type": "application/json",
    }
    return Told("crm_changed", "/webhooks/crm", body, headers)


def by_shop() -> Told:
    sale = {
        "type": "achat",
        "id": "C-1",
        "lead": {"courriel": "aline@exemple.ca"},
        "montant": "49.90",
        "devise": "CAD",
    }
    headers = {
        "content-type": "application/json",
        "authorization": "Bearer jeton-de-test-assez-long",
    }
    return Told("purchase", "/webhooks/transactions", json.dumps(sale).encode(), headers)


def by_browser() -> Told:
    subscription = Browser("http://127.0.0.1:9/envoi/abc").subscription()
    headers = {"origin": SITE, "cookie": f"relance_visiteur={'v' * 24}"}
    path = "/notifications/abonnement"
    return Told("push_subscribed", path, json.dumps(subscription).encode(), headers)


async def doors(server: Runtime) -> list[Told]:
    """One of each kind, about Aline, who is known."""
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        known = {"courriel": "aline@exemple.ca", "cellulaire": "514 555-1234"}
        assert (await visitor.post("/webhooks/forms/Essai", data=known)).status_code == 201
    (name,) = await server.host.keep(["Rappel"])
    receipt = "/webhooks/sms/statut/" + server.host.sign(RECEIPT, 1, "1.1.1.1.1.1", name)
    leave = "/d/" + server.host.seal(LEAVE, 1, "1.1.1.1.1.2", name, "aline@exemple.ca")
    said = {"From": "+15145551234", "MessageSid": "SM1", "Body": "Oui, samedi !"}
    return [
        by_provider("sms_replied", "/webhooks/sms", **said),
        by_provider("sms_delivered", receipt, MessageStatus="delivered", To="+15145551234"),
        Told("email_unsubscribed", leave, b""),
        by_browser(),
        by_crm(),
        by_shop(),
    ]


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Another program writes in the base, and takes its time."""
    given = make_url(url)
    if given.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(given.database), isolation_level=None, timeout=5)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    session = await asyncpg.connect(given.render_as_string(hide_password=False))
    async with session.transaction():
        await session.execute("LOCK TABLE leads, events, receipts, suppressions, attached")
        yield
    await session.close()


async def test_each_door_answers_in_time_and_counts_once(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "projet"
    project.mkdir()
    (project / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(project, {"RELANCE_BASE": store_url})
    async with running(Runtime(settings)) as server:
        told = await doors(server)
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as sender:

            async def ask(one: Told) -> httpx.Response:
                return await sender.post(one.path, content=one.body, headers=one.headers)

            with monkeypatch.context() as hurried:
                hurried.setattr(deadline, "ANSWER_SECONDS", 0.3)
                async with held(store_url):
                    began = time.monotonic()
                    answers = await asyncio.gather(*(ask(one) for one in told))
                    took = time.monotonic() - began
            for one, answer in zip(told, answers, strict=True):
                assert answer.status_code == 503, (one.event, answer.text)
                assert answer.headers["retry-after"].isdigit()
            assert took < 3
            for one in told:
                assert (await ask(one)).status_code < 300, one.event
        for one in told:
            counted = f"SELECT count(*) FROM events WHERE type = '{one.event}'"
            await eventually(server, counted, [(1,)])
