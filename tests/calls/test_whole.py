"""Calls to other programs, on the real server and to a real receiver: any event, signed, at least once."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from sqlalchemy import text

from relance.webhook_signature import SignatureVerdict, secret_bytes, verify
from server.access.actor import SERVER
from server.deliveries import ledger
from server.reports import deliveries as reports
from server.reports.screen import screen
from server.runtime import Runtime
from tests.calls.receiver import Receiver
from tests.whole import eventually, lay_out, running, saving

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
SCRIPT = """\
campagne « Devis »
  entrée
    quand Formulaire (Devis) rempli
  Appeler (Comptabilite)
fin
"""
SETTINGS = """\
[appels.comptabilite]
adresse = "{url}"
secret = "{secret}"
{more}

[reseau]
hotes_permis = ["127.0.0.1"]
"""
STATES = "SELECT state, attempts FROM deliveries ORDER BY id"
Started: TypeAlias = Callable[..., AbstractAsyncContextManager[Runtime]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as one:
        yield one


@pytest.fixture
def started(tmp_path: Path, receiver: Receiver, store_url: str) -> Started:
    @asynccontextmanager
    async def start(more: str = "", script: str = SCRIPT) -> AsyncIterator[Runtime]:
        settings = SETTINGS.format(url=receiver.url, secret=SECRET, more=more)
        lay_out(tmp_path, {"devis.relance": script, "relance.toml": settings})
        environment = {"RELANCE_PORT": "0", "RELANCE_BASE": store_url}
        async with running(Runtime(saving(tmp_path, environment))) as runtime:
            yield runtime

    return start


async def fills(server: Runtime, form: str = "Devis") -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        posted = await client.post(
            f"/webhooks/forms/{form}", data={"courriel": "aline@exemple.ca", "ville": "Québec"}
        )
        assert posted.status_code < 400


async def test_a_campaign_calls_a_program_with_the_lead_and_signs_it(
    started: Started, receiver: Receiver
) -> None:
    async with started() as server:
        await fills(server)
        await eventually(server, STATES, [("delivered", 1)])
    (call,) = receiver.calls
    said = call.said
    assert said["type"] == "call_requested"
    assert said["data"]["lead"]["fields"]["courriel"] == "aline@exemple.ca"
    now = datetime.now(UTC)
    assert verify(secret_bytes(SECRET), call.headers, call.body, now) is SignatureVerdict.VALID
    assert "aline" not in call.id


async def test_any_event_is_told_by_its_label_or_its_code(
    started: Started, receiver: Receiver
) -> None:
    script = SCRIPT.replace("Appeler (Comptabilite)", "Étiqueter (Devis)")
    async with started('evenements = ["Formulaire rempli", "tag_added"]', script) as server:
        await fills(server)
        await eventually(server, STATES, [("delivered", 1), ("delivered", 1)])
    types = {(one.said["type"], one.said["data"]["subject"]) for one in receiver.calls}
    assert types == {("form_submitted", "Devis"), ("tag_added", "Devis")}


async def test_everything_is_told_to_who_asks_for_everything(
    started: Started, receiver: Receiver
) -> None:
    async with started('evenements = ["*"]') as server:
        await fills(server)
        await eventually(
            server, "SELECT count(*) FROM deliveries WHERE state = 'delivered'", [(5,)]
        )
    types = {one.said["type"] for one in receiver.calls}
    own = {"lead_created", "lead_updated", "campaign_entered"}
    assert types == {"form_submitted", "call_requested"} | own


async def test_what_failed_is_called_again_under_the_same_key(
    started: Started, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.deliveries.schedule.after", lambda *_: None)
    receiver.answers = ["500 Oops"]
    async with started() as server:
        await fills(server)
        await eventually(server, STATES, [("failed", 1)])
        async with server.store.read() as conn:
            (number,) = (await conn.execute(text("SELECT id FROM deliveries"))).scalars()
        said = await ordered(server, "refaire-appels", numero=str(number))
        assert said == "1\u00a0appel est refait."
        await eventually(server, STATES, [("delivered", 1)])
    first, second = receiver.calls
    assert first.id == second.id


async def test_who_answers_410_is_called_no_more_until_the_operator_says(
    started: Started, receiver: Receiver
) -> None:
    receiver.answers = ["410 Gone"]
    async with started('evenements = ["Formulaire rempli"]') as server:
        await fills(server, "Autre")
        await eventually(server, STATES, [("failed", 1)])
        await fills(server, "Encore")
        await eventually(server, STATES, [("failed", 1), ("cancelled", 0)])
        assert len(receiver.calls) == 1
        await ordered(server, "reprendre-appels")
        assert await ordered(server, "refaire-appels") == "2\u00a0appels sont refaits."
        await eventually(server, STATES, [("delivered", 1), ("delivered", 1)])


async def ordered(server: Runtime, verb: str, **given: str) -> str:
    said = await server.desk.perform(verb, {"nom": "comptabilite", **given}, SERVER)
    server.deliveries.wake()
    return said


async def test_each_call_says_what_it_became(started: Started, receiver: Receiver) -> None:
    receiver.answers = ["500 Oops"]
    async with started() as server:
        await fills(server)
        await eventually(server, STATES, [("pending", 1)])
        async with server.store.read() as conn:
            rows = await reports.latest(conn, "appels.comptabilite", 10)
            sinks = [await reports.of_sink(conn, one) for one in await ledger.known(conn)]
        shown = screen(reports.calls_report("x", rows, server.plugins.glossary, 10), UTC)
        ((_, _, event, _, became),) = shown.rows
        assert event == "Appel à (comptabilite) demandé"
        assert became == "en attente après 1\u00a0essai\u00a0: il a répondu 500"
        assert reports.sinks_report(sinks).rows[0][:5] == ("appels.comptabilite", 1, 0, 0, 0)


async def test_what_is_settled_or_waits_for_nobody_is_forgotten_after_a_month(
    started: Started, receiver: Receiver
) -> None:
    receiver.answers = ["500 Oops"]
    async with started('evenements = ["Formulaire rempli"]') as server:
        await fills(server, "Autre")
        await eventually(server, STATES, [("pending", 1)])
        await fills(server, "Autre")
        await eventually(server, STATES, [("pending", 1), ("delivered", 1)])
        async with server.store.write() as conn:
            assert await ledger.forget(conn, 0, 10) == 0
            assert await ledger.forget(conn, 2**62, 1) == 1
            assert await ledger.forget(conn, 2**62, 10) == 1
