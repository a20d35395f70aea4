"""A host whose project is a folder that is published at every look: tests write files into it."""

from pathlib import Path
from typing import Any

from relance.project_files import ProjectFiles
from relance.testing import FakeHost
from server.publication.on_disk import on_disk


class FolderHost(FakeHost):
    def __init__(self, folder: Path, *given: Any, **named: Any) -> None:
        self._folder = folder
        super().__init__(*given, **named)

    @property
    def files(self) -> ProjectFiles:
        return on_disk(self._folder)

    @files.setter
    def files(self, _: ProjectFiles) -> None:
        pass
