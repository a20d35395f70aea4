"""All operations, as the site answers them, and the document that says them."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from server.access.register import AccessRegister
from server.api.absences import AbsenceOperations
from server.api.asking import Misasked, expected
from server.api.campaigns import CampaignOperations
from server.api.document import document
from server.api.forms import FormOperations
from server.api.groups import GroupOperations
from server.api.import_files import ImportFileOperations
from server.api.imports import ImportOperations
from server.api.journal import JournalOperations
from server.api.language import LanguageOperations
from server.api.lead_changes import LeadChangeOperations
from server.api.leads import LeadOperations
from server.api.lists import ListOperations
from server.api.messages import MessageOperations
from server.api.once import AnsweredOnce
from server.api.operation import PATH, ApiOperation
from server.api.publication_requests import PublicationRequestOperations
from server.api.publications import PublicationOperations
from server.api.reports import ReportOperations
from server.api.saved_reports import SavedReportOperations
from server.api.scripts import ScriptOperations
from server.api.settings import SettingOperations
from server.api.team import TeamOperations
from server.http.exchange import JSON
from server.http.forms import Forms
from server.http.problems import Problems
from server.web.imports.trials import ImportTrials
from server.web.language import LanguageEndpoints
from server.web.office import Office
from server.web.page import Access, Page
from server.web.workshop import Workshop

DOCUMENT = f"{PATH}/openapi.json"


class Endpoints:
    """What programs may ask of a server."""

    def __init__(
        self,
        office: Office,
        problems: Problems,
        workshop: Workshop,
        door: Forms,
        register: AccessRegister,
    ) -> None:
        store, clock = office.store, office.clock
        desk, publishing, perform = office.desk, office.publishing, office.desk.perform
        language, self._problems = LanguageEndpoints(workshop.draft, store, problems), problems
        self.operations: tuple[ApiOperation, ...] = tuple(
            chain(
                CampaignOperations(store, clock, perform).operations(),
                PublicationOperations(
                    store, desk, publishing, AnsweredOnce(store, clock)
                ).operations(),
                PublicationRequestOperations(store, desk).operations(),
                ReportOperations(office).operations(),
                SavedReportOperations(office).operations(),
                LeadOperations(office, workshop.draft, register).operations(),
                LeadChangeOperations(office).operations(),
                ListOperations(store, perform).operations(),
                GroupOperations(office, workshop.draft).operations(),
                ScriptOperations(workshop).operations(),
                LanguageOperations(language).operations(),
                MessageOperations(workshop.messages).operations(),
                FormOperations(office, door).operations(),
                ImportOperations(store, office.settings.folder).operations(),
                TeamOperations(office).operations(),
                SettingOperations(office).operations(),
                JournalOperations(register).operations(),
                AbsenceOperations(office).operations(),
                ImportFileOperations(office, ImportTrials(office), register).operations(),
            )
        )

    def pages(self) -> Iterator[Page]:
        """Each where it is asked."""
        said = cache(lambda: in_json(document(self.operations)))

        async def served(_request: Request) -> Response:
            return Response(said(), media_type=JSON)

        yield Page(DOCUMENT, Access.READ, served, programs=True)
        for one in self.operations:
            yield replace(one, respond=_refusing(one, self._problems)).page


def _refusing(
    operation: ApiOperation, problems: Problems
) -> Callable[[Request], Awaitable[Response]]:
    named = [one.name for one in operation.parameters if one.place == "query"]

    async def refusing(request: Request) -> Response:
        try:
            expected(request, named)
            return await operation.respond(request)
        except Misasked as wrong:
            return problems.answer(wrong.name, wrong.errors)

    return refusing
