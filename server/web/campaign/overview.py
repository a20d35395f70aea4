"""What stands at the top of every page of a campaign: its state, its goal, its figures, its tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import NBSP
from server.reports import french
from server.reports.few import FEW
from server.reports.goals import GoalLine
from server.reports.group_ranks import place_of
from server.reports.performance.campaign import CampaignHead, campaign_head
from server.reports.performance.house import CourseStep, course
from server.reports.performance.listing import CampaignSummary
from server.reports.performance.reading import DaySpan
from server.store import binders
from server.web.campaign.awaited import awaited
from server.web.drawing import bars, spark
from server.web.office import Office

_DAYS, _WEEK, _DAY = 21, 7, 86_400


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its key, its title, its address, and what is said beside."""

    key: str
    title: str
    path: str
    beside: object = None
    kind: str = ""


def campaign_path(number: int) -> str:
    """Where a campaign is opened."""
    return f"/campagnes/{number}"


def tabs_of(number: int) -> Sequence[tuple[str, str, str]]:
    """What there is to open of a campaign, in order: its key, its title, its address."""
    base = campaign_path(number)
    return (
        ("script", "Script et parcours", base),
        ("scenarios", "Scénarios", f"{base}/scenarios"),
        ("personnes", "Personnes", f"{base}/personnes"),
        ("rapport", "Rapport", f"{base}/rapport"),
        ("versions", "Versions", f"{base}/versions"),
    )


def tabs(one: CampaignSummary) -> Sequence[Tab]:
    """The same, with how many people there are inside."""
    beside = {"personnes": french.number(one.inside)}
    return [Tab(key, title, path, beside.get(key)) for key, title, path in tabs_of(one.id)]


def mark_of(key: str) -> str:
    """What addresses and forms call an exclusive group, or a campaign of it."""
    return sha256(key.encode()).hexdigest()[:10]


async def top(office: Office, conn: AsyncConnection, one: CampaignSummary) -> dict[str, Any]:
    """What the head of each page of it shows."""
    ever = await campaign_head(conn, one.id)
    last = office.clock.now().astimezone(office.settings.zone).date()
    span = DaySpan(last - timedelta(days=_DAYS - 1), last)
    lines = await course(conn, span, CourseStep.DAY, one.id)
    entries = [line.counts.get("entered", 0) for line in lines]
    place = await place_of(conn, one.id)
    return {
        "campaign": one,
        "ranked": (f"/groupes#groupe-{mark_of(place[0])}", place[1]) if place else None,
        "tabs": tabs(one),
        "bar": bars(one),
        "goal": _goal(one.goal),
        "spark": spark(entries),
        "spark_label": f"Entrées par jour depuis {_DAYS} jours, de {min(entries)} à {max(entries)}",
        "week": sum(entries[-_WEEK:]),
        "messages": _messages(ever),
        "delay": _delay(ever.median_days),
        "few": FEW,
        "put": (await binders.orders_of(conn, [one.key])).get(one.key),
        **await awaited(office, conn, one),
    }


def _goal(line: GoalLine | None) -> dict[str, Any] | None:
    """The principal goal: its sentence, its rate, and what is missing, in leads."""
    if line is None:
        return None
    target = line.target
    title = f"Objectif «\u00a0{line.rule.name}\u00a0»" + (f" : {target}" if target else "")
    return {
        "title": title,
        "rate": line.rate if line.entered >= FEW else None,
        "reached": line.reached,
        "met": line.met,
        "state": line.state,
    }


def _messages(ever: CampaignHead) -> dict[str, Any]:
    sent = sum(line.sent for line in ever.channels)

    def rate(fate: str) -> float | None:
        return sum(line.of((fate,)) for line in ever.channels) / sent if sent >= FEW else None

    return {
        "sent": sent,
        "delivered": rate("delivered"),
        "clicked": rate("clicked"),
        "unsubscribed": sum(line.of(("unsubscribed",)) for line in ever.channels),
    }


def _delay(days: float | None) -> str | None:
    """« 3 j 4 h », to the hour beyond one."""
    if days is None:
        return None
    seconds = round(days * _DAY)
    whole, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, 3_600)
    units = ((whole, "j"), (hours, "h"), (0 if whole or hours else max(rest // 60, 1), "min"))
    return " ".join(f"{count}{NBSP}{unit}" for count, unit in units if count)
