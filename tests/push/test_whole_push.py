"""The whole way, on the real server: a page, a yes, a form, a notification opened, a click."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from server.runtime import Runtime
from tests.push.browser import Browser
from tests.sms.provider import Provider
from tests.whole import eventually, running, saving

SITE = {"origin": "https://www.exemple.ca"}
SCRIPT = """\
campagne « Panier »
  entrée
    quand Formulaire (Panier) rempli
  Envoyer notification (Panier)
  attendre au plus 3 jours
    dès que Notification (Panier) cliquée
      Étiqueter (Revenu)
  fin
fin
"""


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Runtime]:
    (folder / "panier.relance").write_text(SCRIPT, encoding="utf-8")
    environment = {
        "RELANCE_PORT": "0",
        "RELANCE_RESEAU_HOTES_PERMIS": "127.0.0.1",
        "RELANCE_PUSH_SITES": "https://www.exemple.ca",
        "RELANCE_PUSH_SERVICES": "127.0.0.1",
    }
    async with running(Runtime(saving(folder, environment))) as runtime:
        yield runtime


async def test_who_said_yes_gets_a_notification_after_a_form_and_its_click_counts(
    server: Runtime, service: Provider, browser: Browser
) -> None:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        script = await visitor.get("/notifications/abonner.js")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        yes = await visitor.post(
            "/notifications/abonnement", json=browser.subscription(), headers=SITE
        )
        assert yes.status_code == 204
        form = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
        known = {"cookie": yes.headers["set-cookie"].partition(";")[0]}
        await visitor.post("/webhooks/forms/Panier", data=form, headers=known)
        await eventually(server, "SELECT state, attempts FROM outbox", [("sent", 1)])
        shown = browser.shown(service.asked[0].body)
        assert shown["titre"] == "Votre panier, Aline"

        path = urlsplit(shown["clic"]).path
        assert (await visitor.get(path[:-1])).status_code == 404
        answer = await visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            "https://www.exemple.ca/panier",
        )
        await eventually(server, "SELECT tag_key FROM lead_tags", [("revenu",)])

        refused = await visitor.post(
            "/notifications/abonnement", json={"endpoint": "https://x.example"}, headers=SITE
        )
        assert refused.status_code == 422
        assert (await visitor.get("/notifications/abonnement")).status_code == 405
