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


def draft_script(folder: Path, campaign: str) -> FoundScript | None:
    """The script that declares that campaign, or one that was called so; None when the draft has none.

    OSError when unreadable.
    """
    key = key_of(campaign)
    renamed: FoundScript | None = None
    for path in scripts(folder):
        text = path.read_text(encoding="utf-8", errors="replace")
        file = path.relative_to(folder).as_posix()
        names = list(_names(text))
        for line, name, former in names:
            if key_of(name) == key:
                others = ((at, each) for at, each, was in names if at != line and not was)
                found = FoundScript(path, file, text, line, tuple(others))
                if not former:
                    return found
                renamed = renamed or found
    return renamed


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
