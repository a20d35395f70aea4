"""A server that confirms: real mail, real texts, a public form, and the browsers of people."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from server.runtime import Runtime
from tests.email.sink import Sink
from tests.sms.provider import Provider
from tests.whole import eventually, lay_out, running, saving

SCRIPTS = """\
campagne « Inscription »
  réentrée : après la sortie
  entrée
    quand Formulaire (Inscription) rempli
  Envoyer courriel (Confirmez)
fin

campagne « Cellulaire »
  réentrée : après la sortie
  entrée
    quand Formulaire (Cellulaire) rempli
  Envoyer SMS (Code)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
MAIL = """\
---
nom: Confirmez
objet: Confirmez votre adresse
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---

[Confirmer mon adresse]({{ lien_de_confirmation }})

Ou ce code : {{ code_de_confirmation }}
"""
SMS = """\
Votre code : {{ code_de_confirmation }}. Ou {{ lien_de_confirmation }}

{{ ligne_de_confirmation }}
"""
SETTINGS = """\
[web]
sites = ["https://www.exemple.ca"]

[formulaires]
rafale = 1000

[confirmation]
retour = "https://www.exemple.ca/merci"
"""
SITE = "https://www.exemple.ca"


@pytest.fixture
async def server(
    tmp_path: Path, sink: Sink, provider: Provider, store_url: str
) -> AsyncIterator[Runtime]:
    files = {
        "courriels/confirmez.md": MAIL,
        "sms/Code.txt": SMS,
        "regles.relance": SCRIPTS,
        "relance.toml": SETTINGS,
    }
    environment = sink.environment | provider.environment | {"RELANCE_BASE": store_url}
    async with running(Runtime(saving(lay_out(tmp_path, files), environment))) as opened:
        yield opened


class Visitor:
    """A browser: it keeps its cookies."""

    def __init__(self, server: Runtime, mark: str | None = None) -> None:
        self.server = server
        self.client = httpx.AsyncClient(base_url=server.url, headers={"accept": "text/html"})
        if mark:
            self.client.cookies.set("relance_visiteur", mark)

    async def fills(self, form: str, **fields: str) -> None:
        sent = "SELECT count(*) FROM outbox WHERE state = 'sent'"
        async with self.server.store.read() as conn:
            before = await conn.scalar(text(sent))
        answer = await self.client.post(f"/webhooks/forms/{form}", data=fields)
        assert answer.status_code < 300
        await eventually(self.server, sent, [(before + 1,)])

    async def types(self, address: str, code: str, **headers: str) -> httpx.Response:
        form = {"adresse": address, "code": code}
        return await self.client.post("/confirmer", data=form, headers=headers)


def link_of(words: str) -> str:
    """The path of the confirmation in a message."""
    found = re.search(r"https?://[^/\s]+(/confirmer/[\w-]+)", words)
    assert found, words
    return found[1]


def code_of(words: str) -> str:
    """The code in a message."""
    found = re.search(r"\b\d{6}\b", words)
    assert found, words
    return found[0]


def letter(sink: Sink) -> str:
    """The text of the last mail."""
    body = sink.messages[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())
