"""The baseline of the journeys: the same campaign written by hand over `sqlite3`, row by row.

As a good engineer would write it for this one campaign: batches of 500, one read with its
joins, decisions in Python, `executemany` of prepared statements, one durable commit a batch. It writes
the rows the engine writes: enrolments, journal with causes and leaves, outbox, events done.
"""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.stage import THRESHOLD, WAIT, connect
from server.store.ids import floor_of

BATCH = 500
MICROSECOND = timedelta(microseconds=1)

_ARRIVED = """\
SELECT e.lead_id, e.type, e.id, e.subject_key, e.occurred_at, n.entry
FROM (SELECT lead_id, type, id FROM inbox ORDER BY id LIMIT ?) i
JOIN events e ON e.lead_id = i.lead_id AND e.type = i.type AND e.id = i.id
LEFT JOIN enrolments n ON n.lead_id = e.lead_id AND n.campaign_id = ?"""

_DUE = """\
SELECT n.lead_id, n.campaign_id, n.entry, n.version_id, n.moves, n.wake_at, l.score
FROM enrolments n JOIN leads l ON l.id = n.lead_id
WHERE n.wake_at <= ? ORDER BY n.wake_at LIMIT ?"""

_ENROL = """\
INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves,
entered_at, since_at, since_event, wake_at, deadline) VALUES (?, ?, 1, ?, 1, 1, 3, ?, ?, ?, ?, ?)"""

_JOURNAL = """\
INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, cause,
cause_event, branch, until, leaves) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_OUTBOX = """\
INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state,
created_at, due_at, attempts, version_id) VALUES (?, ?, ?, ?, 0, 'email', ?, 'pending', ?, ?, 0, ?)"""

_REFUSE = """\
INSERT INTO refusals (lead_id, campaign_id, reason, at, event_id) VALUES (?, ?, 'once_only', ?, ?)
ON CONFLICT DO UPDATE SET at = excluded.at, event_id = excluded.event_id"""

_DONE = "DELETE FROM inbox WHERE lead_id = ? AND type = ? AND id = ?"

_FINISH = """\
UPDATE enrolments SET active = 0, outcome = 'finished', statement = ?, moves = ?, left_at = ?,
since_at = ?, since_event = ?, wake_at = NULL, deadline = NULL
WHERE lead_id = ? AND campaign_id = ? AND entry = ?"""

Row = tuple[Any, ...]


def run(path: Path, began: int, woken: int) -> None:
    """All that waits at `began`, then all that is due at `woken` (both in microseconds)."""
    db = connect(path)
    campaign, version = db.execute("SELECT id, version_id FROM campaigns").fetchone()
    while _enter(db, campaign, version, began):
        pass
    while _go_on(db, woken):
        pass
    db.close()


def _enter(db: sqlite3.Connection, campaign: int, version: int, now: int) -> int:
    until = now + WAIT // MICROSECOND  # one calendar day, no change of clocks in it
    enrolled: list[Row] = []
    moves: list[Row] = []
    sends: list[Row] = []
    refused: list[Row] = []
    done: list[Row] = []
    entered: set[int] = set()
    db.execute("BEGIN IMMEDIATE")
    arrived = db.execute(_ARRIVED, (BATCH, campaign)).fetchall()
    for lead, kind, event, subject, at, before in arrived:
        done.append((lead, kind, event))
        if kind != "form_submitted" or subject != "inscription":
            continue
        if before is not None or lead in entered:
            refused.append((lead, campaign, now, event))
            continue
        entered.add(lead)
        enrolled.append((lead, campaign, version, now, at, event, until, until))
        place = (lead, campaign, 1)
        moves.append((*place, 1, version, now, "entered", None, "event", event, None, None, None))
        moves.append((*place, 2, version, now, "acted", 0, "move", None, None, None, None))
        moves.append((*place, 3, version, now, "waited", 1, "move", None, None, until, None))
        sends.append((*place, 2, "Bienvenue", now, now, version))
    db.executemany(_ENROL, enrolled)
    db.executemany(_JOURNAL, moves)
    db.executemany(_OUTBOX, sends)
    db.executemany(_REFUSE, refused)
    db.executemany(_DONE, done)
    db.execute("COMMIT")
    return len(arrived)


def _go_on(db: sqlite3.Connection, now: int) -> int:
    moves: list[Row] = []
    sends: list[Row] = []
    finished: list[Row] = []
    db.execute("BEGIN IMMEDIATE")
    due = db.execute(_DUE, (now, BATCH)).fetchall()
    for lead, campaign, entry, version, last, at, score in due:
        place = (lead, campaign, entry)
        above = score > THRESHOLD
        leaves = f"[[{above:d},{score}]]"
        act, message = (3, "Offre") if above else (4, "Rappel")
        moves += (
            (*place, last + 1, version, now, "resumed", 1, "time", None, None, None, None),
            (*place, last + 2, version, now, "decided", 2, "move", None, int(above), None, leaves),
            (*place, last + 3, version, now, "acted", act, "move", None, None, None, None),
            (*place, last + 4, version, now, "left", None, "move", None, None, None, None),
        )
        sends.append((*place, last + 3, message, now, now, version))
        finished.append((-1, last + 4, now, at, floor_of(at), *place))
    db.executemany(_JOURNAL, moves)
    db.executemany(_OUTBOX, sends)
    db.executemany(_FINISH, finished)
    db.execute("COMMIT")
    return len(due)
