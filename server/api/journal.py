"""The audit log, line after line: what « Journal » shows, with its filter, to its first row."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from server.access.actions import FAMILIES
from server.access.register import AccessRegister
from server.api.asking import Misasked
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, INSTANT, TEXT, shape
from server.web.audit_file import audit_lines
from server.web.page import Access

_KIND = Parameter(
    *("kind", "query", {"type": "string", "enum": list(FAMILIES)}),
    "De ces actes seulement : un nom qui finit par un point en est toute une famille.",
)
_BEFORE = Parameter(
    *("before", "query", {"type": "integer", "minimum": 1}),
    "D’avant cette ligne : son numéro, celui de la dernière reçue pour continuer.",
)
_SAID = ["string", "number", "boolean", "null"]
_DETAIL = {"type": [*_SAID, "array"], "items": {"type": _SAID}}
_DETAILS = {"type": "object", "additionalProperties": _DETAIL}
_LINE = shape(
    {
        **{
            "number": COUNT,
            "at": INSTANT,
            "who": TEXT,
            "from": TEXT,
            "action": TEXT,
            "object": TEXT,
        },
        **{"said": TEXT, "before": _DETAILS, "after": _DETAILS, "mark": TEXT},
    }
)


class JournalOperations:
    """The audit log of a server: whoever reads it administers; what is personal in it is masked."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register

    def operations(self) -> Iterator[ApiOperation]:
        """One, that answers as many lines as there are."""
        yield ApiOperation(
            *("exportJournal", "GET", "/journal", Access.ADMINISTER),
            "Le journal d’audit, un objet JSON par ligne, le plus récent d’abord ; ce qui désigne une personne y "
            "est masqué, et la prise en est elle-même notée.",
            self._exported,
            _LINE,
            (_KIND, _BEFORE),
            streams=True,
        )

    async def _exported(self, request: Request) -> Response:
        given = request.query_params
        kind, before = given.get("kind", ""), given.get("before", "")
        if kind and kind not in FAMILIES:
            raise Misasked("contenu-refuse", "/kind", f"L’un de : {', '.join(FAMILIES)}.")
        if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
            raise Misasked("contenu-refuse", "/before", "Le numéro d’une ligne.")
        upto = int(before) if before else None
        return await audit_lines(self._register, request, kind, upto)
