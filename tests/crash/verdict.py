"""What must hold of the database and the sink once the dust has settled."""

import sqlite3
from itertools import pairwise
from pathlib import Path

from tests.crash.project import TEAM
from tests.crash.sink import Sink

#: How much there is left to do: events that wait, active enrolments, messages on their way.
LEFT = """
SELECT (SELECT count(*) FROM inbox)
    + (SELECT count(*) FROM enrolments WHERE active)
    + (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))
"""


def settled(database: Path) -> bool:
    """Nothing left to do."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (left,) = connection.execute(LEFT).fetchone()
    finally:
        connection.close()
    return left == 0


def assert_nothing_lost_nothing_twice(database: Path, acknowledged: set[str], sink: Sink) -> None:
    """The promises of the README, one by one."""
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    leads = {
        address: (lead, score)
        for lead, address, score in connection.execute("SELECT id, f_courriel, score FROM leads")
    }
    assert acknowledged <= leads.keys(), "an acknowledged form was lost"
    forms = dict(
        connection.execute(
            "SELECT lead_id, count(*) FROM events WHERE type = 'form_submitted' GROUP BY lead_id"
        )
    )
    assert set(forms.values()) <= {1}, "a form was stored twice"
    assert {score for _, score in leads.values()} <= {10}, "a move was made twice, or not at all"

    twice = connection.execute(
        "SELECT lead_id, statement, count(*) FROM journal WHERE statement IS NOT NULL"
        " GROUP BY lead_id, campaign_id, entry, version_id, statement, kind HAVING count(*) > 1"
    ).fetchall()
    assert twice == [], "a move was journalled twice"

    dealt = dict(
        connection.execute(
            "SELECT lead_id, count(*) FROM events WHERE type = 'assigned' GROUP BY lead_id"
        )
    )
    assert dealt.keys() == {lead for lead, _ in leads.values()}, "a lead was given to nobody"
    assert set(dealt.values()) <= {1}, "a lead was given twice"
    shares = [
        count
        for (count,) in connection.execute(
            "SELECT count(*) FROM leads GROUP BY f_vendeur"
        ).fetchall()
    ]
    assert max(shares, default=0) - min(shares, default=0) <= 1, "somebody's turn was skipped"

    _assert_recorded_once(connection, {lead for lead, _ in leads.values()})

    doubted = {
        address
        for (address,) in connection.execute(
            "SELECT f_courriel FROM outbox JOIN leads ON leads.id = lead_id"
            " WHERE doubted_at IS NOT NULL"
        )
    }
    (alerts_doubted,) = connection.execute(
        "SELECT count(*) FROM outbox WHERE channel = 'alert' AND doubted_at IS NOT NULL"
    ).fetchone()
    alerts = {key: copies for key, copies in sink.copies.items() if key[0] in TEAM}
    assert len(alerts) == len(leads), "an alert never left"
    again = sum(copies > 1 for copies in alerts.values())
    assert again <= alerts_doubted, "an alert left twice and nobody says so"
    copied = {address for (address, _), copies in sink.copies.items() if copies > 1}
    assert copied - set(TEAM) <= doubted, "a message left twice and nobody says so"

    received: dict[str, int] = {}
    for address, _ in sink.copies:
        received[address] = received.get(address, 0) + 1
    assert {received.get(address, 0) for address in acknowledged} <= {2}, "a message never left"
    connection.close()


#: What every lead is to be told of once, and the points with their reason in the history.
_ONCE = {"list_added chauds", "list_added servis", "converted inscription"}
_GIVEN = {("score", 10), ("choc", 5), ("choc", 1)}


def _assert_recorded_once(connection: sqlite3.Connection, leads: set[int]) -> None:
    """Lists, points and conversions are those of each lead's one form, each change told once."""
    recorded = connection.execute(
        "SELECT lead_id, type || ' ' || subject_key FROM events"
        " WHERE type IN ('list_added', 'list_removed', 'converted')"
        " AND subject_key IN ('chauds', 'servis', 'inscription')"
    ).fetchall()
    assert sorted(recorded) == sorted((lead, what) for lead in leads for what in _ONCE)
    for key in ("chauds", "servis"):
        members = connection.execute(
            "SELECT lead_id FROM list_members WHERE list_key = ?", (key,)
        ).fetchall()
        assert {lead for (lead,) in members} == leads, f"who is on the list « {key} » is wrong"
    given = connection.execute(
        "SELECT lead_id, coalesce(topic_key, 'score'), delta FROM points"
    ).fetchall()
    assert sorted(given) == sorted((lead, *one) for lead in leads for one in _GIVEN)
    values = connection.execute("SELECT lead_id, value FROM interests").fetchall()
    assert sorted(values) == sorted((lead, 6) for lead in leads)


def assert_none_within_a_second_of_another(database: Path) -> None:
    """The cap of the policy held, across kills: what it put off left later, and says so."""
    connection = sqlite3.connect(database)
    sent: dict[int, list[int]] = {}
    for lead, at in connection.execute(
        "SELECT lead_id, settled_at FROM outbox WHERE channel = 'email' AND state = 'sent'"
        " ORDER BY settled_at"
    ):
        sent.setdefault(lead, []).append(at)
    close = [one for one in sent.values() if any(b - a < 1_000_000 for a, b in pairwise(one))]
    assert close == [], "a message left within a second of another"
    (held,) = connection.execute(
        "SELECT count(*) FROM outbox WHERE holds IS NOT NULL AND state = 'sent'"
    ).fetchone()
    assert held > 0, "the policy put nothing off"
    connection.close()
