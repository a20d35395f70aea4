"""The draft of a server as the language service holds it: read again once it has changed.

All of it happens on a thread, one at a time: the loop that moves people never waits for a key typed.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import TypeVar

from dsl.service.language_service import EditingDesk, LanguageService
from relance.host import Setup
from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.folder import SCRIPT
from server.plugins import Plugins
from server.publication.in_place import in_place
from server.publication.reading import scripts_of
from server.publication.source import Source, Stamp

T = TypeVar("T")
#: Texts beside the scripts in which a name may stand: messages.
_TEXTS = (".md", ".txt", ".html", ".liquid")
_MOST = 400_000


class DraftLanguage:
    """Answers about the draft that `source` holds."""

    def __init__(self, plugins: Plugins, setup: Setup, source: Source) -> None:
        self._plugins, self._setup, self._source = plugins, setup, source
        self._stamp: Stamp | None = None
        self._held = LanguageService(self.desk)
        self._one_at_a_time = Lock()

    @cached_property
    def desk(self) -> EditingDesk:
        """What is kept from one answer to the next."""
        return EditingDesk(self._plugins.catalogue)

    async def ask(self, question: Callable[[LanguageService], T]) -> T:
        """What a question finds in the draft as it is now; OSError when it cannot be read."""
        stamp = await self._source.stamp()
        files = await self._source.read() if stamp != self._stamp else None

        def answered() -> T:
            with self._one_at_a_time:
                if files is not None:
                    self._held = self._read(files)
                    self._stamp = stamp
                return question(self._held)

        return await in_daemon_thread(answered)

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
