"""All operations, as the site answers them, and the document that says them."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from itertools import chain
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from relance.host import Clock
from relance.legible import in_json
from server.api.asking import Misasked
from server.api.campaigns import CampaignOperations, Perform
from server.api.document import document
from server.api.leads import LeadOperations
from server.api.operation import PATH, ApiOperation
from server.api.publications import PublicationOperations
from server.api.reports import ReportOperations
from server.http.exchange import JSON
from server.http.problems import Problems
from server.reports.glossary import Glossary
from server.store.store import Store
from server.web.page import Access, Page

DOCUMENT = f"{PATH}/openapi.json"


class Endpoints:
    """What programs may ask of a server."""

    def __init__(
        self, store: Store, clock: Clock, zone: ZoneInfo, glossary: Glossary, perform: Perform
    ) -> None:
        self.operations: tuple[ApiOperation, ...] = tuple(
            chain(
                CampaignOperations(store, perform).operations(),
                PublicationOperations(perform).operations(),
                ReportOperations(store, clock, zone).operations(),
                LeadOperations(store, glossary, zone).operations(),
            )
        )

    def pages(self, problems: Problems) -> Iterator[Page]:
        """Each where it is asked."""
        said = in_json(document(self.operations))

        async def served(_request: Request) -> Response:
            return Response(said, media_type=JSON)

        yield Page(DOCUMENT, Access.READ, served)
        for one in self.operations:
            yield replace(one, respond=_refusing(one.respond, problems)).page


def _refusing(
    respond: Callable[[Request], Awaitable[Response]], problems: Problems
) -> Callable[[Request], Awaitable[Response]]:
    async def refusing(request: Request) -> Response:
        try:
            return await respond(request)
        except Misasked as wrong:
            return problems.answer(wrong.name, wrong.errors)

    return refusing
