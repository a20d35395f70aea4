"""« Si vous publiez la version N »: what publishing the draft would do to this campaign, on its own page.

Asked apart, once the page is there: it counts what the page of publishing counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import RelanceError, StoreUnavailable
from server.orders.publishing import PublishAnswer, PublishOrder
from server.publication.report import LASTING, PublishedChange
from server.reports.performance.house import CourseStep, course
from server.reports.performance.reading import DaySpan
from server.reports.version_number import version_numbers
from server.web.frame import viewer_of
from server.web.office import Office
from server.web.page import Access, Page

PATH = "/campagnes/{campagne}/si-publiee"


@dataclass(frozen=True, slots=True)
class IfPublished:
    """Draws the card; an empty answer where publishing would change nothing of the campaign."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """A part of the page of a campaign."""
        yield Page(PATH, Access.READ, self.part)

    async def part(self, request: Request) -> Response:
        """What would become of those inside, who would enter, what keeps it from being."""
        one = await self.office.campaign(request)
        try:
            found = await self.office.publishing.attempt(PublishOrder(viewer_of(request).name))
        except StoreUnavailable:
            raise
        except (RelanceError, OSError):
            found = PublishAnswer()
        mine = [each for each in found.changes if each.name == one.name]
        changed = {each.change for each in mine if each.kind == "campaign"}
        shown = bool(found.problems) or bool(changed & {"changed", "renamed", "back"})
        async with self.office.store.read() as conn:
            numbers = await version_numbers(conn, one.id)
            last = self.office.clock.now().astimezone(self.office.settings.zone).date()
            days = DaySpan(last - timedelta(days=6), last)
            lines = await course(conn, days, CourseStep.DAY, one.id)
        staying, others = _inside(mine)
        entries = sum(line.counts.get("entered", 0) for line in lines)
        return self.office.frame.part(
            request,
            "_if_published.html",
            campaign=one,
            shown=shown,
            problems=found.problems,
            next=max(numbers.values(), default=0) + 1,
            staying=staying,
            passing=others,
            entering=[each for each in mine if each.change == "entering"],
            remarks=[each for each in mine if each.change in ("overlap", "redrawn")],
            a_day=round(entries / len(lines)) if lines else 0,
        )


def _inside(mine: Sequence[PublishedChange]) -> tuple[int, Sequence[PublishedChange]]:
    """How many keep their version, and what becomes of the others."""
    people = [each for each in mine if each.kind == "people"]
    kept = sum(each.count or 0 for each in people if each.change in LASTING)
    return kept, [each for each in people if each.change not in LASTING]
