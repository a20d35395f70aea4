"""What a lead takes on disk once it has made a whole journey, beside a schema made for that alone.

Leads come by a form, with an address and a number, and make the journey the engine is measured on.
The same facts are then copied into tables that a good engineer would make for this one campaign:
words as small numbers, no key folded beside a name, an index for each question the journey asks.
On PostgreSQL, VACUUM passes after each five hundred leads, as autovacuum does in a base that lives.
"""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from bench import stage
from bench.figures import Figure, Goal, french, table
from bench.journeys_postgresql import postgresql
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.intake.intake import Intake
from server.store.store import Store

_TOGETHER = 500

#: By table: its columns, what fills them, and in which order they came.
_BY_HAND = {
    "h_leads": (
        "id BIGINT PRIMARY KEY, created_at BIGINT NOT NULL, score INTEGER NOT NULL, email TEXT, "
        "first TEXT, last TEXT, phone TEXT, city TEXT",
        "id, created_at, score, f_courriel, f_prenom, f_nom, f_telephone, f_ville "
        "FROM leads ORDER BY id",
    ),
    "h_identities": (
        "kind SMALLINT, value TEXT, lead_id BIGINT NOT NULL, PRIMARY KEY (kind, value)",
        "CASE kind WHEN 'email' THEN 0 ELSE 1 END, value, lead_id FROM identities ORDER BY lead_id",
    ),
    "h_events": (
        "lead_id BIGINT, id BIGINT, occurred_at BIGINT NOT NULL, received_at BIGINT NOT NULL, "
        "type SMALLINT NOT NULL, subject SMALLINT, properties TEXT, PRIMARY KEY (lead_id, id)",
        "lead_id, id, occurred_at, received_at, length(type), length(subject), properties "
        "FROM events ORDER BY id",
    ),
    "h_enrolments": (
        "lead_id BIGINT, entered_at BIGINT NOT NULL, since_at BIGINT, since_event BIGINT, "
        "left_at BIGINT, wake_at BIGINT, campaign SMALLINT, entry SMALLINT, "
        "version SMALLINT NOT NULL, active BOOLEAN NOT NULL, statement SMALLINT, moves SMALLINT, "
        "outcome SMALLINT, PRIMARY KEY (lead_id, campaign, entry)",
        "lead_id, entered_at, since_at, since_event, left_at, wake_at, campaign_id, entry, "
        "version_id, active, statement, moves, length(outcome) FROM enrolments ORDER BY lead_id",
    ),
    "h_journal": (
        "lead_id BIGINT, at BIGINT NOT NULL, cause_event BIGINT, campaign SMALLINT, "
        "entry SMALLINT, move SMALLINT, version SMALLINT NOT NULL, kind SMALLINT NOT NULL, "
        "statement SMALLINT, cause SMALLINT, leaves TEXT, "
        "PRIMARY KEY (lead_id, campaign, entry, move)",
        "lead_id, at, cause_event, campaign_id, entry, move, version_id, length(kind), "
        "statement, length(cause), leaves FROM journal ORDER BY at, lead_id",
    ),
    "h_outbox": (
        "lead_id BIGINT, created_at BIGINT NOT NULL, due_at BIGINT NOT NULL, campaign SMALLINT, "
        "entry SMALLINT, move SMALLINT, ordinal SMALLINT, message SMALLINT NOT NULL, "
        "state SMALLINT NOT NULL, PRIMARY KEY (lead_id, campaign, entry, move, ordinal)",
        "lead_id, created_at, due_at, campaign_id, entry, move, ordinal, length(message), 0 "
        "FROM outbox ORDER BY due_at, lead_id",
    ),
}
_INDEXES = (
    "CREATE INDEX h_identities_lead ON h_identities (lead_id)",
    "CREATE INDEX h_enrolments_due ON h_enrolments (wake_at) WHERE wake_at IS NOT NULL",
    "CREATE INDEX h_outbox_due ON h_outbox (due_at) WHERE state = 0",
)
_ON_SQLITE = (
    "SELECT (page_count - freelist_count) * page_size "
    "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
_ON_POSTGRESQL = (
    "SELECT CAST(sum(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)"
)


def _fact(number: int) -> Incoming:
    fields = {
        "courriel": f"visiteur{number:07d}@exemple.ca",
        "prénom": "Aline",
        "nom": "Tremblay",
        "téléphone": f"+1 514 2{number % 100:02d} {number // 100 % 10_000:04d}",
        "ville": "Montréal",
        "message": "Bonjour, quel est le prix de ce modèle ?",
    }
    who = Identities(email=fields["courriel"], phone=fields["téléphone"])
    event = NewEvent("form_submitted", "Inscription", properties=fields)
    return Incoming("form:inscription", who, fields, (event,))


async def _live(address: str, leads: int, tidy: Callable[[], Awaitable[object]]) -> None:
    """All of them come, and make their journey to its end."""
    clock = VirtualClock(stage.START)
    store = await Store.open(address, clock)
    engine = Engine(store, clock)
    await engine.publish(Project([ProgramSource(stage.journey())]))
    intake = Intake(store, clock)
    intake.hears = engine.hears
    for first in range(0, leads, _TOGETHER):
        await intake.record([_fact(n) for n in range(first, min(leads, first + _TOGETHER))])
        while await engine.tick():
            pass
        await tidy()
    clock.advance(stage.WAIT)
    while await engine.tick():
        pass
    await store.close()
    await tidy()


async def _declared(address: str) -> None:
    await (await Store.open(address, VirtualClock(stage.START))).close()


def _copying(filled: str = "") -> list[str]:
    """The statements that copy the same facts; `filled`: what follows the columns of a table."""
    made = [
        f"CREATE TABLE {name} ({columns}){filled if name != 'h_leads' else ''}"
        for name, (columns, _) in _BY_HAND.items()
    ]
    copied = [f"INSERT INTO {name} SELECT {rows}" for name, (_, rows) in _BY_HAND.items()]
    return [*made, *_INDEXES, *copied]


async def _on_sqlite(leads: int) -> tuple[float, float]:
    async def nothing() -> None:
        """SQLite needs no tidying."""

    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        path = Path(folder) / "leads.db"
        await _declared(f"sqlite:///{path}")
        db = sqlite3.connect(path, isolation_level=None)
        sizes = [db.execute(_ON_SQLITE).fetchone()[0]]
        await _live(f"sqlite:///{path}", leads, nothing)
        sizes.append(db.execute(_ON_SQLITE).fetchone()[0])
        for statement in _copying(" WITHOUT ROWID"):
            db.execute(statement.replace("id BIGINT PRIMARY KEY", "id INTEGER PRIMARY KEY"))
        sizes.append(db.execute(_ON_SQLITE).fetchone()[0])
        db.close()
    return (sizes[1] - sizes[0]) / leads, (sizes[2] - sizes[1]) / leads


async def _on_postgresql(leads: int) -> tuple[float, float]:
    with postgresql() as (address, _):
        await _declared(address)
        conn = await asyncpg.connect(address)
        sizes = [await conn.fetchval(_ON_POSTGRESQL)]
        await _live(address, leads, lambda: conn.execute("VACUUM"))
        sizes.append(await conn.fetchval(_ON_POSTGRESQL))
        for statement in _copying():
            await conn.execute(statement)
        await conn.execute("VACUUM")
        sizes.append(await conn.fetchval(_ON_POSTGRESQL))
        await conn.close()
    return (sizes[1] - sizes[0]) / leads, (sizes[2] - sizes[1]) / leads


def measure(leads: int = 4_000) -> list[Figure]:
    """Bytes a lead, tables and indexes, on both stores."""
    ways = {"SQLite": _on_sqlite, "PostgreSQL": _on_postgresql}
    found = []
    for name, way in ways.items():
        ours, by_hand = asyncio.run(way(leads))
        what = f"Un lead sur le disque après un parcours, {name}, {french(leads)} leads"
        beside = "schéma fait à la main"
        found.append(Figure(what, "octets", [ours], beside, [by_hand], Goal.AT_MOST, 1.5))
    return found


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)))
