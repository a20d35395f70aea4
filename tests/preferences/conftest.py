"""A server whose mails and texts lead to the page of preferences."""

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
campagne « Courriels »
  réentrée : après la sortie
  entrée
    quand Formulaire (Infolettre) rempli
  Envoyer courriel (Offre)
fin

campagne « Textos »
  réentrée : après la sortie
  entrée
    quand Formulaire (Infolettre) rempli
  Envoyer SMS (Offre)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
MAIL = "---\nnom: Offre\nobjet: Offre\nexpéditeur: La Roue <a@roue.example>\n---\n\nBonjour.\n"
SETTINGS = """\
[formulaires]
rafale = 1000

[preferences.langues]
fr = "Français"
en = "English"

[consentement.cases]
Infolettre = "accepte"
Concours = "participe"

[consentement.textes]
Infolettre = "J’accepte de recevoir l’infolettre."
Concours = "J’accepte d’être prévenu des concours."
"""
ALINE, NUMBER = "aline@exemple.ca", "514 555-0142"


@pytest.fixture
async def server(
    tmp_path: Path, sink: Sink, provider: Provider, store_url: str
) -> AsyncIterator[Runtime]:
    files = {
        "courriels/offre.md": MAIL,
        "sms/Offre.txt": "Bonjour. {{ lien_des_preferences }}",
        "regles.relance": SCRIPTS,
        "relance.toml": SETTINGS,
    }
    environment = sink.environment | provider.environment | {"RELANCE_BASE": store_url}
    async with running(Runtime(saving(lay_out(tmp_path, files), environment))) as opened:
        yield opened


class PreferencePage:
    """The page as a browser without script or cookie has it."""

    def __init__(self, server: Runtime, path: str) -> None:
        self.path = path
        self.client = httpx.AsyncClient(base_url=server.url, headers={"accept": "text/html"})

    async def get(self) -> str:
        answer = await self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def tick(self, *words: str, **more: str) -> str:
        """Send the form with these boxes ticked, by their words, and no other."""
        shown = await self.get()
        boxes = {said: key for key, said in re.findall(r'<label for="([^"]+)">([^<]+)<', shown)}
        form = {"vu": re.findall(r'name="vu" value="([^"]+)"', shown)}
        data = {**form, "choix": [boxes[one] for one in words], **more}
        answer = await self.client.post(self.path, data=data)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def ticked(self) -> list[str]:
        """The words of the boxes that are ticked."""
        shown = await self.get()
        boxes = re.findall(r'id="([^"]+)" name="choix"[^>]* checked', shown)
        return [re.findall(rf'<label for="{one}">([^<]+)<', shown)[0] for one in boxes]


async def fill(server: Runtime, written: int, **fields: str) -> None:
    """Fill the form, and wait until so many messages are settled."""
    async with httpx.AsyncClient(base_url=server.url) as site:
        answer = await site.post("/webhooks/forms/Infolettre", data=fields)
    assert answer.is_success
    settled = "SELECT count(*) FROM outbox WHERE settled_at IS NOT NULL"
    await eventually(server, settled, [(written,)])


def link_of(words: str) -> str:
    """The path of the page in a message."""
    found = re.search(r"https?://[^/\s]+(/preferences/[\w-]+)", words)
    assert found, words
    return found[1]


def mailed(server: Runtime, sink: Sink) -> PreferencePage:
    """The page that the last mail leads to."""
    body = sink.messages[-1].get_body(("plain",))
    assert body is not None
    return PreferencePage(server, link_of(str(body.get_content())))


async def answered(server: Runtime, query: str) -> list[tuple[object, ...]]:
    """What the base answers."""
    async with server.store.read() as conn:
        return [tuple(row) for row in await conn.execute(text(query))]
