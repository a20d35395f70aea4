"""That a lead waits for the hour: « ordre : Audience » looks at what came on the hour alone.

Until then nothing is entered, left or passed, and nothing else says why.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from dsl.program import Program
from relance.french import quoted
from server.engine.own_events import INNER
from server.reports import french
from server.reports.ledger import Ledger
from server.store.instants import HOUR, from_micros, to_micros

#: Of what waits for the hour, how many are named.
_FEW = 3
_ORDER = quoted("ordre : Audience")


def hour_of(ledger: Ledger, campaign: int, program: Program, now: datetime, zone: ZoneInfo) -> str:
    """Until when a campaign has a lead wait, and why; empty when it does not look on the hour.

    `program`: the one the lead is in, or would enter. What waits is named, where something does.
    """
    known = ledger.states.get(campaign)
    if not program.hourly or (known is not None and known.rests):
        return ""
    looked = to_micros(now) // HOUR * HOUR + HOUR
    when = f"le {french.instant(from_micros(looked), zone)}"
    kept = [ledger.events[one] for one in ledger.kept.get(campaign, ()) if one in ledger.events]
    seen = [one for one in kept if one.type not in INNER]
    named = dict.fromkeys(
        quoted(ledger.glossary.event(one.type, one.subject, one.context)) for one in seen
    )
    if not named:
        return (
            f"La campagne est regardée à chaque heure pleine ({_ORDER}) : la prochaine fois {when}."
        )
    what = ", ".join(list(named)[:_FEW]) + (", …" if len(named) > _FEW else "")
    waits = "attend" if len(named) == 1 else "attendent"
    return (
        f"{what} {waits} l’heure pleine, {when} : la campagne n’est regardée qu’alors ({_ORDER})."
    )


def hours_of(ledger: Ledger, now: datetime, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Each campaign where the lead is, that has it wait so, and in which words."""
    inside = {row.campaign_id: row.version_id for row in ledger.enrolments if row.active}
    for campaign, version in inside.items():
        if said := hour_of(ledger, campaign, ledger.programs[version], now, zone):
            yield ledger.campaigns[campaign], said
