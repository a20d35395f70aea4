"""The reports that the team saved: their list, and each as it stands today."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from server.access.callers import Requester
from server.api.asking import Misasked, answered
from server.api.operation import ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, DAY, INSTANT, TEXT, or_null, several, shape
from server.report_mail.listing import saved_rows
from server.report_mail.reading_rights import role_of
from server.reports.as_json import as_json
from server.reports.performance.offered import DatedBy, OfferedReport, Unreported
from server.reports.saved import asked_on, beside_former, in_words, offered_of
from server.store import saved_reports
from server.store.counting import counted_by
from server.store.instants import from_micros
from server.store.saved_reports import SavedQuestion
from server.web.office import Office
from server.web.page import Access

_NAME = Parameter("name", "path", TEXT, "Le nom sous lequel il est enregistré.")
_SAVED = shape(
    {
        **{"name": TEXT, "asked": TEXT, "owner": TEXT, "mailed": or_null(TEXT)},
        **{"readers": COUNT, "next": or_null(INSTANT), "fault": or_null(TEXT)},
    }
)
#: What a report holds is that of its own operation: a row an object, one object, or each by its key.
_CELL: Schema = {"type": ["string", "number", "boolean", "null"]}
_CELLS: Schema = {**_CELL, "type": [*_CELL["type"], "array", "object"], "items": _CELL}
_ROW: Schema = {"type": "object", "additionalProperties": {**_CELLS, "additionalProperties": _CELL}}
_PART: Schema = {
    **_ROW["additionalProperties"],
    "items": {**_ROW, **_CELL, "type": [*_CELL["type"], "object"]},
}
_ANY: Schema = {"type": ["array", "object"], "items": _ROW, "additionalProperties": _PART}
_MOST = 1_000


class SavedReportOperations:
    """Those of a server, that who asks may read."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def operations(self) -> Iterator[ApiOperation]:
        """Both."""
        yield ApiOperation(
            *("listSavedReports", "GET", "/saved-reports", Access.READ),
            "Les rapports enregistrés : ce que chacun demande, et quand il part par courriel.",
            self._listed,
            shape({"items": several(_SAVED)}),
        )
        yield ApiOperation(
            *("readSavedReport", "GET", "/saved-reports/{name}", Access.READ),
            "Un rapport enregistré, tel qu’il est aujourd’hui ; « before » : la période d’avant, s’il est "
            "à côté d’elle.",
            self._read,
            shape(
                {"name": TEXT, "from": DAY, "to": DAY, "report": _ANY, "before": _ANY},
                *("from", "to", "before"),
            ),
            (_NAME,),
            problems=("pas-compte", "inconnu"),
        )

    def _offered(self, request: Request, asked: SavedQuestion) -> OfferedReport | None:
        """What it asks, where who asks may read that."""
        caller: Requester = request.state.caller
        one = offered_of(asked, self._office.added.reports)
        return one if one is not None and role_of(one) in caller.roles else None

    async def _listed(self, request: Request) -> Response:
        async with self._office.store.read() as conn:
            rows = await saved_rows(conn)
        items = []
        for row in rows:
            saved = row.saved
            if (one := self._offered(request, saved.asked)) is not None:
                due = None if saved.due_at is None else from_micros(saved.due_at).isoformat()
                said: dict[str, object]
                said = {"name": saved.name, "asked": in_words(saved.asked, one), "owner": row.owner}
                said |= {"fault": saved.fault or None, "mailed": row.mailed or None}
                items.append({**said, "readers": row.readers, "next": due})
        return answered(request, {"items": items})

    async def _read(self, request: Request) -> Response:
        office, name = self._office, request.path_params["name"]
        async with office.store.read() as conn:
            saved = await saved_reports.by_name(conn, name)
            one = self._offered(request, saved.asked) if saved is not None else None
            if saved is None or one is None:
                raise Misasked("inconnu", "/name", "Aucun rapport n’est enregistré sous ce nom.")
            if await counted_by(conn) is None:
                raise Misasked("pas-compte")
            today = office.clock.now().astimezone(office.settings.zone).date()
            asked = asked_on(saved.asked, today, _MOST)
            compared = saved.asked.compared
            try:
                now, then = await beside_former(one, conn, office.ground, asked, compared=compared)
            except Unreported as none:
                raise Misasked("inconnu", "/name", str(none)) from none
        said: dict[str, object] = {"name": saved.name, "report": as_json(now)}
        if then is not None:
            said["before"] = as_json(then)
        if one.dated is DatedBy.PERIOD:
            said |= {"from": asked.days.first.isoformat(), "to": asked.days.last.isoformat()}
        return answered(request, said)
