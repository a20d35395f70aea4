"""One project at one instant, and what an editor asks of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from dsl.check.lists import ListDeclaration
from dsl.check.references import Offered
from dsl.diagnostics import Diagnostic
from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue
from dsl.project import CheckedProgram
from dsl.service.choices import Repertoire
from dsl.service.completion import Completer, Completion
from dsl.service.edits import TextEdit, between
from dsl.service.grouped import next_priorities
from dsl.service.hover import Hover, hover, name_at
from dsl.service.memory import ReadingMemory, ReadScript
from dsl.service.names import NameTable, ProjectName
from dsl.service.occurrences import Occurrence
from dsl.service.place import place_of
from dsl.service.remarks import RemarkFinder
from dsl.service.rename import Refusal, Rename, Renamer
from dsl.service.symbols import Symbol, symbols
from relance.fold import key_of


class EditingDesk:
    """What is kept between two instants of projects that share their phrases: not for two threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.memory = ReadingMemory(catalogue)
        self.remarks = RemarkFinder(self.memory)
        self.choices = Repertoire(catalogue, self.memory.lexicon)


@dataclass(frozen=True)
class LanguageService:
    """The scripts of a project by name, what it offers beside them, the texts of its other files.

    Every offset is a code point of the text of the file asked about. KeyError for a file that is none
    of its scripts.
    """

    desk: EditingDesk
    sources: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, Offered] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    def edited(self, name: str, text: str) -> "LanguageService":
        """The same with another text of one script: nothing else is read again."""
        return replace(self, sources={**self.sources, name: text})

    @property
    def catalogue(self) -> Catalogue:
        """The phrases it may use."""
        return self.desk.memory.catalogue

    @cached_property
    def scripts(self) -> Mapping[str, ReadScript]:
        """What was read of each of its files that hold rules."""
        return self.desk.memory.scripts(self.sources)

    @cached_property
    def names(self) -> NameTable:
        """Every name of it."""
        written = (place for one in self.scripts.values() for place in one.occurrences)
        return NameTable(written, self.references)

    @cached_property
    def details(self) -> Sequence[str]:
        """What its scripts ask events to say, each once, as people sort them."""
        read = (one.details for one in self.scripts.values())
        found = {key_of(one): one for one in chain.from_iterable(read)}
        return sorted(found.values(), key=key_of)

    @cached_property
    def groups(self) -> Mapping[str, int]:
        """Its exclusive groups, by name, each with the first priority behind all that are written."""
        return next_priorities(self.scripts.values())

    def diagnostics(self, *files: str) -> Mapping[str, tuple[Diagnostic, ...]]:
        """The remarks of those scripts, of all without any: what `check` says of them."""
        return self.desk.remarks.of(self.sources, self.references, files or tuple(self.sources))

    def lists(self, file: str) -> tuple[ListDeclaration, ...]:
        """The dynamic lists that a script declares, those without an error."""
        return self.desk.remarks.lists(self.sources, self.references, file)

    def programs(self, file: str) -> tuple[CheckedProgram, ...] | None:
        """The campaigns of a script as the engine would run them; None when it has an error."""
        return self.desk.remarks.programs(self.sources, self.references, file)

    def completions(self, file: str, offset: int) -> tuple[Completion, ...]:
        """What may be written there."""
        place = place_of(self.scripts[file], offset)
        types = self.catalogue.slot_types
        choices, names, details = self.desk.choices, self.names, self.details
        return Completer(place, choices, names, types, details, self.groups).completions()

    def hover(self, file: str, offset: int) -> Hover | None:
        """What stands there."""
        return hover(self.scripts[file], offset, self.names, self.catalogue)

    def name_at(self, file: str, offset: int) -> ProjectName | None:
        """The name that stands there."""
        place = self.place_at(file, offset)
        return self.names.at(place) if place is not None else None

    def place_at(self, file: str, offset: int) -> Occurrence | None:
        """The name that stands there, as it is written there."""
        return name_at(self.scripts[file], offset)

    def definition(self, file: str, offset: int) -> Occurrence | None:
        """Where the name that stands there is declared."""
        named = self.name_at(file, offset)
        return named.declared if named is not None else None

    def references_of(self, file: str, offset: int) -> tuple[Occurrence, ...]:
        """Everywhere the name that stands there is written."""
        named = self.name_at(file, offset)
        return tuple(named.places) if named is not None else ()

    def rename(
        self, file: str, offset: int, name: str, running: Collection[str] | None = None
    ) -> Rename | Refusal:
        """What to write everywhere for the name that stands there to become `name`.

        `running`: the names of the campaigns published; None where nobody knows.
        """
        place = self.place_at(file, offset)
        if place is None:
            return Refusal("Aucun nom ne se trouve ici : placez-vous sur celui à changer.")
        renamer = Renamer(self.scripts, self.names, self.catalogue, self.beside, running)
        return renamer.rename(place, name)

    def symbols(self, file: str) -> tuple[Symbol, ...]:
        """The outline of a script."""
        return symbols(self.scripts[file].reading.parsed.script)

    def formatted(self, file: str) -> tuple[TextEdit, ...]:
        """What puts a script in its canonical writing; none when it is."""
        source = self.sources[file]
        return between(file, source, format_source(source, self.catalogue))
