"""What of a project's files a team edits, and what of it went since: what a publication is made of."""

from relance.project_files import ProjectFiles
from server.publication import in_place

_MADE = f"{in_place.FOLDER}/"


def edited(files: ProjectFiles) -> ProjectFiles:
    """Without what its scripts write in place: the files a team edits."""
    mine = {name: one for name, one in files.contents.items() if not name.startswith(_MADE)}
    return files if len(mine) == len(files.contents) else ProjectFiles(mine)


def lost(files: ProjectFiles, former: ProjectFiles) -> tuple[str, ...]:
    """The files of a former draft that are gone from this one, or were emptied."""
    return tuple(
        name
        for name, content in sorted(edited(former).contents.items())
        if content.strip() and not files.contents.get(name, b"").strip()
    )
