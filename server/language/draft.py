"""The draft of a server as the language service holds it: read again once it has changed.

All of it happens on a thread, one at a time: the loop that moves people never waits for a key typed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from dsl.service.language_service import EditingDesk, LanguageService
from relance.host import Setup
from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.folder import SCRIPT
from server.plugins import Plugins
from server.publication.in_place import in_place
from server.publication.reading import scripts_of
from server.publication.source import Source, Stamp, seen_lately
from server.publication.unusable import reading_draft

T = TypeVar("T")
#: Texts beside the scripts in which a name may stand: messages.
_TEXTS = (".md", ".txt", ".html", ".liquid")
_MOST = 400_000
#: One that was begun of what the draft was before may be waited for, then one of what it is.
_READINGS = 2
#: Answers kept of one state of the draft.
_MOST_KEPT = 200
_SOON_SECONDS = 3.0


class DraftLanguage:
    """Answers about the draft that `source` holds."""

    def __init__(self, plugins: Plugins, setup: Setup, source: Source) -> None:
        self._plugins, self._setup, self.source = plugins, setup, source
        self._stamp: Stamp | None = None
        self._reading: asyncio.Task[None] | None = None
        self._held = LanguageService(self.desk)
        self._one_at_a_time = Lock()
        #: What was asked to be kept of the draft that is held.
        self._kept: dict[Hashable, Any] = {}

    @cached_property
    def desk(self) -> EditingDesk:
        """What is kept from one answer to the next."""
        return EditingDesk(self._plugins.catalogue)

    async def ask(self, question: Callable[[LanguageService], T]) -> T:
        """What a question finds in the draft as it is now; UnusableDraft when it cannot be read."""
        for _ in range(_READINGS):
            with reading_draft():
                stamp = await self.source.stamp()
            if stamp is self._stamp or stamp == self._stamp:
                break
            await self._read_again(stamp)
        return await self._answered(question)

    async def _answered(self, question: Callable[[LanguageService], T]) -> T:
        def answered() -> T:
            with self._one_at_a_time:
                return question(self._held)

        return await in_daemon_thread(answered)

    async def soon(self, question: Callable[[LanguageService], T], otherwise: T) -> T:
        """The same, for who would rather do without than wait: `otherwise` while a great draft is read.

        Of a great one, what is answered may be of what it was an instant before.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SOON_SECONDS):
                return await (self._answered if self._seen_lately else self.ask)(question)
        return otherwise

    async def soon_kept(self, question: Callable[[LanguageService], T], otherwise: T) -> T:
        """The same, answered once for all who ask it for as long as the draft is as it was; whoever is
        given the answer changes nothing of it."""

        if self._seen_lately and question in self._kept:
            found: T = self._kept[question]
            return found
        return await self.soon(self._keeping(question, question), otherwise)

    async def ask_kept(
        self, question: Callable[[LanguageService], T], name: Hashable, *, soon: bool = False
    ) -> T:
        """As `ask`, answered once for as long as the draft is as it was, by that name of the question;
        `soon`: of a great one, as it was an instant before."""
        if soon and self._seen_lately:
            found: T = self._kept[name] if name in self._kept else await self._answered(question)
            return found
        return await self.ask(self._keeping(question, name))

    def _keeping(
        self, question: Callable[[LanguageService], T], name: Hashable
    ) -> Callable[[LanguageService], T]:
        def kept(held: LanguageService) -> T:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found: T = self._kept[name] if name in self._kept else question(held)
            self._kept[name] = found
            return found

        return kept

    @property
    def _seen_lately(self) -> bool:
        return seen_lately(self.source, self._stamp)

    async def _read_again(self, stamp: Stamp) -> None:
        """Once for all who wait for it, and to its end: whoever asked may have left meanwhile, and of ten
        thousand scripts no reading would ever end."""
        reading = self._reading
        if reading is None or reading.done():
            reading = self._reading = asyncio.create_task(
                self._hold(stamp), name="relance-brouillon"
            )
        await asyncio.shield(reading)

    async def _hold(self, stamp: Stamp) -> None:
        with reading_draft():
            files = await self.source.read()

        def held() -> None:
            with self._one_at_a_time, reading_draft():
                self._held = self._read(files)
                self._stamp = stamp
                self._kept = {}

        await in_daemon_thread(held)

    def _read(self, files: ProjectFiles) -> LanguageService:
        return service_of(files, self._plugins, self._setup, self.desk)


def service_of(
    files: ProjectFiles, plugins: Plugins, setup: Setup, desk: EditingDesk
) -> LanguageService:
    """A project of those files, as an editor asks about it; RelanceError for a script that is no text."""
    sources = scripts_of(files)
    whole = files.keeping(in_place(sources, plugins.catalogue).files)
    return LanguageService(desk, sources, plugins.references(whole, setup), _beside(files))


def _beside(files: ProjectFiles) -> Mapping[str, str]:
    found = {}
    for name in files.contents:
        if name.endswith(_TEXTS) and not name.endswith(SCRIPT):
            content = files.contents[name]
            if len(content) <= _MOST:
                # What is no UTF-8 has no name to change: its plugin says so at publication.
                found[name] = content.decode("utf-8", "replace")
    return found
