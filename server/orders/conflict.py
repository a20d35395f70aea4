"""Two people edit, and the second publishes without having seen the first: nothing is overwritten."""

from collections.abc import Iterator
from difflib import unified_diff
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.project_files import ProjectFiles
from server.orders.declined import Declined, Gesture
from server.publication import archive
from server.publication.archive import Imprint
from server.publication.draft import edited
from server.reports import french
from server.store.instants import from_micros

#: Files, and lines of each, that are shown.
_FILES, _LINES = 20, 60


async def conflict(
    conn: AsyncConnection, draft: ProjectFiles, based_on: int | None, zone: ZoneInfo
) -> Declined | None:
    """What publications made after `based_on` changed, and this draft would take back; both texts.

    None when it would take back nothing, or when nobody knows what it is based on.
    """
    base = await archive.publication(conn, based_on) if based_on is not None else None
    last = await archive.publication(conn)
    if base is None or last is None or base.number == last.number:
        return None
    before, now, mine = edited(base.files), edited(last.files), edited(draft)
    names = sorted(
        name
        for name in before.contents.keys() | now.contents.keys()
        if _of(before, name) != _of(now, name) and _of(mine, name) != _of(now, name)
    )
    if not names:
        return None
    (imprint,) = await archive.imprints(conn, 1)
    texts = [line for name in names[:_FILES] for line in _both(name, now, mine, last.number)]
    listed = ", ".join(map(quoted, names[:_FILES])) + (", …" if len(names) > _FILES else "")
    return Declined(
        f"{_made(imprint, zone)} a changé {listed}, et ce brouillon part de la publication "
        f"n°\u00a0{base.number} : le publier l’effacerait. Rien n’a été publié. Reprenez ce qui suit dans "
        f"vos fichiers ; puis, ou pour passer outre, ajoutez «\u00a0",
        *(Gesture.OVER, f" {last.number}\u00a0».\n", "\n".join(texts)),
        about="sur",
    )


def _made(imprint: Imprint, zone: ZoneInfo) -> str:
    who = f"{imprint.who}, " if imprint.who else ""
    when = french.instant(from_micros(imprint.at), zone)
    return f"La publication n°\u00a0{imprint.number} ({who}le {when})"


def _of(files: ProjectFiles, name: str) -> bytes | None:
    return files.contents.get(name)


def _both(name: str, now: ProjectFiles, mine: ProjectFiles, number: int) -> Iterator[str]:
    """What each says where they differ: « - » as published, « + » as the draft has it."""
    published, draft = [
        (_of(files, name) or b"").decode("utf-8", "replace").splitlines() for files in (now, mine)
    ]
    labels = (f"{name} (publication {number})", f"{name} (brouillon)")
    lines = list(unified_diff(published, draft, *labels, lineterm="", n=1))
    yield from lines[:_LINES]
    if len(lines) > _LINES:
        yield "…"
