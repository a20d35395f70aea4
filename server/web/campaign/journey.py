"""The first page of a campaign: its script, and beside it its tree with the people in it, live."""

from asyncio import to_thread
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from dsl.program import Exit, Leave, Program
from dsl.program_codec import from_json
from server.reports import words
from server.reports.few import FEW
from server.reports.performance.campaign import campaign_performance
from server.reports.performance.crowd import Crowd, arrivals, crowd
from server.reports.performance.listing import CampaignSummary
from server.reports.performance.messages import MessageLine, message_lines
from server.reports.performance.reading import EVER, DaySpan
from server.reports.version_number import numbered
from server.store.schema.campaigns import versions
from server.web.campaign.draft_script import draft_script
from server.web.campaign.overview import top
from server.web.campaign.tree import DrawnNode, tree
from server.web.frame import viewer_of
from server.web.live import Live
from server.web.office import Office
from server.web.page import Access, Page
from server.web.prose import own, parted, prose
from server.web.reach import reaches
from server.web.typography import percent

PATH = "/campagnes/{campagne}"
#: The periods one may look at, in days; None: since it began.
PERIODS: dict[str, tuple[str, int | None]] = {
    "": ("Depuis toujours", None),
    "30": ("30 derniers jours", 30),
    "7": ("7 derniers jours", 7),
}


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """Shows them."""

    office: Office
    live: Live

    def pages(self) -> Iterator[Page]:
        """The page, and the part of it that changes by itself."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(PATH + "/arbre", Access.READ, self.part)

    async def page(self, request: Request) -> Response:
        """The script and the tree of the version that takes people in, or of another."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            values = {**await top(self.office, conn, one), **await self._tree(request, conn, one)}
        lines, tries = parted(prose(values["source"]))
        begins, ends = own(lines, one.name)
        draft = await to_thread(draft_script, self.office.settings.folder, one.name)
        return self.office.frame.page(
            request,
            "campaign.html",
            here="campagnes",
            title=one.name,
            trail=(("Campagnes", "/campagnes"),),
            tab="script",
            before=lines[:begins],
            lines=lines[begins:ends],
            after=lines[ends:],
            tries=tries,
            draft_file=draft.file if draft is not None else "",
            **values,
        )

    async def part(self, request: Request) -> Response:
        """What of it changes by itself: the same for all who may open what it counts."""
        query = str(request.query_params)[:200]
        key = (request.url.path, query, Access.PERSONAL in viewer_of(request).may)
        answer: Response = await self.live.shared(key, lambda: self._part(request))
        return answer

    async def _part(self, request: Request) -> Response:
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            values = {**await top(self.office, conn, one), **await self._tree(request, conn, one)}
        return self.office.frame.part(request, "_live_tree.html", oob=True, **values)

    async def _tree(
        self, request: Request, conn: AsyncConnection, one: CampaignSummary
    ) -> dict[str, Any]:
        asked = request.query_params
        period = asked.get("periode", "")
        period = period if period in PERIODS else ""
        days = self._days(PERIODS[period][1])
        known = await _versions(conn, one.id)
        wanted = asked.get("version", "") or str(one.number)
        row = next((each for each in known if str(each.number) == wanted), None)
        row = row or next(iter(known), None)
        if row is None:
            return {"nodes": (), "source": "", "versions": (), "version": None, "period": period}
        program = from_json(row.program)
        found = await crowd(conn, one.id, row.id, days)
        nodes = tree(program, found, self.office.glossary)
        _say_deliveries(nodes, await message_lines(conn, (one.id,), days, each=True))
        ever = await campaign_performance(conn, one.id, one.name, EVER)
        others = sum(line.inside for line in ever.versions if line.version != row.id)

        opens = reaches(request, viewer_of(request).may, f"/campagnes/{one.id}/personnes")

        def address(number: int, branch: object) -> str:
            if not opens:
                return ""
            place = {"version": row.number, "noeud": number}
            if branch == "ici":
                place["ou"] = "ici"
            elif branch is not None:
                place["branche"] = branch
            return f"/campagnes/{one.id}/personnes?{urlencode(place)}"

        return {
            "nodes": nodes,
            "address": address,
            "source": row.source,
            "versions": [each.number for each in known],
            "version": row.number,
            "current": row.id == one.version,
            "period": period,
            "periods": {key: title for key, (title, _) in PERIODS.items()},
            "crowd": found,
            "exits": _exits(program, found),
            "others": others,
            "brought": max(found.arrived - found.entered, 0) if not period else 0,
        }

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
            node.detail = f"{line.sent} envoyés"
        for branch in node.branches:
            stack.extend(branch.nodes)
