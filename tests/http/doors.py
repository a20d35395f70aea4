"""What people and providers post at the doors of plugins, as they post it."""

import base64
import json
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from plugins.email.unsubscribe import PURPOSE as LEAVE
from plugins.sms.receipts import PURPOSE as RECEIPT
from plugins.sms.signature import signature
from relance.webhook_signature import secret_bytes, sign
from server.runtime import Runtime
from tests.push.browser import Browser
from tests.sms.provider import TOKEN
from tests.whole import lay_out, running, saving

PUBLIC = "https://relance.exemple.ca"
SITE = "https://www.exemple.ca"
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

[email]
secret = "{SECRET}"

[reseau]
hotes_permis = ["127.0.0.1"]
"""


def house(base: str, folder: Path) -> AbstractAsyncContextManager[Runtime]:
    """A whole server on that base, with all these doors."""
    project = lay_out(folder / "projet", {"relance.toml": SETTINGS})
    return running(Runtime(saving(project, {"RELANCE_BASE": base})))


@dataclass(frozen=True)
class Post:
    """What somebody posts, and the event it makes."""

    event: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def by_provider(event: str, path: str, **fields: str) -> Post:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signature(TOKEN, PUBLIC + path, fields),
    }
    return Post(event, path, urlencode(fields).encode(), headers)


def signed(event: str, path: str, data: object) -> Post:
    body, at = json.dumps(data).encode(), int(time.time())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret_bytes(SECRET), "msg_1", at, body),
        "content-type": "application/json",
    }
    return Post(event, path, body, headers)


def by_crm() -> Post:
    change = {
        "courriel": "aline@exemple.ca",
        "modifie_le": "2026-01-02T10:00:00Z",
        "proprietes": {"city": "Laval"},
    }
    return signed("crm_changed", "/webhooks/crm", change)


def by_shop() -> Post:
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
    return Post("purchase", "/webhooks/transactions", json.dumps(sale).encode(), headers)


def by_browser(mark: str = "v" * 24) -> Post:
    subscription = Browser("http://127.0.0.1:9/envoi/abc").subscription()
    headers = {"origin": SITE} | ({"cookie": f"relance_visiteur={mark}"} if mark else {})
    path = "/notifications/abonnement"
    return Post("push_subscribed", path, json.dumps(subscription).encode(), headers)


async def doors(server: Runtime) -> list[Post]:
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
        Post("email_unsubscribed", leave, b""),
        by_browser(),
        by_crm(),
        by_shop(),
    ]
