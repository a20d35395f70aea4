"""Exclusive groups: their campaigns in the order in which each lets in."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from dsl.service.group_order import exclusive_groups
from server.api.asking import answered
from server.api.operation import ApiOperation
from server.api.report_shapes import shape_of
from server.api.schemas import shape
from server.language.draft import DraftLanguage
from server.reports.as_json import as_json
from server.reports.group_report import grouped_lines, groups_report
from server.web.office import Office
from server.web.page import Access

_GROUPS = shape({"items": shape_of(groups_report(()))})


class GroupOperations:
    """The exclusive groups of a server’s draft, with what runs of them."""

    def __init__(self, office: Office, draft: DraftLanguage) -> None:
        self._office, self._draft = office, draft

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listGroups", "GET", "/groups", Access.READ),
            "Les groupes exclusifs du brouillon\u00a0: leurs campagnes, de la première servie à la dernière, avec "
            "ce qui en tourne.",
            self._list,
            _GROUPS,
        )

    async def _list(self, request: Request) -> Response:
        groups = await self._draft.ask_kept(exclusive_groups, exclusive_groups)
        today = self._office.clock.now().astimezone(self._office.settings.zone).date()
        async with self._office.store.read() as conn:
            found = groups_report(await grouped_lines(conn, groups, today))
        return answered(request, {"items": as_json(found)})
