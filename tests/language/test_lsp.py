"""`relance lsp` as an editor runs it: a process, its standard input and output, the protocol."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from server.language.lsp import offset_at
from tests.whole import lay_out

SCRIPT = (
    "# 😀\n"
    "campagne «\u00a0Bienvenue\u00a0»\n"
    "  entrée\n"
    "    quand Formulaire (Contact) rempli\n"
    "  étape «\u00a0Accueil\u00a0»\n"
    "  Envoyer couriel (Bienvenue)\n"
    "fin\n"
)
MESSAGE = "---\nnom: Bienvenue\nobjet: Bonjour\n---\nBonjour.\n"


class Editor:
    """What an editor does: opens a file, hears of remarks, asks."""

    def __init__(self, folder: Path) -> None:
        self.client = LanguageClient("essai", "1")
        self.uri = (folder / "a.relance").as_uri()
        self.folder = folder
        self.published: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.said: list[str] = []
        feature = self.client.feature
        feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda found: self.published.put_nowait(found)
        )
        feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.said.append(params.message))

    @property
    def document(self) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri)

    async def change(self, text: str, version: int) -> lsp.PublishDiagnosticsParams:
        """The remarks of a text typed whole."""
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version, self.uri),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        while True:
            found = await asyncio.wait_for(self.published.get(), 20)
            if found.version == version:
                return found


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    lay_out(tmp_path, {"a.relance": SCRIPT, "courriels/a.md": MESSAGE})
    made = Editor(tmp_path)
    command = [sys.executable, "-m", "server.cli.main", "lsp", str(tmp_path)]
    await made.client.start_io(*command)
    await made.client.initialize_async(
        lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=tmp_path.as_uri())
    )
    made.client.initialized(lsp.InitializedParams())
    made.client.text_document_did_open(
        lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(made.uri, "relance", 1, SCRIPT))
    )
    yield made
    await made.client.shutdown_async(None)
    made.client.exit(None)
    await made.client.stop()


async def test_an_editor_is_told_helped_and_obeyed_over_standard_input(editor: Editor) -> None:
    first = await asyncio.wait_for(editor.published.get(), 30)
    (slip,) = first.diagnostics
    assert (slip.code, slip.range.start) == ("R201", lsp.Position(5, 2))

    # What is proposed mends it.
    actions = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(editor.document, slip.range, lsp.CodeActionContext([slip]))
    )
    assert actions
    action = actions[0]
    assert isinstance(action, lsp.CodeAction)
    assert action.edit is not None
    assert action.edit.changes is not None
    (edit,) = action.edit.changes[editor.uri]
    assert isinstance(edit, lsp.TextEdit)
    start, end = offset_at(SCRIPT, edit.range.start), offset_at(SCRIPT, edit.range.end)
    mended = SCRIPT[:start] + edit.new_text + SCRIPT[end:]
    assert not (await editor.change(mended, 2)).diagnostics

    # What may be written, in the text not saved yet.
    typed = mended.replace("(Bienvenue)", "(bien)")
    await editor.change(typed, 3)
    found = await editor.client.text_document_completion_async(
        lsp.CompletionParams(editor.document, lsp.Position(5, 23))
    )
    assert isinstance(found, lsp.CompletionList)
    assert [one.label for one in found.items] == ["Bienvenue"]

    # What it means, where it is declared, its new name everywhere.
    await editor.change(mended, 4)
    at = lsp.Position(5, 22)
    hover = await editor.client.text_document_hover_async(lsp.HoverParams(editor.document, at))
    assert hover is not None
    assert "Courriel" in str(hover.contents)
    change = await editor.client.text_document_rename_async(
        lsp.RenameParams(editor.document, at, "Premier bonjour")
    )
    assert change is not None
    assert change.changes is not None
    message = (editor.folder / "courriels/a.md").as_uri()
    assert set(change.changes) == {editor.uri, message}
    assert change.changes[message][0].range.start == lsp.Position(1, 5)
    refused = await editor.client.text_document_rename_async(
        lsp.RenameParams(editor.document, at, "Un « nom »")
    )
    assert refused is None
    assert "guillemets" in editor.said[-1]

    outline = await editor.client.text_document_document_symbol_async(
        lsp.DocumentSymbolParams(editor.document)
    )
    assert outline
    assert [one.name for one in outline] == ["Bienvenue"]
    spread = mended.replace("  étape", "étape")
    await editor.change(spread, 5)
    edits = await editor.client.text_document_formatting_async(
        lsp.DocumentFormattingParams(editor.document, lsp.FormattingOptions(2, True))
    )
    assert edits
    assert [one.range.start for one in edits] == [lsp.Position(4, 0)]


def test_a_place_is_found_in_utf16_units_on_its_line() -> None:
    text = "a😀b\r\nçd"
    for position, offset in (((0, 0), 0), ((0, 3), 2), ((0, 99), 3), ((1, 1), 6), ((9, 0), 7)):
        assert offset_at(text, lsp.Position(*position)) == offset
