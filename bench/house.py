"""A house of some years: its project, and a base of so many leads with all that they did.

Twenty campaigns unless more are asked for, each with its form, its messages and its people; lists; every
message that left and what became of it. The server publishes the project, plain SQL fills the tables, and the server, when
it opens next, counts everything from them, as it does after a migration.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import stage
from server.runtime import Runtime
from server.settings import PublishingMode, load_settings
from server.store.ids import floor_of
from server.store.instants import DAY, HOUR, Micros

CAMPAIGNS, LISTS = 20, 5
#: The rows of journal of a stay that is over: entered, sent, waited, resumed, decided, left.
MOVES = 6
_YEARS = 3 * 365 * DAY
_NOW = "RELANCE_PUBLICATION"
_FIRST = (
    *("Aline", "Bruno", "Chloé", "Dominique", "Élise", "François", "Gaëlle", "Hugo", "Inès"),
    *("Jérôme", "Karine", "Léa", "Mathieu", "Noémie", "Océane", "Pascal", "Quentin", "Rachel"),
    *("Stéphane", "Thérèse", "Ursule", "Véronique", "William", "Xavier", "Yasmine", "Zoé"),
)
_LAST = (
    *("Tremblay", "Gagnon", "Roy", "Côté", "Bouchard", "Gauthier", "Morin", "Lavoie", "Fortin"),
    *("Gagné", "Ouellet", "Pelletier", "Bélanger", "Lévesque", "Bergeron", "Leblanc", "Paquette"),
    *(
        "Girard",
        "Simard",
        "Boucher",
        "Caron",
        "Beaulieu",
        "Cloutier",
        "Dubé",
        "Poirier",
        "Fournier",
    ),
    *("Lapointe", "Leclerc", "Lefebvre", "Poulin", "Thibault"),
)

_SCRIPT = """\
campagne « Campagne {n} »
  famille : clients fidèles
  entrée
    quand Formulaire (Formulaire {n}) rempli

  Envoyer courriel (Message {n})
  étape « Attente »
  Attendre pendant 1 jour
  si Pointage lead au-dessus de (50)
    Envoyer courriel (Suite {n})
  fin
fin
"""
_LIST = "liste « Curieux » : Page web (/prix) visitée dans les (30) derniers jours\n"
_MESSAGE = """\
---
nom: {name}
objet: Bonjour{{% if prénom %}}, {{{{ prénom }}}}{{% endif %}}
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---

Bonjour{{% if prénom %}} {{{{ prénom }}}}{{% endif %}},

[Lire le guide](https://www.lapetiteroue.example/guide/{n})
"""
_SETTINGS = """\
fuseau = "America/Montreal"
[email]
serveur = "localhost"
port = 1025
securite = "aucune"
"""


def lay_out(folder: Path, campaigns: int = CAMPAIGNS) -> Path:
    """Write the project; its folder."""
    (folder / "courriels").mkdir(parents=True)
    (folder / "relance.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "listes.relance").write_text(_LIST, encoding="utf-8")
    for number in range(1, campaigns + 1):
        n = f"{number:02}"
        (folder / f"campagne-{n}.relance").write_text(_SCRIPT.format(n=n), encoding="utf-8")
        for name in ("Message", "Suite"):
            said = _MESSAGE.format(name=f"{name} {n}", n=n)
            (folder / "courriels" / f"{name.lower()}-{n}.md").write_text(said, encoding="utf-8")
    return folder


def server_of(folder: Path) -> Runtime:
    """A server of that project, which publishes what the folder says."""
    return Runtime(load_settings(folder, {_NOW: PublishingMode.ON_SAVING.value}))


def build(folder: Path, leads: int, rows: int, campaigns: int = CAMPAIGNS) -> None:
    """The project, published, then its base: so many leads, about so many rows of journal."""
    lay_out(folder, campaigns)

    async def published() -> None:
        runtime = server_of(folder)
        await runtime.open()
        if runtime.rules.problems:
            raise AssertionError(f"the rules are not sound: {runtime.rules.problems}")
        await runtime.close()

    asyncio.run(published())
    path = next(folder.glob(".relance/*.db"))
    with _filling(path) as db:
        _People(db, leads, max(1, -(-rows // MOVES)), campaigns).fill()


@contextmanager
def _filling(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nothing counts for, nor waits for the disk."""
    db = stage.connect(path)
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-262144"):
        db.execute(f"PRAGMA {pragma}")
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute("DELETE FROM server_settings WHERE name = 'counted_by'")
    yield db
    db.execute("ANALYZE")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


@dataclass(frozen=True)
class _People:
    """Leads numbered from 1; stay `s` is that of lead `s % leads + 1`, in another campaign each time.

    Times are spread over three years, the last stays being the latest; one stay in ten goes on.
    """

    db: sqlite3.Connection
    leads: int
    stays: int
    campaigns: int

    def fill(self) -> None:
        """All of it."""
        db, now = self.db, int(time.time() * 1_000_000)
        self._name()
        holes = {"leads": self.leads, "stays": self.stays, "now": now, "day": DAY, "hour": HOUR}
        holes |= {
            "years": _YEARS,
            "begun": now - _YEARS,
            "lists": LISTS,
            "houses": self.campaigns,
            "first": len(_FIRST),
        }
        holes |= {"last": len(_LAST), "low": floor_of(now - _YEARS), "age": _id_age(now)}
        for statement in (*_LEADS, *_STAYS, *_MEMBERS):
            db.execute(statement, {k: v for k, v in holes.items() if f":{k}" in statement})

    def _name(self) -> None:
        db = self.db
        db.execute("CREATE TEMP TABLE firsts (n INTEGER PRIMARY KEY, name TEXT)")
        db.execute("CREATE TEMP TABLE lasts (n INTEGER PRIMARY KEY, name TEXT)")
        db.execute("CREATE TEMP TABLE houses (n INTEGER PRIMARY KEY, id, version_id, number TEXT)")
        db.executemany("INSERT INTO firsts VALUES (?, ?)", enumerate(_FIRST))
        db.executemany("INSERT INTO lasts VALUES (?, ?)", enumerate(_LAST))
        db.execute(
            "INSERT INTO houses SELECT row_number() OVER (ORDER BY id) - 1, id, version_id, "
            "substr(name, length('Campagne ') + 1) FROM campaigns"
        )


def _id_age(now: Micros) -> int:
    """How far the ids of events go in that many years."""
    return floor_of(now) - floor_of(now - _YEARS)


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
_LEADS = (
    _NUMBERS.format(":leads") + "INSERT INTO leads (id, created_at, score, f_courriel, f_prenom, "
    "f_nom, f_cellulaire, f_ville, f_date_de_naissance) SELECT i, :begun + i * (:years / :leads), "
    "i * 7919 % 101, 'lead' || i || '@exemple.example', f.name, l.name, '+15145550199', "
    "iif(i % 3, 'Montréal', 'Laval'), date('2000-01-01', '-' || (i * 7907 % 25000) || ' days') "
    "FROM n JOIN firsts f ON f.n = i % :first JOIN lasts l ON l.n = i * 7919 % :last ",
    "INSERT INTO identities (kind, value, lead_id) SELECT 'email', f_courriel, id FROM leads",
    "CREATE TEMP TABLE stays (lead_id, entry, house, at, active)",
    _NUMBERS.format(":stays") + "INSERT INTO stays SELECT (i - 1) % :leads + 1, "
    "1 + (i - 1) / :leads / :houses, ((i - 1) / :leads * 7 + i) % :houses, "
    ":begun + i * ((:years - 3 * :hour) / :stays), i % 10 = 0 FROM n",
    "CREATE TEMP TABLE sorted AS SELECT s.lead_id, s.entry, s.at, s.active, c.id AS campaign_id, "
    "c.version_id, c.number FROM stays s JOIN houses c ON c.n = s.house "
    "ORDER BY s.lead_id, c.id, s.entry",
)
_MOVE = (
    "SELECT 1 AS move, 'entered' AS kind, NULL AS statement, NULL AS branch, 'event' AS cause "
    "UNION ALL SELECT 2, 'acted', 0, NULL, 'move' UNION ALL SELECT 3, 'waited', 2, NULL, 'move' "
    "UNION ALL SELECT 4, 'resumed', 2, 0, 'time' UNION ALL SELECT 5, 'decided', 3, 0, 'move' "
    "UNION ALL SELECT 6, 'left', NULL, NULL, 'move'"
)
_STAYS = (
    "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, outcome, statement, "
    "moves, entered_at, left_at, since_at, since_event, wake_at, deadline) SELECT lead_id, "
    "campaign_id, entry, version_id, active, CASE WHEN active THEN NULL WHEN lead_id % 3 THEN "
    "'finished' ELSE 'success' END, iif(active, 2, -1), iif(active, 3, 6), at, iif(active, NULL, "
    "at + :day), at, 1, iif(active, :now + :day, NULL), iif(active, :now + :day, NULL) FROM sorted",
    "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, "
    "cause, branch) SELECT s.lead_id, s.campaign_id, s.entry, m.move, s.version_id, s.at + "
    f"iif(m.move > 3, :day, 0), m.kind, m.statement, m.cause, m.branch FROM sorted s, ({_MOVE}) m "
    "WHERE m.move <= 3 OR NOT s.active ORDER BY s.lead_id, s.campaign_id, s.entry, m.move",
    "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
    "created_at, settled_at, nature, version_id) SELECT lead_id, campaign_id, entry, 2, 0, 'email', "
    "'Message ' || number, CASE lead_id % 50 WHEN 0 THEN 'refused' WHEN 1 THEN 'suppressed' "
    "ELSE 'sent' END, at, at, 'marketing', version_id FROM sorted",
    "INSERT INTO message_marks (key, kind, campaign_id, channel, message, at, version_id) SELECT lead_id || "
    "'.' || campaign_id || '.' || entry || '.2.0.' || at, 'opened', campaign_id, 'email', "
    "'Message ' || number, at + :hour, version_id FROM sorted WHERE lead_id % 3 = 0",
    "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at, "
    "properties, proof) SELECT lead_id, 'form_submitted', :low + lead_id + "
    "CAST(1.0 * (at - :begun) / :years * :age AS INTEGER), 'Formulaire ' || number, 'formulaire ' "
    "|| number, at, at, '{\"courriel\":\"lead' || lead_id || '@exemple.example\"}', 1 FROM sorted",
    "INSERT INTO events (lead_id, type, id, subject, subject_key, address, occurred_at, "
    "received_at) SELECT lead_id, 'page_visited', :low + 1 + lead_id + "
    "CAST(1.0 * (at - :begun) / :years * :age AS INTEGER), '/prix', '/prix', '/prix', at, at "
    "FROM sorted",
)
_MEMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :lists) INSERT INTO "
    "lists (key, name) SELECT 'groupe ' || i, 'Groupe ' || i FROM n",
    "INSERT INTO list_members (lead_id, list_key, since) SELECT id, 'groupe ' || (1 + id % :lists), "
    "created_at FROM leads WHERE id % 2",
    "INSERT INTO list_members (lead_id, list_key, since) SELECT id, 'curieux', :now FROM leads "
    "WHERE id % 20 = 0",
    "INSERT INTO lead_tags (lead_id, tag_key, name, since) SELECT id, 'vip', 'VIP', created_at "
    "FROM leads WHERE id % 10 = 0",
)
