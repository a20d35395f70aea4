"""The script of a campaign as the draft has it, found in the folder of the project."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dsl.language.fr import headers
from relance.fold import fold, key_of
from server.folder import scripts

_DECLARED = re.compile(r"""\s*campagne[ \u00a0]+[«"“]?[ \u00a0]*(.+?)[ \u00a0]*[»"”]?\s*""")


@dataclass(frozen=True, slots=True)
class FoundScript:
    """One file of the draft. `file`: its path in the project; `line`: that which declares the campaign.

    `others`: the campaigns that it declares besides, each with its line.
    """

    path: Path
    file: str
    text: str
    line: int
    others: tuple[tuple[int, str], ...] = ()


#: Where campaigns were found, by their project: looked at first, for a project has thousands of scripts,
#: and a campaign seldom changes files.
_where: dict[tuple[Path, str], Path] = {}
_MOST_KNOWN = 50_000


def draft_script(folder: Path, campaign: str) -> FoundScript | None:
    """The script that declares that campaign, or one that was called so; None when the draft has none.

    A script that cannot be read declares nothing: what runs is still looked at, and stopped.
    """
    key = key_of(campaign)
    known = _where.get((folder, key))
    if known is not None:
        found, former = _declared(folder, known, key) if known.is_file() else (None, False)
        if found is not None and not former:
            return found
        _where.pop((folder, key), None)
    if len(_where) > _MOST_KNOWN:
        _where.clear()
    renamed: FoundScript | None = None
    for path in scripts(folder):
        found, former = _declared(folder, path, key)
        if found is not None and not former:
            return found
        renamed = renamed or found
    return renamed


def _declared(folder: Path, path: Path, key: str) -> tuple[FoundScript | None, bool]:
    """That campaign in that file, and whether it only was called so once."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None, False
    names = [(line, name, key_of(name), was) for line, name, was in _names(text)]
    for _, _, each, was in names:
        if not was:
            _where.setdefault((folder, each), path)
    mine = sorted((was, line) for line, _, each, was in names if each == key)
    if not mine:
        return None, False
    former, line = mine[0]
    others = ((at, name) for at, name, _, was in names if at != line and not was)
    file = path.relative_to(folder).as_posix()
    return FoundScript(path, file, text, line, tuple(others)), former


def _names(text: str) -> Iterator[tuple[int, str, bool]]:
    """Each name of a campaign in a script, with the line that declares it, and whether it had it once."""
    declared = 0
    for number, line in enumerate(text.splitlines(), 1):
        found = _DECLARED.fullmatch(line)
        if found is not None:
            declared = number
            yield number, found[1], False
            continue
        header, colon, value = line.partition(":")
        if colon and declared and fold(header.strip(" \u00a0\t")) == headers.FORMER:
            for _, name in headers.names(value):
                yield declared, name, True
