"""A publication as the draft of another: its files, to publish them again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.project_files import ProjectFiles
from server.publication import archive
from server.publication.draft import edited
from server.publication.source import Stamp


class Archived:
    """The files of a publication, the last one when none is named: to publish them again.

    LookupError when there is none.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        number: int | None = None,
    ) -> None:
        self._reading, self._number = reading, number

    @property
    def lately(self) -> None:
        """To look at it costs nothing."""

    async def stamp(self) -> Stamp:
        """The publication's number and date: nothing of it ever changes."""
        async with self._reading() as conn:
            found = await archive.made_at(conn, self._number)
        if found is None:
            raise LookupError("no such publication")
        number, at = found
        return frozenset({(str(number), at * 1_000, 0)})

    async def read(self) -> ProjectFiles:
        """Its files, as the team had them."""
        async with self._reading() as conn:
            found = await archive.publication(conn, self._number)
        if found is None:
            raise LookupError("no such publication")
        return edited(found.files)
