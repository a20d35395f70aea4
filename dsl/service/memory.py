"""What was read and found of each file, kept from one answer to the next while its text is the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from dsl.check.lexicon import Lexicon
from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import Reading, read
from dsl.service.occurrences import Occurrence, details_in, names_in
from dsl.text.positions import Positions

#: Versions of one file that are kept: the one published, those that a few people are typing.
_VERSIONS: Final = 4


@dataclass(frozen=True)
class ReadScript:
    """A file of the project as it was read."""

    name: str
    text: str
    reading: Reading
    lexicon: Lexicon

    @cached_property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Every name written in it, in the order of its text."""
        return names_in(self.name, self.reading.parsed.script, self.lexicon)

    @cached_property
    def details(self) -> tuple[str, ...]:
        """What it asks events to say."""
        return details_in(self.reading.parsed.script)

    @cached_property
    def positions(self) -> Positions:
        """Its lines."""
        return Positions(self.text)


class ReadingMemory:
    """Scripts read with one catalogue. Not for several threads at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.lexicon = Lexicon(catalogue)
        self._read: dict[str, list[ReadScript]] = {}

    def script(self, name: str, text: str) -> ReadScript:
        """What was read of that text."""
        known = self._read.setdefault(name, [])
        found = next((one for one in known if one.text == text), None)
        if found is None:
            found = self.tried(name, text)
        else:
            known.remove(found)
        known.insert(0, found)
        del known[_VERSIONS:]
        return found

    def tried(self, name: str, text: str) -> ReadScript:
        """The same of a text that nobody has written, which is not kept."""
        return ReadScript(name, text, read(text, self.catalogue), self.lexicon)

    def scripts(self, sources: Mapping[str, str]) -> dict[str, ReadScript]:
        """The same of each of those files; others are forgotten."""
        for name in self._read.keys() - sources.keys():
            del self._read[name]
        return {name: self.script(name, text) for name, text in sources.items()}
