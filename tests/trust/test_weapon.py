"""A stranger with a public form, a real server, real mail and texts: what reaches whom he names."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.runtime import Runtime
from tests.cli.test_explain import relance
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.sms.conftest import RAPPEL
from tests.sms.provider import Provider
from tests.whole import eventually, lay_out, running, saving

SCRIPTS = """\
campagne « Bienvenue »
  réentrée : après la sortie
  entrée
    quand Formulaire (Essai) rempli
  Envoyer courriel (Tarifs)
fin

campagne « Une fois »
  réentrée : jamais
  entrée
    quand Formulaire (Guide) rempli
  Envoyer courriel (Tarifs)
fin

campagne « Reçu »
  entrée
    quand Formulaire (Contact) rempli
  Envoyer courriel (Reçu)
fin

campagne « Rappel »
  réentrée : après la sortie
  entrée
    quand Formulaire (Rappel) rempli
  Envoyer SMS (Rappel)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
THREAT = "Votre compte est suspendu : appelez le 1 900 555-0199 ou voyez banque.exemple.net. " * 50
RECU = """\
---
nom: Reçu
objet: Bien reçu
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---

Vous nous avez écrit : {{ entrée.détails.message }} ({{ entrée.détails.sujet }}).

[La page]({{ entrée.adresse }})
"""
DECIDED = "SELECT count(*) FROM outbox WHERE state NOT IN ('pending', 'sending')"
STATES = "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state"


@pytest.fixture
def make(tmp_path: Path, sink: Sink, provider: Provider) -> Callable[[], Runtime]:
    files = {
        "courriels/tarifs.md": TARIFS,
        "courriels/recu.md": RECU,
        "sms/Rappel.txt": RAPPEL,
        "regles.relance": SCRIPTS,
        "relance.toml": "[formulaires]\nrafale = 1000\n",
    }
    environment = sink.environment | provider.environment
    return lambda: Runtime(saving(lay_out(tmp_path, files), environment))


async def post(server: Runtime, form: str, posts: list[dict[str, str]]) -> None:
    async with httpx.AsyncClient(base_url=server.url) as stranger:
        for fields in posts:
            answer = await stranger.post(f"/webhooks/forms/{form}", data=fields)
            assert answer.status_code < 300
            await eventually(server, "SELECT count(*) FROM enrolments WHERE active", [(0,)])


async def test_thirty_posts_are_five_mails_that_carry_no_word_of_his(
    make: Callable[[], Runtime], sink: Sink, tmp_path: Path
) -> None:
    him = {"courriel": "victime@exemple.ca", "prénom": THREAT[:4096]}
    async with running(make()) as server:
        await post(server, "Essai", [him] * 30)
        await eventually(server, DECIDED, [(30,)])
        await eventually(server, STATES, [("limited", 25), ("sent", 5)])
        health = (await httpx.AsyncClient().get(f"{server.url}/sante")).json()
        assert "envois.limites" in [one["code"] for one in health["constats"]]
    assert len(sink.messages) == 5
    said = " ".join(one.as_string() + str(one.get_body()) for one in sink.messages)
    assert "suspendu" not in said
    shown = await relance("limites", str(tmp_path))
    assert "25" in shown.out
    assert "Tarifs" in shown.out
    async with running(make()) as server:
        await post(server, "Essai", [him])
        await eventually(server, STATES, [("limited", 26), ("sent", 5)])
        dropped = await relance("limites", str(tmp_path), "--abandonner", "--message", "Tarifs")
        assert dropped.out == "26 envois retenus sont abandonnés.\n"
        await post(server, "Essai", [{"courriel": "autre@exemple.ca", "prénom": "Zoé"}])
        await eventually(server, STATES, [("cancelled", 26), ("sent", 6)])
    assert "Zoé" in str(sink.messages[-1]["Subject"]), "the honest are greeted by their names"


async def test_a_form_s_answers_carry_no_address_to_whoever_it_names(
    make: Callable[[], Runtime], sink: Sink
) -> None:
    form = {
        "courriel": "victime@exemple.ca",
        "message": "Vite, voyez banque.exemple.net",
        "sujet": "Un devis",
        "_page": "https://banque.exemple.net/",
    }
    async with running(make()) as server:
        await post(server, "Contact", [form])
        await eventually(server, STATES, [("sent", 1)])
    (mail,) = sink.messages
    text = mail.get_body(("plain",)).get_content()
    assert "(Un devis)" in text
    assert "banque" not in mail.get_body(("html",)).get_content() + text


async def test_thirty_aliases_are_not_thirty_first_times(
    make: Callable[[], Runtime], sink: Sink
) -> None:
    async with running(make()) as server:
        aliases = [{"courriel": f"vic.time+{number}@gmail.com"} for number in range(30)]
        await post(server, "Guide", aliases)
        await eventually(server, DECIDED, [(30,)])
    assert len(sink.messages) == 5


async def test_twenty_addresses_give_one_number_five_texts_and_the_world_none(
    make: Callable[[], Runtime], provider: Provider
) -> None:
    async with running(make()) as server:
        forms = [
            {"courriel": f"n{number}@exemple.ca", "cellulaire": "514 555-0142"}
            for number in range(20)
        ]
        await post(server, "Rappel", forms)
        await eventually(server, DECIDED, [(20,)])
        assert {one.fields["To"] for one in provider.asked} == {"+15145550142"}
        assert len(provider.asked) == 5
        abroad = ["+33 6 12 34 56 78", "+1 876 555 0142", "+882 16 4233 3333", "1 900 555 0142"]
        await post(server, "Rappel", [{"cellulaire": number} for number in abroad])
        unreachable = (
            "SELECT count(*) FROM outbox WHERE state = 'unreachable' AND reason LIKE '%pays%'"
        )
        await eventually(server, unreachable, [(4,)])
        await eventually(server, "SELECT count(*) FROM outbox WHERE due_at IS NOT NULL", [(0,)])
        assert len(provider.asked) == 5
