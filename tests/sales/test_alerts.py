"""Alerts: to whom, in which words, and through a real SMTP server."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

import plugins.email as plugin
from plugins.email.alerts import AlertChannel
from plugins.email.messages import ALERTS
from relance.channel import Doubtful, Message, Refused, Retry, Sent
from relance.person import Person
from relance.testing import VirtualClock
from server.egress import Egress
from server.publication.on_disk import on_disk
from server.runtime import Runtime
from tests.email.sink import Sink
from tests.folder_host import FolderHost
from tests.whole import saving

NOW = datetime(2026, 12, 3, 15, tzinfo=UTC)
MARC = Person("Marc Tremblay", "marc@exemple.ca")


@pytest.fixture
async def make(tmp_path: Path, sink: Sink) -> AsyncIterator[Callable[..., AlertChannel]]:
    made: list[AlertChannel] = []

    def build(**settings: Any) -> AlertChannel:
        section = {
            "serveur": "127.0.0.1",
            "port": sink.port,
            "delai": 1,
            "expediteur": "Relance <relance@exemple.ca>",
            **settings,
        }
        host = FolderHost(tmp_path, {"email": section}, VirtualClock(NOW), Egress(["127.0.0.1"]))
        _, channel = plugin.relance_channels(host)
        assert isinstance(channel, AlertChannel)
        made.append(channel)
        return channel

    yield build
    for channel in made:
        await channel.close()


def message(**changes: Any) -> Message:
    base = Message(
        key="1.1.1.2.1.99",
        template="Chaud",
        lead_id=7,
        address="Marc Tremblay",
        fields={"courriel": "aline@exemple.ca", "prénom": "Aline", "nom": "Roy", "ville": "Laval"},
        campaign="Accueil",
        attempt=1,
        at=NOW,
        recipient="Marc Tremblay",
        person=MARC,
        score=42,
        step="Essai commencé",
    )
    return replace(base, **changes)


def words(sink: Sink) -> tuple[str, str, str]:
    (mail,) = sink.messages
    plain, page = mail.iter_parts()
    return str(mail["Subject"]), plain.get_content(), page.get_content()


async def test_an_alert_says_who_what_happened_and_all_that_is_known(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    outcome = await make(fiche_lead="https://crm.exemple.ca/?c={{ courriel | url_encode }}").send(
        message()
    )
    assert isinstance(outcome, Sent)
    ((type_, subject),) = [(one.type, one.subject) for one in outcome.events]
    assert (type_, subject) == ("alert_sent", "Chaud")
    subject_line, plain, page = words(sink)
    assert subject_line == "Alerte «\u00a0Chaud\u00a0» : Aline Roy"
    for shown in ("Aline Roy", "Accueil", "Essai commencé", "42", "Laval", "Marc Tremblay"):
        assert shown in plain, shown
        assert shown in page, shown
    assert "https://crm.exemple.ca/?c=aline%40exemple.ca" in page
    assert "mailto:aline@exemple.ca" in page
    assert sink.envelopes[0].rcpt_tos == ["marc@exemple.ca"]


async def test_what_a_lead_wrote_adds_no_header_no_markup_and_no_addressee(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    fields = {
        "prénom": "Aline\r\nBcc: x@mechant.example\r\n\r\n<script>1</script>",
        "courriel": "a?bcc=x%40mechant.example&body=<b>@exemple.ca",
        "ville": '"><img src="https://mechant.example/p">{{ pointage }}',
    }
    outcome = await make(fiche_lead="https://crm.exemple.ca/?c={{ ville }}").send(
        message(fields=fields)
    )
    assert isinstance(outcome, Sent)
    assert sink.envelopes[0].rcpt_tos == ["marc@exemple.ca"]
    (mail,) = sink.messages
    assert mail["Bcc"] is None
    _, plain, page = words(sink)
    assert "<script" not in page
    assert "<img" not in page
    assert "{{ pointage }}" in plain
    (written,) = re.findall(r'href="(mailto:[^"]*)"', page)
    assert written == "mailto:a%3Fbcc%3Dx%2540mechant.example%26body%3D%3Cb%3E@exemple.ca"


async def test_an_alert_offers_nobody_to_unsubscribe(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    await make(adresse_postale="12, rue Beaubien").send(message())
    (mail,) = sink.messages
    assert mail["List-Unsubscribe"] is None
    assert "Ne plus recevoir" not in words(sink)[1]


async def test_the_project_s_own_words_are_used_and_ours_while_they_are_broken(
    make: Callable[..., AlertChannel], sink: Sink, tmp_path: Path
) -> None:
    (tmp_path / "alertes").mkdir()
    own = tmp_path / "alertes" / "chaud.md"
    own.write_text("---\nobjet: Vite, {{ qui }} !\n---\n{{ prénom }} ({{ pointage }})\n")
    channel = make()
    assert ALERTS.faults(on_disk(tmp_path)) == []
    assert ALERTS.references(on_disk(tmp_path)) == {"alerte": ["chaud"]}
    await channel.send(message())
    subject, plain, _ = words(sink)
    assert subject == "Vite, Aline Roy !"
    assert plain.strip() == "Aline (42)"
    own.write_text("---\nobjet: {{ qui\n---\nx\n")
    assert [fault.file for fault in ALERTS.faults(on_disk(tmp_path))] == ["alertes/chaud.md"]
    sink.envelopes.clear()
    await make().send(message())
    assert words(sink)[0].startswith("Alerte")


@pytest.mark.parametrize(
    "prénom", ["<script>x</script>", "{{ 7 }}", "a\r\nBcc: x@y.ca", "=?utf-8?q?=0aBcc?="]
)
async def test_what_a_lead_wrote_stays_text(
    make: Callable[..., AlertChannel], sink: Sink, prénom: str
) -> None:
    outcome = await make().send(message(fields={"prénom": prénom, "courriel": "a@b.ca"}))
    assert isinstance(outcome, Sent)
    head, _, _ = sink.raw[0].partition(b"\r\n\r\n")
    assert b"\r\nBcc" not in head
    assert sink.envelopes[0].rcpt_tos == ["marc@exemple.ca"]
    assert "<script>" not in words(sink)[2]


async def test_an_alert_goes_to_an_address_as_well(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    await make().send(message(recipient="ventes@exemple.ca", person=None))
    assert sink.envelopes[0].rcpt_tos == ["ventes@exemple.ca"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipient": "Parti Depuis", "person": None}, "n’est pas de l’équipe"),
        ({"recipient": "a@b.ca\r\nBcc: x@y.ca", "person": None}, "n’est pas de l’équipe"),
        ({"recipient": None, "person": None}, "n’est pas de l’équipe"),
        ({"person": Person("Marc")}, "n’a pas de courriel"),
    ],
)
async def test_nobody_to_write_to_is_refused_with_the_reason(
    make: Callable[..., AlertChannel], sink: Sink, changes: dict[str, Any], said: str
) -> None:
    outcome = await make().send(message(**changes))
    assert isinstance(outcome, Refused)
    assert said in outcome.reason
    assert outcome.events == ()
    assert sink.envelopes == []


async def test_without_a_sender_it_is_refused(make: Callable[..., AlertChannel]) -> None:
    outcome = await make(expediteur="").send(message())
    assert isinstance(outcome, Refused)
    assert "expediteur" in outcome.reason


async def test_each_attempt_has_the_same_identity(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    channel = make()
    await channel.send(message())
    await channel.send(message(attempt=2))
    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]


async def test_what_the_server_says_means_what_it_means_for_any_message(
    make: Callable[..., AlertChannel], sink: Sink
) -> None:
    sink.answer_to["RCPT"] = "550 5.1.1 inconnu"
    assert isinstance(await make().send(message()), Refused)
    sink.answer_to["RCPT"] = "451 4.3.0 plus tard"
    assert isinstance(await make().send(message()), Retry)
    sink.answer_to.clear()
    sink.drop_at = "DATA"
    assert isinstance(await make().send(message()), Doubtful)


# --- On the real server ---------------------------------------------------------------------

SCRIPT = """\
campagne « Démo »
  entrée
    quand Formulaire (Démo) rempli
  étape « Demande reçue »
  Assigner à l’équipe de vente, envoyer alerte de type (Chaud)
fin

campagne « Suite »
  entrée
    quand Alerte (Chaud) envoyée
  Étiqueter (Pris en main)
fin
"""
TEAM = """\
[[personne]]
nom = "Marc Tremblay"
courriel = "marc@exemple.ca"

[[personne]]
nom = "Zoé Roy"
courriel = "zoe@exemple.ca"
"""


async def test_a_form_a_turn_an_alert_a_trigger(tmp_path: Path, sink: Sink) -> None:
    (tmp_path / "ventes.relance").write_text(SCRIPT)
    (tmp_path / "equipe.toml").write_text(TEAM)
    environment = {
        **sink.environment,
        "RELANCE_EMAIL_EXPEDITEUR": "relance@exemple.ca",
    }
    runtime = Runtime(saving(tmp_path, environment))
    await runtime.open()
    assert runtime.rules.problems == ()
    serving = asyncio.create_task(runtime.serve(signals=False))
    await runtime.ready.wait()
    try:
        async with httpx.AsyncClient(base_url=runtime.url) as visitor:
            for name in ("aline", "bruno"):
                form = {"courriel": f"{name}@exemple.ca", "prénom": name.title()}
                assert (await visitor.post("/webhooks/forms/Démo", data=form)).status_code < 300
                await _until(runtime, "SELECT 1 FROM outbox WHERE state <> 'sent'", 0)
        await _until(runtime, "SELECT 1 FROM lead_tags", 2)
        assert [one.rcpt_tos for one in sink.envelopes] == [["marc@exemple.ca"], ["zoe@exemple.ca"]]
        plain = next(sink.messages[0].iter_parts()).get_content()
        assert "Aline" in plain
        assert "Demande reçue" in plain
    finally:
        runtime.stop()
        await serving
        await runtime.close()


async def _until(runtime: Runtime, query: str, count: int) -> None:
    async with asyncio.timeout(8):
        while True:
            async with runtime.store.read() as conn:
                found = len((await conn.execute(text(query))).all())
                waiting = (await conn.execute(text("SELECT 1 FROM inbox"))).all()
            if found == count and not waiting:
                return
            await asyncio.sleep(0.01)


OTHERS = tuple(
    message(
        key=f"{lead}.1.1.2.1.99", lead_id=lead, fields={"prénom": name, "courriel": "x@exemple.ca"}
    )
    for lead, name in ((8, "Bob"), (9, "<b>Chloé</b>"))
)
SEVERAL = {"gathered": OTHERS, "count": 5}


async def test_an_alert_about_several_says_how_many_and_who(
    make: Callable[..., AlertChannel], sink: Sink, tmp_path: Path
) -> None:
    (tmp_path / "alertes").mkdir()
    own = tmp_path / "alertes" / "chaud.md"
    own.write_text("---\nobjet: Vite, {{ qui }} !\n---\n{{ prénom }}\n")
    await make().send(message(**SEVERAL))
    subject, plain, page = words(sink)
    assert subject == "Alerte «\u00a0Chaud\u00a0» : Aline Roy et 4 de plus"
    for shown in ("5 leads", "Bob, x@exemple.ca (pointage : 42", "et 2 de plus"):
        assert shown in plain.replace("\u00a0", " "), (shown, plain)
    assert "&lt;b&gt;Chloé&lt;/b&gt;" in page, "our own words, escaped: the project's name no other"
    sink.envelopes.clear()
    own.write_text(
        "---\nobjet: Vite !\n---\n{{ nombre }} :{% for autre in autres %} {{ autre.qui }}{% endfor %}\n"
    )
    assert ALERTS.review(on_disk(tmp_path), (), ()) == []
    await make().send(message(**SEVERAL))
    assert words(sink)[1].strip() == "5 : Bob <b>Chloé</b>"
