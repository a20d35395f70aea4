"""What is known of a lead is read of the campaigns it has to do with, in a house of thousands."""

from sqlalchemy import event, text

from server.reports.glossary import BARE
from server.reports.ledger import ledger_of
from server.reports.states import states
from server.store.schema.campaigns import campaigns
from server.store.store import Store

MANY = 400
STAY = (
    "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
    "entered_at, since_at, since_event) VALUES (7, :campaign, 1, 9, false, 0, 1, 5, 5, 0)"
)
DECIDED = "INSERT INTO campaign_changes (campaign_id, at, kind, who) VALUES (:id, 5, :kind, :who)"


async def test_a_lead_is_told_of_its_campaigns_and_of_some_others(store: Store) -> None:
    async with store.write() as conn:
        keys = {n: f"{n:04}" for n in range(1, MANY + 1)}
        made = [{"id": n, "key": key, "name": key, "present": True} for n, key in keys.items()]
        await conn.execute(campaigns.insert(), made)
        for campaign in (MANY - 1, MANY + 50):
            await conn.execute(text(STAY), {"campaign": campaign})
        for who, kind in (("un", "activated"), ("deux", "paused"), ("trois", "published")):
            await conn.execute(text(DECIDED), {"id": MANY - 1, "kind": kind, "who": who})
    given: list[int] = []
    async with store.read() as conn:
        event.listen(
            conn.sync_connection, "before_cursor_execute", lambda *of: given.append(len(of[3]))
        )
        ledger = await ledger_of(conn, 7, BARE, asked=MANY - 5)
        assert max(given) < 300, "no statement names every campaign"
        assert [row.campaign_id for row in ledger.enrolments] == [MANY - 1], "the other is gone"
        assert {MANY - 1, MANY - 5, 1, 200} <= set(ledger.campaigns)
        assert MANY not in ledger.campaigns
        assert ledger.states[MANY - 1].who == "deux", "who decided last, and of nothing else"
        assert (len(ledger.others), ledger.more) == (200, True)
        sought = await ledger_of(conn, 7, BARE, sought=f"{MANY:04}")
        assert (sought.others, sought.more, MANY - 1 in sought.campaigns) == ([MANY], False, True)
        assert set((await ledger_of(conn, 7, BARE, f"{MANY:04}")).campaigns) == {MANY}
        assert (await states(conn, [1]))[1].who is None
