"""A crowd that an order would let into a campaign at once: it is asked whether it is wanted, in figures.

Publishing, activating and resuming may each do so, by a list that is longer than was thought; what is
sent then cannot be taken back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from relance.french import quoted
from server.engine.life import deciding
from server.engine.life.state import State
from server.orders.declined import Declined, Gesture
from server.reports import french
from server.reports.influx import influx
from server.reports.verdict import Askable
from server.settings import Settings

#: The argument of an order that says how many may enter at once.
ALLOWED = "autoriser"
#: By an order that lets in, of a campaign in which state.
_LETTING_IN = {"activer": State.INACTIVE, "reprendre": State.PAUSED}


async def crowd(store: Askable, campaign: Any, verb: str, now: datetime, zone: ZoneInfo) -> int:
    """How many that order would let in at once. `campaign`: its row."""
    if State(campaign.state) is not _LETTING_IN.get(verb):
        return 0
    return await influx(store, campaign, now, zone)


def refusal(
    entering: int, settings: Settings, allowed: int | None, *, into: str = "", done: str = "fait"
) -> Declined | None:
    """Why so many must not enter without a word; None when they may.

    `allowed`: how many whoever asks says may; None: as the settings say. `into`: the campaign, when
    it is one.
    """
    most = settings.entering if allowed is None else allowed
    if entering <= most:
        return None
    where = f" dans la campagne {quoted(into)}" if into else ""
    return Declined(
        f"{french.number(entering)} personnes entreraient aussitôt{where}, et plus de "
        f"{french.number(most)} à la fois se demandent. Si c’est voulu, ajoutez «\u00a0",
        *(Gesture.ALLOW, f" {entering}\u00a0». Rien n’a été {done}."),
        about=ALLOWED,
    )


async def unasked(
    store: Askable, settings: Settings, now: datetime, verb: str, given: Mapping[str, str]
) -> Declined | None:
    """Why an order is declined that would let in a crowd nobody allowed; None when it would not."""
    async with store.read() as conn:
        campaign = await deciding.find(conn, given["campagne"])
    if campaign is None:
        return None
    entering = await crowd(store, campaign, verb, now, settings.zone)
    return unallowed(entering, settings, given, campaign.name)


def unallowed(
    entering: int, settings: Settings, given: Mapping[str, str], campaign: str
) -> Declined | None:
    """Why so many must not enter it by an order of these arguments; None when they may."""
    allowed = int(given[ALLOWED]) if given.get(ALLOWED) else None
    return refusal(entering, settings, allowed, into=campaign)
