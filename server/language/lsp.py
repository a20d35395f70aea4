"""The language service for editors outside, over the Language Server Protocol (3.17), by pygls.

The project is the folder on disk, with what its editor has open and not saved yet. Remarks are found a
moment after the last key; those of a text that has changed since are dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.service.completion import Completion
from dsl.service.edits import TextEdit
from dsl.service.language_service import LanguageService
from dsl.service.occurrences import Occurrence
from dsl.service.rename import Refusal
from dsl.service.symbols import Symbol
from dsl.text.physical import physical
from dsl.text.positions import Positions
from relance.french import quoted
from server.language.draft import DraftLanguage
from server.language.shapes import Units

T = TypeVar("T")
#: How long after the last key remarks are looked for.
_SETTLED = 0.15
_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
}
_KINDS = {
    "nom": lsp.CompletionItemKind.Value,
    "valeur": lsp.CompletionItemKind.Value,
    "activité": lsp.CompletionItemKind.Function,
    "événement": lsp.CompletionItemKind.Event,
    "état": lsp.CompletionItemKind.Property,
    "attente": lsp.CompletionItemKind.Unit,
}
_OUTSIDE = "Ce fichier n’est pas dans le dossier du projet."


class _Placed(Protocol):
    """What is asked at a place of a document."""

    text_document: lsp.TextDocumentIdentifier
    position: lsp.Position


class ScriptServer:
    """A language server on one project's folder."""

    def __init__(self, folder: Path, draft: DraftLanguage, version: str) -> None:
        self._folder = folder.resolve()
        self._draft = draft
        self.server = LanguageServer("relance", version)
        self._due: dict[str, asyncio.Task[None]] = {}
        #: The remarks last found, by address, for what mends them.
        self._found: dict[str, tuple[str, tuple[Diagnostic, ...]]] = {}
        self._answer(lsp.TEXT_DOCUMENT_DID_OPEN, self._changed)
        self._answer(lsp.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        self._answer(lsp.TEXT_DOCUMENT_DID_SAVE, self._saved)
        self._answer(lsp.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        signs = lsp.CompletionOptions(trigger_characters=["(", "«", " "])
        self._answer(lsp.TEXT_DOCUMENT_COMPLETION, self._complete, signs)
        self._answer(lsp.TEXT_DOCUMENT_HOVER, self._hover)
        self._answer(lsp.TEXT_DOCUMENT_DEFINITION, self._definition)
        self._answer(lsp.TEXT_DOCUMENT_REFERENCES, self._references)
        self._answer(lsp.TEXT_DOCUMENT_RENAME, self._rename, lsp.RenameOptions(True))
        self._answer(lsp.TEXT_DOCUMENT_PREPARE_RENAME, self._prepare)
        self._answer(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self._symbols)
        self._answer(lsp.TEXT_DOCUMENT_FORMATTING, self._format)
        mends = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])
        self._answer(lsp.TEXT_DOCUMENT_CODE_ACTION, self._actions, mends)

    def _answer(
        self, what: str, answer: Callable[[Any], Awaitable[Any]], options: object = None
    ) -> None:
        async def handled(params: Any) -> Any:  # it is marked by pygls, as a method cannot be
            return await answer(params)

        self.server.feature(what, options)(handled)

    # --- Where things are -------------------------------------------------------------------

    def _name(self, uri: str) -> str | None:
        """A file's name in the project; None for one outside."""
        path = Path(unquote(urlsplit(uri).path)).resolve()
        inside = path.is_relative_to(self._folder)
        return path.relative_to(self._folder).as_posix() if inside else None

    def _uri(self, name: str) -> str:
        return (self._folder / name).as_uri()

    async def _ask(self, uri: str, question: Callable[[LanguageService, str], T]) -> T | None:
        """What a question finds of that document, in the project as it is on the screen."""
        name = self._name(uri)
        if name is None:
            return None
        opened = {
            own: document.source
            for address, document in self.server.workspace.text_documents.items()
            if (own := self._name(address)) is not None and own.endswith(".relance")
        }

        def asked(service: LanguageService) -> T | None:
            for own, text in opened.items():
                service = service.edited(own, text)
            return question(service, name) if name in service.sources else None

        return await self._draft.ask(asked)

    # --- Remarks ----------------------------------------------------------------------------

    async def _changed(
        self, params: lsp.DidOpenTextDocumentParams | lsp.DidChangeTextDocumentParams
    ) -> None:
        self._look(params.text_document.uri)

    async def _saved(self, params: lsp.DidSaveTextDocumentParams) -> None:
        """What one file declares, others may lack or have again."""
        for uri in list(self.server.workspace.text_documents):
            self._look(uri)

    async def _closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if (due := self._due.pop(uri, None)) is not None:
            due.cancel()
        self._found.pop(uri, None)
        self._publish(uri, "", ())

    def _look(self, uri: str) -> None:
        if (due := self._due.get(uri)) is not None:
            due.cancel()
        self._due[uri] = asyncio.create_task(self._remark(uri))

    async def _remark(self, uri: str) -> None:
        await asyncio.sleep(_SETTLED)
        document = self.server.workspace.get_text_document(uri)
        version = document.version
        found = await self._ask(
            uri, lambda service, name: (service.sources[name], service.diagnostics(name)[name])
        )
        if found is not None and document.version == version:
            self._found[uri] = found
            self._publish(uri, *found, version)

    def _publish(
        self, uri: str, text: str, found: tuple[Diagnostic, ...], version: int | None = None
    ) -> None:
        positions = Positions(text)
        shown = [
            lsp.Diagnostic(
                _range(positions, one.span),
                one.message,
                _SEVERITIES[one.severity],
                one.code,
                source="relance",
                related_information=[
                    lsp.DiagnosticRelatedInformation(
                        lsp.Location(uri, _range(positions, note.span)), note.message
                    )
                    for note in one.notes
                ],
            )
            for one in found
        ]
        self.server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, shown, version)
        )

    async def _actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """What mends the remarks of those lines."""
        uri = params.text_document.uri
        text, found = self._found.get(uri, ("", ()))
        if not found or self.server.workspace.get_text_document(uri).source != text:
            return []
        positions = Positions(text)
        lines = range(params.range.start.line, params.range.end.line + 1)
        made = []
        for one in found:
            if positions.line(one.span.start) - 1 not in lines:
                continue
            for fix in one.fixes:
                edit = lsp.TextEdit(_range(positions, fix.span), fix.text)
                words = fix.text.strip()
                title = f"Écrire {quoted(words)}" if words else "Retirer ces mots"
                made.append(
                    lsp.CodeAction(
                        title,
                        lsp.CodeActionKind.QuickFix,
                        edit=lsp.WorkspaceEdit({uri: [edit]}),
                        is_preferred=fix is one.fixes[0],
                    )
                )
        return made

    # --- What is asked at a place -------------------------------------------------------------

    async def _at(
        self,
        params: _Placed,
        question: Callable[[LanguageService, str, int], T],
    ) -> T | None:
        at = params.position
        return await self._ask(
            params.text_document.uri,
            lambda service, name: question(service, name, offset_at(service.sources[name], at)),
        )

    async def _complete(self, params: lsp.CompletionParams) -> lsp.CompletionList:
        found = await self._at(
            params,
            lambda service, name, at: (service.sources[name], service.completions(name, at)),
        )
        text, items = found or ("", ())
        positions = Positions(text)
        made = [_item(positions, text, one, rank) for rank, one in enumerate(items)]
        return lsp.CompletionList(is_incomplete=True, items=made)

    async def _hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        found = await self._at(
            params, lambda service, name, at: (service.sources[name], service.hover(name, at))
        )
        text, said = found or ("", None)
        if said is None:
            return None
        lines = [f"**{said.title}**", *said.paragraphs]
        if said.example:
            lines.append(f"*{said.example}*")
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(lines))
        return lsp.Hover(content, _range(Positions(text), said.span))

    async def _definition(self, params: lsp.DefinitionParams) -> lsp.Location | None:
        def found(service: LanguageService, name: str, at: int) -> lsp.Location | None:
            place = service.definition(name, at)
            return self._location(service, place) if place is not None else None

        return await self._at(params, found)

    async def _references(self, params: lsp.ReferenceParams) -> list[lsp.Location]:
        def found(service: LanguageService, name: str, at: int) -> list[lsp.Location]:
            return [self._location(service, one) for one in service.references_of(name, at)]

        return await self._at(params, found) or []

    async def _prepare(
        self, params: lsp.PrepareRenameParams
    ) -> lsp.PrepareRenamePlaceholder | None:
        def found(
            service: LanguageService, name: str, at: int
        ) -> lsp.PrepareRenamePlaceholder | None:
            place = service.place_at(name, at)
            if place is None:
                return None
            span = _range(Positions(service.sources[name]), place.span)
            return lsp.PrepareRenamePlaceholder(span, place.name)

        return await self._at(params, found)

    async def _rename(self, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        """Refused: nothing changes, and the reason is shown."""

        def found(
            service: LanguageService, name: str, at: int
        ) -> tuple[str, dict[str, list[lsp.TextEdit]]]:
            change = service.rename(name, at, params.new_name)
            if isinstance(change, Refusal):
                return change.reason, {}
            return change.caution, self._edits(service, change.edits)

        reason, edits = await self._at(params, found) or (_OUTSIDE, {})
        if reason:
            kind = lsp.MessageType.Warning if edits else lsp.MessageType.Error
            self.server.window_show_message(lsp.ShowMessageParams(kind, reason))
        return lsp.WorkspaceEdit(edits) if edits else None

    async def _symbols(self, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        def found(service: LanguageService, name: str) -> list[lsp.DocumentSymbol]:
            positions = Positions(service.sources[name])
            return [_symbol(positions, one) for one in service.symbols(name)]

        return await self._ask(params.text_document.uri, found) or []

    async def _format(self, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        def found(service: LanguageService, name: str) -> list[lsp.TextEdit]:
            return next(iter(self._edits(service, service.formatted(name)).values()), [])

        return await self._ask(params.text_document.uri, found) or []

    def _edits(
        self, service: LanguageService, edits: tuple[TextEdit, ...]
    ) -> dict[str, list[lsp.TextEdit]]:
        texts = {**service.beside, **service.sources}
        made: dict[str, list[lsp.TextEdit]] = {}
        for one in edits:
            span = _range(Positions(texts[one.file]), one.span)
            made.setdefault(self._uri(one.file), []).append(lsp.TextEdit(span, one.text))
        return made

    def _location(self, service: LanguageService, place: Occurrence) -> lsp.Location:
        positions = service.scripts[place.file].positions
        return lsp.Location(self._uri(place.file), _range(positions, place.span))


def offset_at(text: str, at: lsp.Position) -> int:
    """The code point at a line and a UTF-16 column, the nearest in that line."""
    for number, (start, end) in enumerate(physical(text)):
        if number == at.line:
            return start + Units(text[start:end]).point(at.character)
    return len(text)


def _position(positions: Positions, offset: int) -> lsp.Position:
    return lsp.Position(*positions.utf16(offset))


def _range(positions: Positions, span: Span) -> lsp.Range:
    return lsp.Range(_position(positions, span.start), _position(positions, span.end))


def _item(positions: Positions, text: str, one: Completion, rank: int) -> lsp.CompletionItem:
    written, plain = _snippet(one), one.text
    snippet = bool(one.stops)
    return lsp.CompletionItem(
        label=one.label,
        kind=_KINDS.get(one.what, lsp.CompletionItemKind.Keyword),
        detail=one.detail or one.what,
        documentation="\n\n".join(filter(None, (one.help, one.example))) or None,
        sort_text=f"{rank:04}",
        # The service has chosen already: an editor that filters again keeps all.
        filter_text=text[one.span.start : one.span.end] or one.label,
        insert_text_format=lsp.InsertTextFormat.Snippet
        if snippet
        else lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AsIs,
        text_edit=lsp.TextEdit(_range(positions, one.span), written if snippet else plain),
    )


def _snippet(one: Completion) -> str:
    parts, at = [], 0
    for rank, (start, end) in enumerate(one.stops, 1):
        held = _escaped(one.text[start:end])
        parts += [_escaped(one.text[at:start]), f"${{{rank}:{held}}}" if held else f"${rank}"]
        at = end
    return "".join([*parts, _escaped(one.text[at:])])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _symbol(positions: Positions, one: Symbol) -> lsp.DocumentSymbol:
    kinds = {"campagne": lsp.SymbolKind.Class, "étape": lsp.SymbolKind.Method}
    return lsp.DocumentSymbol(
        one.name,
        kinds.get(one.what, lsp.SymbolKind.Object),
        _range(positions, one.span),
        _range(positions, one.name_span),
        one.what,
        children=[_symbol(positions, inner) for inner in one.within],
    )
