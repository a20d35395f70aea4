"""The script of a campaign as the draft has it, found in the folder of the project."""

import re
from dataclasses import dataclass
from pathlib import Path

from relance.fold import key_of
from server.folder import scripts

_DECLARED = re.compile(r"""\s*campagne[ \u00a0]+[«"“]?[ \u00a0]*(.+?)[ \u00a0]*[»"”]?\s*""")


@dataclass(frozen=True, slots=True)
class FoundScript:
    """One file of the draft. `file`: its path in the project."""

    path: Path
    file: str
    text: str


def draft_script(folder: Path, campaign: str) -> FoundScript | None:
    """The script that declares that campaign; None when the draft has none. OSError when unreadable."""
    key = key_of(campaign)
    for path in scripts(folder):
        text = path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            found = _DECLARED.fullmatch(line)
            if found is not None and key_of(found[1]) == key:
                return FoundScript(path, path.relative_to(folder).as_posix(), text)
    return None
