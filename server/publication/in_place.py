"""Messages written in scripts, as the files they stand for: part of a publication like any other.

Plugins are handed files; a message that a script writes in place is one in the publication's own folder,
under a name made of what it says. What is wrong with it is told where the script writes it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.phrases.catalogue import Catalogue
from dsl.read.letters import letters
from relance.fault import Fault

#: The folder of a publication that holds them; nobody edits it.
FOLDER = "~sur-place"
_PLACE = re.compile(rf"{FOLDER}/[\w/.-]+")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file comes from: a script, the line of the phrase, that of the text; and how many
    lines of the file stand before the text."""

    script: str
    line: int
    before: int


@dataclass(frozen=True, slots=True)
class InPlaceFiles:
    """The files by their path, and where each is written."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[str, _Place] = field(default_factory=dict)

    def placed(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """The same faults, where their author can mend them."""
        return tuple(self._placed(one) for one in faults)

    def holds(self, fault: Fault) -> bool:
        """Whether a fault, as plugins tell it, is in one of these files."""
        return fault.file in self.places

    def _placed(self, fault: Fault) -> Fault:
        message = _PLACE.sub(lambda found: self._named(found[0]), fault.message)
        place = self.places.get(fault.file)
        if place is None:
            return replace(fault, message=message)
        # The text begins on the line below the phrase; what stands before it is the phrase's own.
        line = place.line + max(0, fault.line - place.before)
        return Fault(place.script, line, message)

    def _named(self, path: str) -> str:
        place = self.places.get(path)
        return path if place is None else f"{place.script}, ligne {place.line}"


def in_place(sources: Mapping[str, str], catalogue: Catalogue) -> InPlaceFiles:
    """What those scripts, by name, write in place."""
    files: dict[str, bytes] = {}
    places: dict[str, _Place] = {}
    for script, source in sources.items():
        for letter in letters(source, catalogue):
            how = letter.slot_type.in_place
            if how is None:
                continue
            head = how.head(letter.words)
            content = (head + letter.text + "\n").encode("utf-8", "replace")
            path = f"{FOLDER}/{how.folder}/{hashlib.sha256(content).hexdigest()[:20]}{how.suffix}"
            files[path] = content
            places.setdefault(path, _Place(script, letter.line, head.count("\n")))
    return InPlaceFiles(files, places)
