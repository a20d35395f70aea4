"""The whole way, on the real server: a form, a rule, an SMS, its receipt, an answer, STOP."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from plugins.sms.signature import signature
from server.runtime import Runtime
from tests.sms.provider import TOKEN, Provider
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Essai »
  réentrée : après la sortie
  entrée
    quand Formulaire (Essai) rempli
  Envoyer SMS (Rappel)
  attendre au plus 3 jours
    dès que Réponse reçue par SMS (oui*)
      Étiqueter (Partant)
  fin
fin
"""
PUBLIC = "https://relance.exemple.ca"


@pytest.fixture
async def server(folder: Path, provider: Provider) -> AsyncIterator[Runtime]:
    (folder / "essai.relance").write_text(SCRIPT, encoding="utf-8")
    environment = {
        **provider.environment,
        "RELANCE_ADRESSE": PUBLIC,
        "RELANCE_HOTES": "127.0.0.1",
    }
    async with running(Runtime(saving(folder, environment))) as runtime:
        yield runtime


async def test_a_form_an_sms_a_receipt_an_answer_a_stop(
    server: Runtime, provider: Provider
) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:

        async def tell(path: str, **fields: str) -> httpx.Response:
            signed = {"x-twilio-signature": signature(TOKEN, PUBLIC + path, fields)}
            form = {"content-type": "application/x-www-form-urlencoded"}
            return await client.post(path, content=urlencode(fields), headers=signed | form)

        form = {"prénom": "Aline", "cellulaire": "514 555-1234"}
        assert (await client.post("/webhooks/forms/Essai", data=form)).status_code < 300
        await eventually(server, "SELECT state, attempts FROM outbox", [("sent", 1)])
        (asked,) = provider.asked
        assert asked.fields["To"] == "+15145551234"

        back = urlsplit(asked.fields["StatusCallback"]).path
        reported = {"MessageStatus": "delivered", "To": "+15145551234"}
        assert (await tell(back, **reported)).status_code == 204
        assert (await tell(back[:-1], **reported)).status_code == 404
        delivered = "SELECT lead_id, subject FROM events WHERE type = 'sms_delivered'"
        await eventually(server, delivered, [(1, "Rappel")])

        said = {"From": "+15145551234", "MessageSid": "SM1"}
        assert (await tell("/webhooks/sms", **said, Body="Oui, samedi !")).status_code == 200
        await eventually(server, "SELECT lead_id, tag_key FROM lead_tags", [(1, "partant")])

        said["MessageSid"] = "SM2"
        assert "<Message>" in (await tell("/webhooks/sms", **said, Body="ARRÊT")).text
        assert (await client.get("/webhooks/sms")).status_code == 405
        await client.post("/webhooks/forms/Essai", data=form)
        states = "SELECT state FROM outbox ORDER BY entry"
        await eventually(server, states, [("sent",), ("suppressed",)])
        assert len(provider.asked) == 1

        said["MessageSid"] = "SM3"
        assert "<Message>" in (await tell("/webhooks/sms", **said, Body="START")).text
        said["MessageSid"] = "SM4"
        await tell("/webhooks/sms", **said, Body="oui")
        left = "SELECT count(*) FROM enrolments WHERE active"
        await eventually(server, left, [(0,)])
        await client.post("/webhooks/forms/Essai", data=form)
        await eventually(server, states, [("sent",), ("suppressed",), ("sent",)])
