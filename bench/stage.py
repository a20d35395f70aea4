"""The scenes the engine is measured on: a published campaign, leads, what they did or wait for.

Made once with the engine's own schema and publication, then filled by plain SQL and copied, so
that every run, ours or the baseline's, begins from the same bytes.
"""

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dsl.program import END, Act, Decide, Pause, Place, Program, Reentry, Trigger
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import Compare, Leaf, Literal, Score
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.ids import floor_of
from server.store.instants import Micros, to_micros
from server.store.store import Store

#: When the forms were filled, and when the waits end.
START = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
WAIT = timedelta(days=1)
THRESHOLD = 50


def journey() -> Program:
    """Entry → activity → wait → decision → activity → end: four statements a journey."""
    welcome = Act(
        "bienvenue", Place(4, Said("Envoyer courriel (Bienvenue)")), (_mail("Bienvenue"),), 1
    )
    pause = Pause(
        "attente", Place(5, Said("Attendre pendant 1 jour")), WaitFor(Duration(days=1)), 2
    )
    text = f"Pointage lead au-dessus de ({THRESHOLD})"
    above = Compare(Score(), Comparator.GREATER, Literal(THRESHOLD))
    decide = Decide("choix", Place(6, Said(f"si {text}")), Leaf(Said(text), above), 3, 4)
    offer = Act("offre", Place(7, Said("Envoyer courriel (Offre)")), (_mail("Offre"),), END)
    reminder = Act("rappel", Place(9, Said("Envoyer courriel (Rappel)")), (_mail("Rappel"),), END)
    form = Trigger(
        Place(3, Said("Formulaire (Inscription) rempli")),
        EventPattern("form_submitted", "Inscription"),
    )
    return Program(
        name="Parcours",
        description=None,
        zone="America/Montreal",
        starts=None,
        ends=None,
        reentry=Reentry.NEVER,
        reentry_delay=None,
        timeout=None,
        entries=(form,),
        exits=(),
        statements=(welcome, pause, decide, offer, reminder),
    )


def _mail(message: str) -> Send:
    return Send("email", message)


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection, as durable as the store's own."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        db.execute(f"PRAGMA {pragma}")
    return db


def build(path: Path) -> None:
    """A new database with the campaign published and nobody in it."""

    async def published() -> None:
        clock = VirtualClock(START)
        store = await Store.open(f"sqlite:///{path}", clock)
        try:
            await Engine(store, clock).publish(Project([ProgramSource(journey())]))
        finally:
            await store.close()

    asyncio.run(published())


def add_leads(db: sqlite3.Connection, count: int) -> None:
    """Leads numbered from 1, half of them above the threshold, in no visible order."""
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO leads (id, created_at, score, f_courriel, f_prenom, f_ville) "
        "SELECT i, ?, i * 7919 % 101, 'lead' || i || '@exemple.example', 'Aline', 'Laval' FROM n",
        (count, to_micros(START)),
    )
    db.execute("COMMIT")


#: What the engine is to handle: every event there is.
WAITING = "INSERT INTO inbox SELECT lead_id, id, type, subject_key FROM events"


def add_forms(db: sqlite3.Connection, count: int) -> None:
    """One form filled by each lead, not handled yet."""
    now = to_micros(START)
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at"
        ") SELECT id, 'form_submitted', ? + id, 'Inscription', 'inscription', ?, ? "
        "FROM leads WHERE id <= ?",
        (floor_of(now - 60_000_000), now, now, count),
    )
    db.execute(WAITING)
    db.execute("COMMIT")


def add_waiting(db: sqlite3.Connection, count: int, far: Micros) -> None:
    """Every lead at the wait of the campaign until `far`, with the past that brought it there."""
    now = to_micros(START)
    (campaign, version) = db.execute("SELECT id, version_id FROM campaigns").fetchone()
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
        "entered_at, since_at, since_event, wake_at, deadline) "
        "SELECT id, :c, 1, :v, 1, 1, 3, :now, :now, 1, :far, :far FROM leads WHERE id <= :n "
        "ORDER BY id",
        {"c": campaign, "v": version, "now": now, "far": far, "n": count},
    )
    for move, kind, statement, cause in (
        (1, "entered", None, "event"),
        (2, "acted", 0, "move"),
        (3, "waited", 1, "move"),
    ):
        db.execute(
            "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, "
            "statement, cause) SELECT id, ?, 1, ?, ?, ?, ?, ?, ? FROM leads WHERE id <= ? "
            "ORDER BY id",
            (campaign, move, version, now, kind, statement, cause, count),
        )
    db.execute("COMMIT")


def copy(template: Path, name: str) -> Path:
    """A run's own database."""
    target = template.with_name(name)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(template, target)
    return target
