"""What the editor of scripts asks, and any program: `/api/v1/language/…`, a question a POST.

Each question brings the text as it is being typed, which nothing keeps; `version`, if it brings one,
comes back with the answer, so that one that comes late is known for what it is.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dsl.diagnostics import Span
from dsl.service.arranging import ArrangeOrder, ArrangeVerb, arranged, outline_of, where
from dsl.service.blocks import BlockPlace
from dsl.service.edits import between
from dsl.service.language_service import LanguageService
from dsl.service.occurrences import Occurrence
from dsl.service.rename import Refusal
from relance.errors import Problem
from relance.french import quoted
from server.folder import SCRIPT
from server.http.problems import Problems
from server.language import shapes
from server.language.draft import DraftLanguage
from server.language.shapes import Json, Units
from server.store.schema.campaigns import campaigns
from server.store.store import Store
from server.web.buttons import by_editor

#: Of the API: `server.api.language` says of each what it takes and answers.
PATH = "/language/"
_LONGEST_NAME = 200


class MalformedQuestion(Exception):
    """A question that cannot be read: the member at fault, and why."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(why)
        self.member, self.why = member, why


@dataclass(frozen=True, slots=True)
class LanguageQuestion:
    """What is asked, once read; `version` is the asker's own."""

    file: str
    text: str
    units: Units
    offset: int = 0
    name: str = ""
    version: object = None
    running: Collection[str] = field(default=())
    #: Whether a page asks, beside whose text buttons stand for what commands do.
    page: bool = False
    #: What is to be done with a block of it.
    order: ArrangeOrder | None = None

    @property
    def point(self) -> int:
        """Where it is asked, in code points."""
        return self.units.point(self.offset)


_Answer = Callable[[LanguageService, LanguageQuestion], Json]


class LanguageEndpoints:
    """The questions, answered from the draft."""

    def __init__(self, draft: DraftLanguage, store: Store, problems: Problems) -> None:
        self._draft, self._store, self._problems = draft, store, problems

    async def words(self, _request: Request) -> Response:
        """The words of the language, and every phrase."""
        found = await self._draft.ask(lambda service: shapes.words(service.desk.choices.phrases))
        return JSONResponse(found, headers={"cache-control": "no-cache"})

    def answering(self, way: str) -> Callable[[Request], Awaitable[Response]]:
        """What answers that question."""
        answer = _ANSWERS[way]

        async def respond(request: Request) -> Response:
            try:
                question = read_question(await request.body(), await running(self._store))
            except MalformedQuestion as fault:
                return self._refused(f"/{fault.member}" if fault.member else "", fault.why)

            def found(service: LanguageService) -> Json:
                typed = service.edited(question.file, question.text)
                return {"version": question.version, **answer(typed, question)}

            return JSONResponse(await self._draft.ask(found))

        return respond

    def _refused(self, pointer: str, why: str) -> Response:
        return self._problems.answer("contenu-refuse", [Problem(pointer, why)])


async def running(store: Store) -> Collection[str]:
    """The campaigns published: one of them keeps its name beside its new one."""
    async with store.read() as conn:
        return set(await conn.scalars(select(campaigns.c.name).where(campaigns.c.present)))


def read_question(body: bytes, published: Collection[str]) -> LanguageQuestion:
    """What a body asks. Raises `MalformedQuestion`."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedQuestion("", "Envoyez un objet JSON bien formé.") from error
    if not isinstance(given, dict):
        raise MalformedQuestion("", "Envoyez un objet JSON.")
    file, text = _text(given, "file"), _text(given, "text")
    if not file.endswith(SCRIPT) or len(file) > _LONGEST_NAME or not file.isprintable():
        raise MalformedQuestion("file", f"Le nom d’un script finit par {quoted(SCRIPT)}.")
    offset = given.get("offset", 0)
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= 2**31:
        raise MalformedQuestion("offset", "Un entier, en unités UTF-16 depuis le début du texte.")
    name = _text(given, "name", "")
    page, version = given.get("page") is True, given.get("version")
    order = _order(given) if "order" in given else None
    return LanguageQuestion(file, text, Units(text), offset, name, version, published, page, order)


_PLACES = "Une ligne («\u00a012\u00a0», «\u00a012:dans\u00a0», «\u00a012:sinon\u00a0»)."


def _order(given: Mapping[str, Any]) -> ArrangeOrder:
    try:
        verb = ArrangeVerb(_text(given, "order"))
    except ValueError as error:
        known = ", ".join(one.value for one in ArrangeVerb)
        raise MalformedQuestion("order", f"Un ordre parmi\u00a0: {known}.") from error
    places = {}
    for member in ("at", "to"):
        written = _text(given, member, "")
        places[member] = BlockPlace.of(written)
        if written and places[member] is None:
            raise MalformedQuestion(member, _PLACES)
    if places["at"] is None:
        raise MalformedQuestion("at", "La ligne du bloc.")
    return ArrangeOrder(verb, places["at"], places["to"], _text(given, "phrase", ""))


def _text(given: Mapping[str, Any], member: str, default: str | None = None) -> str:
    found = given.get(member, default)
    if not isinstance(found, str):
        raise MalformedQuestion(member, "Un texte.")
    try:
        found.encode()
    except UnicodeEncodeError as error:  # half a pair of surrogates: no text of anybody's
        raise MalformedQuestion(member, "Un texte en UTF-8.") from error
    return found


def _check(service: LanguageService, asked: LanguageQuestion) -> Json:
    found = service.diagnostics(asked.file)[asked.file]
    if asked.page:
        found = tuple(replace(one, message=by_editor(one.message)) for one in found)
    return {"diagnostics": shapes.diagnostics(asked.text, found, asked.file)}


def _complete(service: LanguageService, asked: LanguageQuestion) -> Json:
    found = service.completions(asked.file, asked.point)
    return {"items": shapes.completions(asked.units, found)}


def _hover(service: LanguageService, asked: LanguageQuestion) -> Json:
    found = service.hover(asked.file, asked.point)
    if found is None:
        return {"hover": None}
    return {"hover": shapes.hover(asked.units, found, lambda one: _placed(service, one))}


def _placed(service: LanguageService, one: Occurrence) -> Json:
    line = service.scripts[one.file].positions.line(one.span.start)
    return {"file": one.file, "line": line}


def _rename(service: LanguageService, asked: LanguageQuestion) -> Json:
    found = service.rename(asked.file, asked.point, asked.name, asked.running)
    if isinstance(found, Refusal):
        return {"refusal": found.reason}
    return shapes.rename(found, {**service.beside, **service.sources})


def _name(service: LanguageService, asked: LanguageQuestion) -> Json:
    place = service.place_at(asked.file, asked.point)
    if place is None:
        return {"name": None}
    named = service.names.at(place)
    return {
        "name": named.name,
        **asked.units.span(place.span),
        "places": [_placed(service, one) for one in named.places[: shapes.MOST_PLACES]],
    }


def _symbols(service: LanguageService, asked: LanguageQuestion) -> Json:
    return {"symbols": shapes.symbols(asked.units, service.symbols(asked.file))}


def _format(service: LanguageService, asked: LanguageQuestion) -> Json:
    return {"edits": shapes.edits(service.formatted(asked.file), service.sources)}


def _blocks(service: LanguageService, asked: LanguageQuestion) -> Json:
    found = outline_of(service, asked.file)
    return {"blocks": shapes.blocks(found), "places": shapes.block_places(found)}


def _arrange(service: LanguageService, asked: LanguageQuestion) -> Json:
    if asked.order is None:
        return {"refusal": "Rien n’est demandé."}
    found = arranged(service, asked.file, asked.order)
    if isinstance(found, Refusal):
        return {"refusal": by_editor(found.reason) if asked.page else found.reason}
    edits = between(asked.file, asked.text, found.text)
    units = Units(found.text)
    start = units.positions.start(found.line)
    stop = units.span(Span(*(found.stop or (start, start))))
    return {
        "edits": shapes.edits(edits, {asked.file: asked.text}),
        "line": found.line,
        "said": units.positions.text(found.line).strip(),
        "where": where(outline_of(service.edited(asked.file, found.text), asked.file), found.line),
        "stop": stop,
        "note": found.note,
    }


_ANSWERS: Mapping[str, _Answer] = {
    "check": _check,
    "complete": _complete,
    "hover": _hover,
    "name": _name,
    "rename": _rename,
    "symbols": _symbols,
    "format": _format,
    "blocks": _blocks,
    "arrange": _arrange,
}
