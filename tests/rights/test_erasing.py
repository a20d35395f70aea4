"""Who asks to be forgotten is: no table, file, log or backup tells anything of her any more."""

import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select, text, update

from relance.challenge import Challenge
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.reach import Attach, Suppress
from server.access.actor import SERVER
from server.imports.order import ImportOrder
from server.recovery.restore import restore
from server.rights.holdings import HOLDINGS
from server.rights.person import person_of
from server.runtime import Runtime
from server.store import contacts
from server.store.schema.counters import message_marks
from server.store.schema.events import events
from server.store.schema.messages import outbox
from server.store.schema.server import import_rejects, imports
from tests.email.sink import Sink
from tests.rights.conftest import SCRIPT, TARIFS
from tests.rights.traces import held_in_files, held_in_tables
from tests.whole import eventually, running, saving

EMAIL, PHONE = "zephyrine.quatrepoint@exemple.ca", "+15145550187"
TYPED = "(514) 555-0187"
#: All that is hers and nobody else's; each would tell who she was.
VALUES = frozenset(
    {
        *(
            EMAIL,
            "zephyrine.quatrepoint%40",
            PHONE,
            "5145550187",
            TYPED,
            "Zéphyrine",
            "Quatrepoint",
        ),
        *("Ville-Inventée", "cle-d-envoi-7391", "mot-secret-8842", "message-libre-5521"),
        *("navigateur-7391-000000", "produit-unique-6613", "https://push.exemple/7391"),
        *("budget-illisible-1177", "autre-prenom-3321", "pas-une-date-9917", "5145550199"),
        "famille-6642.example",
    }
)
OTHER = "paul@exemple.ca"
#: The tables that hold something of hers before, so that the proof is one.
HELD = {
    *("leads", "identities", "events", "declarations", "leftovers", "receipts", "attached"),
    *("kept_texts", "suppressions", "lifted_suppressions", "import_rejects", "held", "outbox"),
    *("journal", "merged_rows"),
}


@asynccontextmanager
async def serving(project: Path, sink: Sink, base: str | None) -> AsyncIterator[Runtime]:
    environment = {**sink.environment, **({} if base is None else {"RELANCE_BASE": base})}
    async with running(Runtime(saving(project, environment))) as server:
        yield server


async def fill(server: Runtime, sink: Sink) -> int:
    """Everything a server may come to know of a person; her number."""
    async with httpx.AsyncClient(base_url=server.url) as site:
        for email, form in (
            (EMAIL, {"prénom": "Zéphyrine", "nom": "Quatrepoint", "téléphone": TYPED}),
            (OTHER, {"prénom": "Paul", "nom": "Ordinaire", "ville": "Sherbrooke"}),
        ):
            own = (
                {"secret": "mot-secret-8842", "ville": "Ville-Inventée"}
                if form["nom"] != "Ordinaire"
                else {}
            )
            more = {"message": "message-libre-5521", "budget": "budget-illisible-1177"}
            data = {"courriel": email, **form, **own, **(more if own else {})}
            key = {"idempotency-key": "cle-d-envoi-7391"} if own else {}
            assert (await site.post("/webhooks/forms/Essai", data=data, headers=key)).is_success
    await eventually(server, "SELECT count(*) FROM outbox WHERE state = 'sent'", [(2,)])
    host, now = server.host, datetime.now(UTC)
    who = Identities(email=EMAIL)
    bought = NewEvent("purchase", "produit-unique-6613", properties={"note": "message-libre-5521"})
    seen = NewEvent("page_visited", "Accueil", "https://www.exemple.ca/mot-secret-8842")
    await host.record([Incoming("équipe", who, {"prénom": "Zéphyrine"}, proof=Proof.TEAM)])
    await host.record([Incoming("form:autre", who, {"prénom": "autre-prenom-3321"}, [bought])])
    push = Attach("push", "https://push.exemple/7391", "{}", "navigateur-7391-000000")
    browser = Identities(email=EMAIL, visitor="navigateur-7391-000000")
    (receipt,) = await host.record([Incoming("site", browser, events=[seen], reach=[push])])
    lead = receipt.lead_id
    # Another lead of hers, found to be the same.
    await host.record([Incoming("site", Identities(phone="+15145550199"), {"nom": "Quatrepoint"})])
    same = Identities(email=EMAIL, phone="+15145550199")
    await host.record([Incoming("crm", same, proof=Proof.TEAM)])
    await host.challenge(
        Challenge(lead, EMAIL, f"{lead}.1.1.1.1.1", now, now + timedelta(1)), "123456"
    )
    await host.hold(
        "ailleurs.visites", f"{lead}.1.1.1.1.1", json.dumps({"de": EMAIL}), now + timedelta(9)
    )
    left = [Suppress("email", EMAIL, f"550 {EMAIL} inconnu"), Suppress("sms", PHONE, "STOP")]
    await host.record([Incoming("email", Identities(lead_id=lead), reach=left)])
    async with server.store.write() as conn:
        gone = "INSERT INTO lifted_suppressions (channel, address_key, reason, at, asked, why, lifted_at) "
        await conn.execute(text(gone + f"VALUES ('email', '{EMAIL}', 'r', 1, false, 'w', 1)"))
        started = {"id": 1, "key": "k", "name": "leads.csv", "state": "done", "row": 2, "share": 9}
        counts = dict.fromkeys(("created", "updated", "unchanged", "rejected"), 0)
        await conn.execute(insert(imports).values(**started, **counts, started_at=1))
        for line, cells in enumerate((["Z", TYPED, "pas-une-date-9917"], ["Paul", OTHER, "hier"])):
            row = {
                "import_id": 1,
                "line": line,
                "reason": f"non : {cells[2]}",
                "cells": json.dumps(cells),
            }
            await conn.execute(insert(import_rejects).values(**row))
        refused = (
            update(outbox)
            .where(outbox.c.lead_id == lead)
            .values(
                reason=f"550 {EMAIL}",
                reference=f"<{EMAIL}>",
                holds=json.dumps([[1, 2, "différé : famille-6642.example reçoit 5 par seconde"]]),
                domain="famille-6642.example",
            )
        )
        await conn.execute(refused)
        marked = {"key": f"{lead}.1.1.2.1.99", "kind": "delivered", "campaign_id": 1, "at": 1}
        marked |= {"channel": "email", "message": "Tarifs", "domain": "famille-6642.example"}
        await conn.execute(insert(message_marks).values(**marked))
    return lead


async def forgotten(server: Runtime, lead: int) -> str:
    return await server.desk.perform("oublier", {"lead": str(lead), "qui": "alice"}, SERVER)


async def test_nothing_tells_who_a_forgotten_person_was(
    base: str | None,
    project: Path,
    sink: Sink,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "relance")
    async with serving(project, sink, base) as server:
        lead = await fill(server, sink)
        before = {
            (table, column) for table, column, _ in await held_in_tables(server.store, VALUES)
        }
        assert {table for table, _ in before} >= HELD
        assert before >= {(one.table, column) for one in HOLDINGS for column in one.blanked or ()}
        count = (
            "SELECT count(*) FROM events WHERE type IN ('form_submitted', 'purchase', 'email_sent')"
        )
        async with server.store.read() as conn:
            counted = await conn.scalar(text(count))
        caplog.clear()
        said = await forgotten(server, lead)
        assert f"Le lead n° {lead} est oublié" in said
        assert await held_in_tables(server.store, VALUES) == set()
        assert [
            one.cache_info().currsize for one in (contacts._unusual_email, contacts._any_phone)
        ] == [0, 0]
        # What counts her stays, and what is another's.
        async with server.store.read() as conn:
            assert await conn.scalar(text(count)) == counted
            assert await conn.scalar(text("SELECT count(*) FROM outbox")) == 2
            assert (
                await conn.scalar(text(f"SELECT outcome FROM enrolments WHERE lead_id = {lead}"))
                == "forgotten"
            )
            paul = "SELECT f_prenom FROM leads WHERE f_courriel = 'paul@exemple.ca'"
            assert await conn.scalar(text(paul)) == "Paul"
            assert (
                await conn.scalar(text("SELECT cells FROM import_rejects WHERE line = 1")) != "[]"
            )
            form = select(events.c.subject).where(events.c.type == "form_submitted").distinct()
            assert set(await conn.scalars(form)) == {"Essai"}
        if base is None:
            assert held_in_files(project / ".relance", VALUES) == set()
            copy = project / "sauvegarde.db"
            base_file = project / ".relance" / "relance.db"
            with (
                closing(sqlite3.connect(base_file)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
            assert held_in_files(project, VALUES - _of_the_script()) == set()
        assert not [value for value in VALUES if value.lower() in caplog.text.lower()]


def _of_the_script() -> frozenset[str]:
    return frozenset(value for value in VALUES if value in SCRIPT or value in TARIFS)


async def test_a_form_or_an_event_does_not_bring_a_forgotten_person_back(
    project: Path, sink: Sink
) -> None:
    async with serving(project, sink, None) as server:
        lead = await fill(server, sink)
        await forgotten(server, lead)
        data = {"courriel": EMAIL.upper(), "prénom": "Zéphyrine", "message": "message-libre-5521"}
        async with httpx.AsyncClient(base_url=server.url) as site:
            assert (await site.post("/webhooks/forms/Essai", data=data)).status_code == 201
        by_phone = Incoming(
            "crm", Identities(phone=TYPED), {"nom": "Quatrepoint"}, proof=Proof.TEAM
        )
        old_link = Suppress("email", EMAIL, "désabonnement")
        assert (await server.host.record([by_phone]))[0].forgotten
        left = Incoming("email", Identities(email=EMAIL), reach=[old_link])
        assert (await server.host.record([left]))[0].forgotten
        assert await held_in_tables(server.store, VALUES) == set()
        await eventually(
            server,
            "SELECT source, times FROM leftovers WHERE reason = 'forgotten' ORDER BY source",
            [("crm", 1), ("email", 1), ("form:essai", 1)],
        )
        async with server.store.read() as conn:
            assert await person_of(conn, server.store.fields.table, lead) is not None
        # She alone may come back.
        given = {"adresse": EMAIL, "canal": "email", "raison": "elle le demande"}
        with pytest.raises(Exception, match="oubliée"):
            await server.desk.perform("retablir", given, SERVER)
        await server.desk.perform("retablir", {**given, "malgre": "oui"}, SERVER)
        (back,) = await server.host.record([Incoming("form:essai", Identities(email=EMAIL))])
        assert back.lead_id not in (0, lead)


async def test_a_person_whose_message_is_on_its_way_is_forgotten_all_the_same(
    project: Path, sink: Sink
) -> None:
    async with serving(project, sink, None) as server:
        lead = await fill(server, sink)
        async with server.store.write() as conn:
            await conn.execute(text("DELETE FROM suppressions"))
            again = update(outbox).where(outbox.c.lead_id == lead)
            await conn.execute(again.values(state="pending", settled_at=None, due_at=1))
        sink.delay = 0.4
        server.dispatch.wake()
        await eventually(server, "SELECT count(*) FROM outbox WHERE state = 'sending'", [(1,)])
        await forgotten(server, lead)
        assert len(sink.envelopes) == 3
        assert await held_in_tables(server.store, VALUES) == set()
        assert held_in_files(project / ".relance", VALUES) == set()


async def test_a_file_does_not_bring_a_forgotten_person_back(
    tmp_path: Path, project: Path, sink: Sink
) -> None:
    leads = tmp_path / "leads.csv"
    rows = f"Z;{EMAIL.upper()};;1\nZéphyrine;;{TYPED};2\nZ;{EMAIL};;pas-une-date-9917\nLuc;l@exemple.ca;;3\n"
    leads.write_text(f"prénom;courriel;téléphone;budget\n{rows}", "utf-8")
    async with serving(project, sink, None) as server:
        await forgotten(server, await fill(server, sink))
        order = ImportOrder(key="prénom", lists=(), tags=(), columns={})
        tally = await server.imports.bring(leads, "leads.csv", "m", order, batch=500)
        assert (tally.created, tally.rejected) == (1, 3)
        assert await held_in_tables(server.store, VALUES) == set()
        async with server.store.read() as conn:
            reasons = await conn.scalars(
                text("SELECT reason FROM import_rejects WHERE import_id > 1")
            )
            assert sum("demandé à être oubliée" in reason for reason in reasons) == 3


async def test_a_backup_put_back_does_not_bring_a_forgotten_person_back(
    project: Path, sink: Sink
) -> None:
    base_file, backup = project / ".relance" / "relance.db", project / "avant.db"
    async with serving(project, sink, None) as server:
        lead = await fill(server, sink)
        await server.restoration.witness.look()
        with closing(sqlite3.connect(base_file)) as one, closing(sqlite3.connect(backup)) as two:
            one.backup(two)
        await forgotten(server, lead)
    restore(backup, base_file, datetime.now(UTC))
    backup.unlink()
    assert held_in_files(project / ".relance", VALUES)
    async with serving(project, sink, None) as server:
        assert await held_in_tables(server.store, VALUES) == set()
        assert held_in_files(project / ".relance", VALUES) == set()
        (again,) = await server.host.record([Incoming("crm", Identities(email=EMAIL))])
        assert again.forgotten
