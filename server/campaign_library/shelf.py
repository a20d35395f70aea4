"""The ready campaigns as a running server holds them: read once, and made a project's own one at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from dsl.phrases.catalogue import Catalogue
from relance import images
from server.campaign_library.blank import begin
from server.campaign_library.copying import Copy, NotCopied, copied, free_name, write
from server.campaign_library.models import Model, models
from server.campaign_library.place import library
from server.publication.unusable import UnusableDraft


@dataclass(slots=True)
class ModelShelf:
    """The models of this installation, for the project of that folder.

    `plays`: an address that they hold, and that which plays its part in a demonstration.
    """

    folder: Path
    catalogue: Catalogue
    plays: tuple[str, str] | None = None
    _models: tuple[Model, ...] = field(default=())
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def models(self) -> tuple[Model, ...]:
        """All of them, a campaign's variants by channel beside each other."""
        async with self._turn:
            if not self._models:
                self._models = await asyncio.to_thread(models, library(), self.catalogue)
        return self._models

    async def begin(self, name: str, text: str) -> str:
        """A script of that name, holding that text or a campaign to be written; NotCopied if not."""
        async with self._turn:
            return await asyncio.to_thread(begin, self.folder, name, text, self.catalogue)

    async def free_name(self, name: str) -> str:
        """That name if no campaign of the draft has it, else one that is free; itself if none can be read."""
        async with self._turn:
            try:
                return await asyncio.to_thread(free_name, name, self.folder, self.catalogue)
            except (OSError, UnusableDraft):
                return name

    def _played(self, made: Copy) -> Copy:
        if self.plays is None:
            return made
        address, here = (one.encode() for one in self.plays)
        files = {
            name: held
            if PurePosixPath(name).suffix in images.KINDS
            else held.replace(address, here)
            for name, held in made.files.items()
        }
        return replace(made, files=files)

    async def copy(self, model: Callable[[], Model], name: str) -> Copy:
        """That model under that name, written in the draft beside what is there; NotCopied if not."""

        if not name.strip():
            raise NotCopied("Donnez-lui un nom.")

        def make() -> Copy:
            made = self._played(copied(model(), name, self.folder, self.catalogue))
            write(made, self.folder)
            return made

        async with self._turn:
            try:
                return await asyncio.to_thread(make)
            except OSError as error:
                raise NotCopied(
                    "Le dossier du projet ne peut pas être écrit : rien ne l’a été."
                ) from error
