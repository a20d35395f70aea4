"""How the scenarios of the draft go, beside what publishing it would do: asked apart while they are played.

What the page counts of people does not wait for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole
from relance.errors import RelanceError, StoreUnavailable
from server.access.callers import Requester
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress
from server.web.office import Office
from server.web.page import Access, Page

PATH = "/publier/scenarios"
#: How long, in seconds, it waits for them to end before it says how far they are.
_PATIENCE = 3.0
#: Any of them opens a page that it is a part of, and none holds another.
_WHO = AccessRole.READ, AccessRole.WRITE, AccessRole.PUBLISH


@dataclass(frozen=True, slots=True)
class RehearsalPart:
    """Names those that fail, once all were played; how far they are, until then."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """A part of the page where it is published, and of the one where that is agreed to."""
        yield Page(PATH, Access.SIGNED_IN, self.part)

    async def part(self, request: Request) -> Response:
        """`choix` in the address: with the box by which one passes over those that fail; `malgre`: they are."""
        caller: Requester = request.state.caller
        found: DraftRehearsal | RehearsalProgress = DraftRehearsal()
        try:
            if any(map(caller.may, _WHO)):
                found = await self.office.rehearsal(_PATIENCE)
        except StoreUnavailable:
            raise
        except (RelanceError, OSError):
            pass  # the page itself says what is wrong with the draft
        chooses, despite = (name in request.query_params for name in ("choix", "malgre"))
        return self.office.frame.part(
            request,
            "_rehearsal.html",
            rehearsal=found,
            chooses=chooses,
            despite=despite,
            aloud=True,
        )
