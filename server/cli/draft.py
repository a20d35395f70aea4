"""How the folder of a project stands to what was published last: told wherever what runs is told."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from server.publication import archive
from server.publication.difference import difference
from server.publication.on_disk import on_disk
from server.publication.report import draft_notes
from server.settings import Settings


async def draft_of(settings: Settings, conn: AsyncConnection) -> Sequence[str]:
    """In sentences; nothing when both hold the same."""
    last = await archive.publication(conn)
    if last is None:
        return draft_notes((), never=True)
    draft = on_disk(settings.folder)
    found = await asyncio.to_thread(difference, draft, last.files)
    return draft_notes(tuple(found), never=False)
