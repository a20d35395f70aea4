"""Imports: where each stands, and the rows it refused."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from server.api.asking import Misasked, answered, cursor, in_part, limit
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, INSTANT, SHARE, TEXT, or_null, part, several, shape
from server.imports import ledger, spool
from server.imports.ledger import ImportProgress
from server.store.instants import from_micros
from server.store.store import Store
from server.web.page import Access

_MARK = Parameter("import", "path", TEXT, "Le nom de l’importation, tel que la liste le dit.")
_LATEST = 50
_TALLY = ("created", "updated", "unchanged", "rejected")
_PROGRESS = shape(
    {
        "import": TEXT,
        "name": TEXT,
        "state": TEXT,
        "row": COUNT,
        "share": SHARE,
        **dict.fromkeys(_TALLY, COUNT),
        "problem": or_null(TEXT),
        "started": or_null(INSTANT),
        "columns": several(TEXT),
    }
)
_REJECT = shape({"line": COUNT, "reason": TEXT, "cells": TEXT})
_PAGING = (
    Parameter("limit", "query", COUNT, "Combien au plus, 200 au plus."),
    Parameter("cursor", "query", TEXT, "Le next de la partie d’avant."),
)


class ImportOperations:
    """The imports of a server."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listImports", "GET", "/imports", Access.PERSONAL),
            "Les dernières importations, et où elles en sont.",
            self._list,
            shape({"items": several(_PROGRESS)}),
        )
        yield ApiOperation(
            *("getImport", "GET", "/imports/{import}", Access.PERSONAL),
            "Où en est une importation ; «\u00a0waiting\u00a0» : le serveur ne l’a pas encore commencée.",
            self._get,
            _PROGRESS,
            (_MARK,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("listRejects", "GET", "/imports/{import}/rejects", Access.PERSONAL),
            "Les lignes qu’une importation a refusées, chacune avec sa raison.",
            self._rejects,
            part(_REJECT),
            (_MARK, *_PAGING),
            problems=("inconnu",),
        )

    async def _list(self, request: Request) -> Response:
        async with self._store.read() as conn:
            found = await ledger.latest(conn, _LATEST)
        return answered(request, {"items": [_said(one) for one in found]})

    async def _get(self, request: Request) -> Response:
        mark = request.path_params["import"]
        async with self._store.read() as conn:
            found = await ledger.find(conn, mark[:64]) if mark.isascii() else None
        if found is None and (left := self._left(mark)) is not None:
            return answered(request, _waiting(left))
        return answered(request, _said(await self._known(request)))

    def _left(self, mark: str) -> spool.Left | None:
        """What is to be begun under that name, if it is."""
        return next((one for one in spool.left(self._folder) if one.mark == mark), None)

    async def _rejects(self, request: Request) -> Response:
        found, most, last = await self._known(request), limit(request), cursor(request)
        if last and not (last.isascii() and last.isdecimal() and len(last) < 19):
            raise Misasked("contenu-refuse", "/cursor", "Prenez celui de la partie d’avant.")
        async with self._store.read() as conn:
            rows = await ledger.rejects(conn, found.id, int(last) if last else -1, most + 1)
        items = [{"line": one.line, "reason": one.reason, "cells": one.cells} for one in rows]
        place = str(rows[most - 1].line) if len(rows) > most else ""
        return answered(request, in_part(items, most, place))

    async def _known(self, request: Request) -> ImportProgress:
        mark = request.path_params["import"]
        async with self._store.read() as conn:
            found = await ledger.find(conn, mark[:64]) if mark.isascii() else None
        if found is None:
            raise Misasked("inconnu", "/import", "Aucune importation ne porte ce nom.")
        return found


def _waiting(one: spool.Left) -> Mapping[str, object]:
    nothing = {**dict.fromkeys(_TALLY, 0), "row": 0, "share": 0.0, "problem": None, "started": None}
    return {"import": one.mark, "name": one.name, "state": "waiting", "columns": [], **nothing}


def _said(one: ImportProgress) -> Mapping[str, object]:
    return {
        "import": one.key,
        "name": one.name,
        "state": one.state,
        "row": one.row,
        "share": one.share,
        **{fate: getattr(one.tally, fate) for fate in _TALLY},
        "problem": one.problem,
        "started": from_micros(one.started_at).isoformat(),
        "columns": list(one.heading),
    }
