"""`explain` says why from the journal, beside a running server; `incertains` lists the doubts."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from relance.events import NewEvent
from relance.host import Identities, Incoming
from server.demo.run import Demo, demonstration
from server.store.instants import to_micros
from server.store.schema.messages import outbox
from tests.cli.conftest import Said, plain
from tests.processes import command


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demonstration(tmp_path / "projet", 0, 0) as running:
        await enter(running, "aline@example.com", "Aline")
        yield running


async def enter(demo: Demo, email: str, first_name: str) -> None:
    before = len(demo.mailbox.messages)
    event = NewEvent("form_submitted", "Infolettre")
    who = Identities(email=email)
    fields = {"courriel": email, "prénom": first_name}
    await demo.runtime.host.record([Incoming("essai", who, fields, (event,))])
    async with asyncio.timeout(60):
        while len(demo.mailbox.messages) == before:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)


async def relance(*arguments: str) -> Said:
    code, out, err = await asyncio.to_thread(command, *arguments, variables={"COLUMNS": "300"})
    return Said(code, plain(out), plain(err))


async def explain(demo: Demo, campaign: str, lead: str) -> Said:
    return await relance("explain", campaign, lead, "--dossier", str(demo.folder))


async def test_explain_says_each_move_and_its_reason_while_the_server_runs(demo: Demo) -> None:
    said = await explain(demo, "bienvenue", "aline@example.com")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    order = [
        "✎ Formulaire (Infolettre) rempli",
        "→ Entre dans la campagne « Bienvenue » — Formulaire (Infolettre) rempli",
        "→ étape « Accueil »",
        "→ Ajouter à la liste (Infolettre)",
        "→ Envoyer courriel (Bienvenue)",
        "→ attendre au plus 2 jours — jusqu’au",
        "✉ Message « Bienvenue » : envoyé",
    ]
    found = [next(i for i, line in enumerate(lines) if part in line) for part in order]
    assert found == sorted(found)
    assert "Pointage : 0." in said.out.replace("\u00a0", " ")
    assert "Attend : Lien (Lire le guide) cliqué dans courriel (Bienvenue), jusqu’au" in lines[-1]
    assert "(étape « Accueil »)" in lines[-1]


async def test_a_decision_shows_the_truth_of_each_of_its_phrases(demo: Demo) -> None:
    await demo.skip(timedelta(days=8))
    said = await explain(demo, "Bienvenue", "1")
    assert "→ Passé ce délai — le moment est venu" in said.out
    assert "Lead étiqueté (Curieux) : faux" in said.out
    assert "Pointage lead au-dessus de (4) : faux (0)" in said.out
    assert "Sorti de la campagne" in said.out
    assert "parcours terminé" in said.out


async def test_explain_says_why_a_lead_did_not_enter(demo: Demo) -> None:
    event = NewEvent("form_submitted", "Infolettre")
    await demo.runtime.host.record(
        [Incoming("essai", Identities(email="aline@example.com"), {}, (event,))]
    )
    await asyncio.sleep(0.3)
    said = await explain(demo, "Bienvenue", "aline@example.com")
    assert "✗ N’entre pas dans la campagne « Bienvenue »" in said.out
    assert "il était déjà dans la campagne" in said.out


async def test_who_and_what_is_unknown_is_told(demo: Demo) -> None:
    nobody = await explain(demo, "Bienvenue", "personne@example.com")
    assert (nobody.code, nobody.out) == (2, "")
    assert "Aucun lead ne répond à « personne@example.com »." in nobody.err
    nowhere = await explain(demo, "Bienvenu", "1")
    assert nowhere.code == 2
    assert "« Bienvenue »" in nowhere.err
    elsewhere = await explain(demo, "Anniversaire", "1")
    assert elsewhere.code == 0
    assert "n’est jamais entré dans la campagne « Anniversaire »" in elsewhere.out


async def test_a_project_that_never_ran_is_told(project: Path) -> None:
    said = await relance("explain", "Tarifs", "1", "--dossier", str(project))
    assert said.code == 2
    assert "pas encore de base" in said.err
    assert not (project / ".relance").exists()


async def test_a_doubtful_send_is_listed_until_the_end_of_time(demo: Demo) -> None:
    none = await relance("incertains", str(demo.folder))
    assert none.out == "Aucun envoi incertain.\n"
    async with demo.runtime.store.write() as conn:
        at = to_micros(demo.clock.now())
        await conn.execute(update(outbox).values(state="doubtful", doubted_at=at, due_at=None))
    said = await relance("incertains", str(demo.folder))
    assert said.code == 0
    assert "aline@example.com" in said.out
    assert "1 envoi incertain." in said.out
    (one,) = json.loads((await relance("incertains", str(demo.folder), "--json")).out)
    assert (one["message"], one["etat"]) == ("Bienvenue", "doubtful")
    result = await explain(demo, "Bienvenue", "1")
    assert "incertain : parti ou non, personne ne peut le dire" in result.out


async def test_explain_says_what_the_entries_ask_of_a_lead_that_never_entered(demo: Demo) -> None:
    said = await explain(demo, "relance de panier", "aline@example.com")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    start = next(i for i, line in enumerate(lines) if "n’est jamais entré" in line)
    assert "Ce que demandent ses entrées" in lines[start + 1]
    assert lines[start + 2].startswith("  quand Événement (Produit ajouté au panier)")
    assert lines[start + 3].endswith("survenu : faux")
