"""The current publication as a folder, since what plugins read are files.

Each draft stands in a folder of its own that nobody writes to once it is there; one name, a link,
leads to the current one and turns from the one to the next in one step. A sender reads either,
whole.
"""

import os
import secrets
import shutil
from pathlib import Path

from server.publication.draft import Draft

_FOLDER = ".relance/publications"
_CURRENT = "courante"


class Display:
    """The folders of drafts in a project."""

    def __init__(self, project: Path) -> None:
        self._folder = project / _FOLDER
        #: Where the current publication is read.
        self.current = self._folder / _CURRENT

    def lay(self, draft: Draft) -> Path:
        """The folder of a draft; nothing leads there yet."""
        place = self._folder / draft.digest
        if place.is_dir():
            return place
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = self._folder / f"{draft.digest}.{secrets.token_hex(4)}"
        making.mkdir(mode=0o700)
        draft.write(making)
        making.rename(place)
        return place

    def turn_to(self, draft: Draft) -> None:
        """Make a draft the current one; the folders of all others but the one before go."""
        place = self.lay(draft)
        former = self.current.resolve().name if self.current.is_symlink() else ""
        link = self._folder / f"{_CURRENT}.{secrets.token_hex(4)}"
        link.symlink_to(place.name, target_is_directory=True)
        os.replace(link, self.current)
        self._forget_but({place.name, former, _CURRENT})

    def open(self) -> None:
        """Have a current folder, empty while nothing was ever published."""
        if not self.current.is_dir():
            self.turn_to(Draft({}))

    def _forget_but(self, kept: set[str]) -> None:
        for path in self._folder.iterdir():
            if path.name not in kept and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
