"""Files of leads brought in by programs: received, tried as they are to be read, started.

What the page does, in the same steps: nothing is written before it is started, and a file that nobody
comes back for is thrown away after a day. Where an import stands is told by `imports`.
"""

import asyncio
from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import RelanceError
from relance.fold import key_of
from relance.legible import in_json
from server.access.register import AccessRegister
from server.api.asking import Misasked, body, flag, text
from server.api.operation import ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, FLAG, SHARE, TEXT, or_null, several, shape
from server.http.exchange import JSON
from server.imports import deposit
from server.imports.cells import Unfit, day
from server.imports.deposit import Deposit
from server.imports.order import ImportOrder, mark_of
from server.imports.upsert import UpsertTally
from server.store.fields import FieldCatalogue
from server.web.imports.importing import MOST
from server.web.imports.mapping import FileLook, by_form, look
from server.web.imports.trials import ImportTrials, RunningTrial
from server.web.office import Office, actor_of
from server.web.page import Access

_NAME = Parameter(
    "name", "query", TEXT, "Le nom du fichier : «\u00a0leads.csv\u00a0», «\u00a0leads.xlsx\u00a0»."
)
_FILE = Parameter("file", "path", TEXT, "Le nom que receiveFile a donné au fichier.")
_LONGEST, _IN_MEMORY, _SHOWN = 200, 1 << 20, 50
#: How long whoever asks is kept waiting for a trial, in seconds: most are done by then.
_PATIENCE = 2.0
_TALLY = ("created", "updated", "unchanged", "rejected")
_COLUMN = shape(
    {"name": TEXT, "sample": several(TEXT), "field": or_null(TEXT), "near": or_null(TEXT)}
)
_RECEIVED = shape(
    {"file": TEXT, "name": TEXT, "columns": several(_COLUMN), "problem": or_null(TEXT)}
)
_ORDER: Mapping[str, Schema] = {
    "key": TEXT,
    "columns": {"type": "object", "additionalProperties": or_null(TEXT)},
    "lists": several(TEXT),
    "tags": several(TEXT),
    "heard": FLAG,
    "as_of": TEXT,
    "consent": TEXT,
}
_REJECT = shape({"line": COUNT, "reason": TEXT})
_TRIED = shape(
    {
        "done": FLAG,
        "share": SHARE,
        **dict.fromkeys(_TALLY, COUNT),
        "rejects": several(_REJECT),
        "problem": or_null(TEXT),
    }
)


class ImportFileOperations:
    """The files that a server was handed, and has yet to bring in."""

    def __init__(self, office: Office, trials: ImportTrials, register: AccessRegister) -> None:
        self._office, self._trials, self._register = office, trials, register

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        readable = ("inconnu", "json-attendu", "json-illisible")
        yield ApiOperation(
            *("receiveFile", "POST", "/import-files", Access.PERSONAL),
            "Recevoir un fichier de leads, dans le corps de la demande : ses colonnes, et le champ que "
            "chacune remplirait. Rien n’est encore écrit ; gardé un jour.",
            self._receive,
            _RECEIVED,
            (_NAME,),
            most=MOST,
            takes_file=True,
        )
        yield ApiOperation(
            *("tryFile", "POST", "/import-files/{file}/try", Access.PERSONAL),
            "Dire comment le lire, et ce que cela ferait : rien n’est écrit. Redemandez jusqu’à "
            "«\u00a0done\u00a0». Un objet vide redemande sans rien changer.",
            self._try,
            _TRIED,
            (_FILE,),
            body=shape(_ORDER, *_ORDER),
            problems=readable,
        )
        yield ApiOperation(
            *("startFile", "POST", "/import-files/{file}/start", Access.PERSONAL),
            "L’importer comme il a été dit ; getImport dit ensuite où il en est. «\u00a0anew\u00a0» le reprend "
            "du début s’il l’a déjà été.",
            self._start,
            shape({"import": TEXT}),
            (_FILE,),
            body=shape({"anew": FLAG}, "anew"),
            problems=readable,
        )

    async def _receive(self, request: Request) -> Response:
        name = request.query_params.get("name", "").strip()
        if not name or len(name) > _LONGEST:
            raise Misasked(
                "contenu-refuse", "/name", "Dites le nom du fichier, «\u00a0leads.csv\u00a0»."
            )
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            async for chunk in request.stream():
                await asyncio.to_thread(content.write, chunk)
            content.seek(0)
            folder = self._office.settings.folder
            kept = await asyncio.to_thread(deposit.receive, folder, name, cast(Any, content))
        try:
            found = await asyncio.to_thread(look, kept.path, self._fields, ImportOrder())
        except RelanceError as fault:
            kept.throw_away()
            raise Misasked("contenu-refuse", "", str(fault)) from fault
        return _answer(_received(kept, found, self._fields))

    async def _try(self, request: Request) -> Response:
        kept, given = self._known(request), await body(request, _ORDER)
        if given:
            await self._say(kept, given)
        mark = await asyncio.to_thread(mark_of, kept.path, kept.order)
        running = self._trials.begun(kept, mark)
        if running.task is not None and not running.over:
            await asyncio.wait({running.task}, timeout=_PATIENCE)
        return _answer(_tried(running))

    async def _start(self, request: Request) -> Response:
        kept, given = self._known(request), await body(request, ("anew",))
        anew, name = flag(given, "anew"), kept.path.name
        await self._readable(kept, kept.order)
        mark = await asyncio.to_thread(lambda: kept.hand_over(anew=anew))
        self._trials.forget(mark)
        async with self._register.store.write() as conn:
            await self._register.audit.note(conn, actor_of(request), "import.lance", name)
        return _answer({"import": mark})

    @property
    def _fields(self) -> FieldCatalogue:
        return self._office.store.fields

    async def _say(self, kept: Deposit, given: Mapping[str, Any]) -> None:
        order = _order_of(given, self._fields)
        await self._readable(kept, order)
        await asyncio.to_thread(kept.say, order)

    async def _readable(self, kept: Deposit, order: ImportOrder) -> None:
        try:
            await self._trials.people(kept, order)
        except RelanceError as fault:
            raise Misasked("contenu-refuse", "/columns", by_form(str(fault))) from fault

    def _known(self, request: Request) -> Deposit:
        found = deposit.find(self._office.settings.folder, request.path_params["file"])
        if found is None:
            why = "Aucun fichier reçu ne porte ce nom, ou il a été jeté."
            raise Misasked("inconnu", "/file", why)
        return found


def _order_of(given: Mapping[str, Any], fields: FieldCatalogue) -> ImportOrder:
    """What a body asks."""
    known = {key_of(one.name): one.name for one in fields}

    def named(value: object, place: str) -> str:
        if value in (None, ""):
            return ""
        if not isinstance(value, str) or key_of(value) not in known:
            raise Misasked(
                "contenu-refuse", place, f"Un champ des leads : {', '.join(known.values())}."
            )
        return known[key_of(value)]

    columns = given.get("columns", {})
    if not isinstance(columns, dict):
        raise Misasked(
            "contenu-refuse", "/columns", "Un objet : à chaque colonne, son champ ou null."
        )
    as_of = text(given, "as_of")
    try:
        when = day(as_of).isoformat() if as_of else None
    except Unfit as unfit:
        raise Misasked(
            "contenu-refuse", "/as_of", f"Cette date ne se lit pas : {unfit}."
        ) from unfit
    return ImportOrder(
        _names(given, "lists"),
        _names(given, "tags"),
        named(given.get("key"), "/key") or ImportOrder().key,
        {name: named(value, f"/columns/{name}") for name, value in columns.items()},
        heard=flag(given, "heard"),
        as_of=when,
        consent=text(given, "consent") or None,
    )


def _names(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = given.get(name, [])
    if not isinstance(found, list) or not all(
        isinstance(one, str) and 0 < len(one.strip()) <= _LONGEST for one in found
    ):
        raise Misasked(
            "contenu-refuse", f"/{name}", "Une liste de noms, de 200 caractères au plus."
        )
    return tuple(dict.fromkeys(one.strip() for one in found))


def _received(kept: Deposit, found: FileLook, fields: FieldCatalogue) -> Mapping[str, Any]:
    named = {one.key: one.name for one in fields}
    return {
        "file": kept.token,
        "name": kept.path.name,
        "columns": [
            {
                "name": one.name,
                "sample": list(one.sample),
                "field": named.get(one.field) or one.special or None,
                "near": one.near or None,
            }
            for one in found.columns
        ],
        "problem": found.wrong or None,
    }


def _tried(running: RunningTrial) -> Mapping[str, Any]:
    trial, progress = running.found, running.progress
    tally = trial.tally if trial else progress.tally if progress else UpsertTally()
    return {
        "done": running.over,
        "share": 1.0 if trial else progress.share if progress else 0.0,
        **{fate: getattr(tally, fate) for fate in _TALLY},
        "rejects": [
            {"line": one.line, "reason": one.reason}
            for one in (trial.rejects[:_SHOWN] if trial else ())
        ],
        "problem": running.wrong or None,
    }


def _answer(found: Mapping[str, Any]) -> Response:
    return Response(in_json(found), media_type=JSON)
