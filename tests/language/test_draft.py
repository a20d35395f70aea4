"""A draft is read once for all who ask, to its end: whoever leaves meanwhile loses nothing of it."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from dsl.service.language_service import LanguageService
from relance.project_files import ProjectFiles
from server import setup
from server.language import draft as drafts
from server.language.draft import DraftLanguage
from server.plugins import load_plugins
from server.publication import source as sources
from server.publication.on_disk import on_disk
from server.publication.source import Seen, Stamp
from server.settings import load_settings

SCRIPT = "liste «\u00a0VIP\u00a0» : Lead étiqueté (VIP)\n"


class SlowSource:
    """A great draft: its reading ends when it is let."""

    def __init__(self) -> None:
        self.read_times, self.edition, self.let = 0, 1, asyncio.Event()
        self.lately: Seen | None = None
        self.looks = 0

    async def stamp(self) -> Stamp:
        self.looks += 1
        return frozenset({("listes.relance", self.edition, 1)})

    async def read(self) -> ProjectFiles:
        self.read_times += 1
        await self.let.wait()
        return ProjectFiles.of({"listes.relance": SCRIPT * self.edition})


def length(service: LanguageService) -> int:
    return len(service.sources["listes.relance"])


async def test_a_great_draft_is_read_once_for_all_and_by_who_leaves_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_SOON_SECONDS", 0.01)
    known, source = setup.setup_of(load_settings(tmp_path), on_disk(tmp_path)), SlowSource()
    draft = DraftLanguage(load_plugins(), known, source)
    assert await draft.soon(length, -1) == -1, "it is not waited for"
    waiting = asyncio.create_task(draft.ask(length))
    assert await draft.soon(length, -1) == -1
    source.let.set()
    assert (await waiting, source.read_times) == (len(SCRIPT), 1)
    source.edition = 2
    assert (await draft.ask(length), source.read_times) == (2 * len(SCRIPT), 2)


async def test_what_was_seen_lately_of_a_great_draft_is_answered_without_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_MANY", 0)
    known, source = setup.setup_of(load_settings(tmp_path), on_disk(tmp_path)), SlowSource()
    draft = DraftLanguage(load_plugins(), known, source)
    source.let.set()
    asked = []

    def counted(service: LanguageService) -> int:
        asked.append(service)
        return length(service)

    assert await draft.soon_kept(counted, -1) == len(SCRIPT)
    held = draft._stamp
    assert held is not None
    source.lately, source.looks = Seen(monotonic(), held), 0
    assert [await draft.soon_kept(counted, -1), await draft.soon(length, -1)] == [len(SCRIPT)] * 2
    assert (source.looks, len(asked)) == (0, 1), "nothing is looked at, nor asked twice"
    source.edition = 2
    source.lately = Seen(monotonic() - 60, held)
    assert await draft.soon_kept(counted, -1) == 2 * len(SCRIPT)
    assert (source.looks > 0, len(asked)) == (True, 2)
