"""What the tree of a campaign shows: of a version, or of the draft on screen, with who is in it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from dsl.program import Exit, Leave, Program
from dsl.program_codec import from_json
from server.language.draft import DraftLanguage
from server.reports import french, words
from server.reports.few import FEW
from server.reports.performance.carried import CarriedCrowd, carried
from server.reports.performance.crowd import Crowd, arrivals, crowd
from server.reports.performance.listing import CampaignSummary
from server.reports.performance.messages import MessageLine, message_lines
from server.reports.performance.reading import EVER, DaySpan
from server.reports.version_number import numbered
from server.store.schema.campaigns import versions
from server.web.campaign.draft_tree import (
    DraftedJourney,
    OnScreen,
    drafted_journey,
    handled,
    number_as_running,
    relined,
)
from server.web.campaign.overview import top
from server.web.campaign.tree import DrawnNode, tree
from server.web.frame import viewer_of
from server.web.office import Office
from server.web.reach import reaches
from server.web.typography import percent

#: The periods one may look at, in days; None: since it began.
PERIODS: dict[str, tuple[str, int | None]] = {
    "": ("Depuis toujours", None),
    "30": ("30 derniers jours", 30),
    "7": ("7 derniers jours", 7),
}
#: Of a campaign that was never published.
_NOBODY = Crowd(0, 0, {}, {}, Counter())


@dataclass(frozen=True, slots=True)
class JourneyTree:
    """Finds it."""

    office: Office
    draft: DraftLanguage

    async def values(
        self, request: Request, one: CampaignSummary, screen: OnScreen | None
    ) -> dict[str, Any]:
        """What the head of the page and its tree show; `screen`: the draft, where it is what is drawn."""
        drafted = None
        if screen is not None:
            drafted = await drafted_journey(self.draft, one.name, screen)
        async with self.office.store.read() as conn:
            head = await top(self.office, conn, one)
            return {**head, **await self._tree(request, conn, one, drafted)}

    async def _tree(
        self,
        request: Request,
        conn: AsyncConnection,
        one: CampaignSummary,
        drafted: DraftedJourney | None,
    ) -> dict[str, Any]:
        asked = request.query_params
        period = asked.get("periode", "")
        period = period if period in PERIODS else ""
        known = await _versions(conn, one.id)
        wanted = asked.get("version", "") or str(one.number)
        row = next((each for each in known if str(each.number) == wanted), None)
        row = row or next(iter(known), None)
        values = {
            "versions": [each.number for each in known],
            "period": period,
            "periods": {key: title for key, (title, _) in PERIODS.items()},
            "drafted": drafted,
            "source": row.source if row is not None else "",
        }
        if row is None:
            return {**values, **self._unpublished(drafted)}
        days = self._days(PERIODS[period][1])
        program = from_json(row.program)
        found = await crowd(conn, one.id, row.id, days)
        nodes, kept = self._drawn(program, found, drafted)
        lines = drafted.lines(row.source) if drafted is not None else None
        if lines is not None:
            relined(nodes, lines)
        if drafted is not None and drafted.outline is not None:
            handled(nodes, drafted.outline)
        _say_deliveries(nodes, await message_lines(conn, (one.id,), days, each=True))
        return {
            **values,
            "nodes": nodes,
            "kept": kept,
            "address": self._addresses(request, one, row.number),
            "version": row.number,
            "current": row.id == one.version,
            "differs": drafted is not None and drafted.text != row.source,
            "exits": _exits(program, found),
            "others": found.elsewhere,
            "brought": max(found.arrived - found.entered, 0) if not period else 0,
        }

    def _drawn(
        self, program: Program, found: Crowd, drafted: DraftedJourney | None
    ) -> tuple[Sequence[DrawnNode], CarriedCrowd | None]:
        """The nodes, and what of the version they keep where they are a draft's."""
        if drafted is None or drafted.program is None:
            return tree(program, found, self.office.glossary), None
        kept = carried(program, drafted.program, found)
        nodes = tree(drafted.program, kept.crowd, self.office.glossary)
        number_as_running(nodes, kept)
        return nodes, kept

    async def unpublished(self, screen: OnScreen) -> dict[str, Any]:
        """What the tree shows of the campaign of a script, which runs nowhere yet."""
        drafted = await drafted_journey(self.draft, None, screen)
        return {"drafted": drafted, **self._unpublished(drafted)}

    def _unpublished(self, drafted: DraftedJourney | None) -> dict[str, Any]:
        program = drafted.program if drafted is not None else None
        nodes = tree(program, _NOBODY, self.office.glossary) if program is not None else ()
        lines = drafted.lines("") if drafted is not None else None
        if lines is not None:
            relined(nodes, lines)
        if drafted is not None and drafted.outline is not None:
            handled(nodes, drafted.outline)
        return {
            "nodes": nodes,
            "kept": None,
            "address": lambda *_: "",
            "version": None,
            "current": False,
            "differs": False,
            "exits": (),
            "others": 0,
            "brought": 0,
        }

    def _addresses(
        self, request: Request, one: CampaignSummary, version: int
    ) -> Callable[[int, object], str]:
        """Where those are that a number of the tree counts; nowhere for who may not see them."""
        opens = reaches(request, viewer_of(request).may, f"/campagnes/{one.id}/personnes")

        def address(number: int, branch: object) -> str:
            if not opens:
                return ""
            place: dict[str, object] = {"version": version, "noeud": number}
            if branch == "ici":
                place["ou"] = "ici"
            elif branch is not None:
                place["branche"] = branch
            return f"/campagnes/{one.id}/personnes?{urlencode(place)}"

        return address

    def _days(self, count: int | None) -> DaySpan:
        if count is None:
            return EVER
        last = self.office.clock.now().astimezone(self.office.settings.zone).date()
        return DaySpan(last - timedelta(days=count - 1), last)


async def _versions(conn: AsyncConnection, campaign: int) -> Sequence[Any]:
    each = numbered(campaign)
    mine = select(versions, each.c.number).join(each, each.c.id == versions.c.id)
    return (await conn.execute(mine.order_by(versions.c.id.desc()).limit(50))).all()


def _exits(program: Program, found: Crowd) -> Sequence[tuple[str, int]]:
    """How many left otherwise than by the end or by a line that says so, in words."""
    by_lines = arrivals(program, found)
    left = {Exit.FINISHED.value: 0, **found.left}
    for at, statement in enumerate(program.statements):
        if isinstance(statement, Leave):
            outcome = statement.outcome.value
            left[outcome] = left.get(outcome, 0) - by_lines.get(at, 0)
    del left[Exit.FINISHED.value]
    return [(words.outcome(outcome), n) for outcome, n in left.items() if n > 0]


def _say_deliveries(nodes: Sequence[DrawnNode], lines: Sequence[MessageLine]) -> None:
    """Beside each message sent, how it was received; of fewer than some, only how many left."""
    by_name = {line.message: line for line in lines}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        line = by_name.get(node.message) if node.message else None
        if line is not None and line.sent >= FEW:
            delivered, clicked = line.of(("delivered",)), line.of(("clicked",))
            node.detail = f"{percent(delivered / line.sent)} livrés, {percent(clicked / line.sent, 0)} cliqués"
        elif line is not None and line.sent:
            node.detail = french.count(line.sent, "envoyé")
        for branch in node.branches:
            stack.extend(branch.nodes)
