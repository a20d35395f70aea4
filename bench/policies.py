"""What a policy costs a message about to leave: turns of a lane under caps and quiet hours, beside none.

Each lead was sent one a week for a year, which the caps count anew at every turn.

`python -m bench.policies [LEADS]` takes another number.
"""

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from bench import stage
from bench.figures import Figure, Goal, interleaved, table
from dsl.policy import Cap, Closure, Policy, QuietTime
from relance.testing import FakeChannel, VirtualClock
from relance.values import Duration, Weekday
from server.dispatch.allowance import Allowance
from server.dispatch.claims import Claims
from server.dispatch.terms import Terms
from server.store import policies
from server.store.instants import DAY, to_micros
from server.store.schema.messages import outbox
from server.store.store import Store

_LEADS, _PAST = 3_000, 50
#: What one turn takes.
_AT_ONCE = 100
_NO_LIMIT = Allowance(proven=0, unproven=0, domain=0, country=0, campaign=0)
#: Nothing of it holds what is measured: it is asked of all the same.
POLICY = Policy(
    (
        Cap("courriels", ("email",), most=1_000, window=Duration(days=30)),
        Cap("messages", most=1_000, window=Duration(days=7)),
    ),
    (QuietTime("dimanche", closures=(Closure(weekdays=(Weekday.SUNDAY,)),)),),
)


async def _turns(path: Path, leads: int, policy: Policy, *, consents: bool = False) -> float:
    """Messages taken in a second of processor. `consents`: whether somebody's is known."""
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    db = stage.connect(path)
    stage.add_leads(db, leads)
    db.close()
    now = to_micros(clock.now())
    common = {"campaign_id": 1, "entry": 1, "ordinal": 1, "channel": "email", "message": "m"}
    common |= {"created_at": now, "nature": "marketing"}
    past = [
        {
            **common,
            "lead_id": lead,
            "move": move,
            "state": "sent",
            "settled_at": now - move * 7 * DAY,
        }
        for lead in range(1, leads + 1)
        for move in range(1, _PAST + 1)
    ]
    due = [
        {**common, "lead_id": lead, "move": 0, "state": "pending", "due_at": now}
        for lead in range(1, leads + 1)
    ]
    async with store.write() as conn:
        await policies.publish(conn, policy, now - DAY)
        if consents:
            await policies.know_consents(conn)
        await conn.execute(insert(outbox), past)
        await conn.execute(insert(outbox), due)
    claims = Claims(store, FakeChannel(), Terms(_NO_LIMIT))
    clock.advance(timedelta(seconds=1))
    began, taken = time.process_time(), 0
    while found := await store.transact(lambda conn: claims.claim(conn, clock.now(), _AT_ONCE)):
        taken += len(found)
    spent = time.process_time() - began
    assert taken == leads
    await store.close()
    return taken / spent


def _run(leads: int, policy: Policy, *, consents: bool = False) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "relance.db"
        return asyncio.run(_turns(path, leads, policy, consents=consents))


def measure(runs: int = 3, leads: int = _LEADS) -> list[Figure]:
    """The figures of policies."""
    ours, bare = interleaved(runs, lambda: _run(leads, POLICY), lambda: _run(leads, Policy()))
    what = f"Messages pris par un canal, {_PAST} déjà envoyés à chaque lead, deux limites comptées"
    unit = "/s de processeur"
    capped = Figure(what, unit, ours, "sans politique", bare, Goal.AT_LEAST, 0.6)
    known, none = interleaved(
        runs, lambda: _run(leads, Policy(), consents=True), lambda: _run(leads, Policy())
    )
    what = "Messages pris par un canal, le consentement d’une personne connu"
    return [capped, Figure(what, unit, known, "sans politique ni consentement", none)]


if __name__ == "__main__":
    print(table(measure(leads=int(sys.argv[1]) if sys.argv[1:] else _LEADS)))
