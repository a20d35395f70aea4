"""A draft as it is read: what its scripts and messages say, and what is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dsl.check.lexicon import INDICATOR
from dsl.diagnostics import Diagnostic, Severity
from dsl.policy import CHANNELS
from dsl.project import Checked, check
from relance.fault import Fault
from relance.fold import key_of
from relance.host import Setup
from relance.person import Person
from relance.project_files import ProjectFiles
from server.folder import SCRIPT
from server.plugins import Plugins
from server.publication.in_place import in_place
from server.publication.unusable import text_of

#: How many errors are told.
MOST_PROBLEMS = 50
#: What plugins offer whatever the files of a project.
_OF_PLUGINS = frozenset({CHANNELS, INDICATOR})


@dataclass(frozen=True, slots=True)
class DraftReading:
    """One reading of a draft; `files` are what is published of it, last good messages included."""

    files: ProjectFiles
    checked: Checked
    problems: tuple[str, ...]
    people: tuple[Person, ...] = ()
    #: Whether it may be published: no script is wrong, nor what one writes in place.
    sound: bool = True


#: The contents of a draft, and of what runs.
_ReadFiles = tuple[Mapping[str, bytes], Mapping[str, bytes] | None]


class DraftReader:
    """Reads drafts with what plugins know of their files, and of the settings."""

    def __init__(self, plugins: Plugins, setup: Setup) -> None:
        self._plugins, self._setup = plugins, setup
        #: The last two readings, of these files beside those: the draft’s, and that of what runs.
        self._lately: tuple[tuple[_ReadFiles, DraftReading], ...] = ()

    def read(self, draft: ProjectFiles, running: ProjectFiles | None) -> DraftReading:
        """What it says; a message that is broken is the one of `running`, when it was not.

        Of the very files that were just read, it is what was: « Publier » asks it three times.
        """
        asked = draft.contents, None if running is None else running.contents
        found = next((reading for files, reading in self._lately if files == asked), None)
        if found is None:
            found = self._read(draft, running)
            self._lately = (*self._lately[-1:], (asked, found))
        return found

    def _read(self, draft: ProjectFiles, running: ProjectFiles | None) -> DraftReading:
        sources = scripts_of(draft)
        made = in_place(sources, self._plugins.catalogue)
        draft = draft.keeping(made.files)
        faults = self._plugins.faults(draft)
        kept = _last_good(draft, faults, running)
        references = self._plugins.references(kept, self._setup)
        checked = check(sources, self._plugins.catalogue, references)
        problems = [
            problem(name, sources[name], item)
            for name, items in checked.diagnostics.items()
            for item in items
            if item.severity is Severity.ERROR
        ]
        placed = made.placed(faults)
        problems += [f"{fault.file}, ligne {fault.line} : {fault.message}" for fault in placed]
        sound = checked.ok and not any(map(made.holds, faults))
        people = self._plugins.people(kept)
        return DraftReading(kept, checked, tuple(problems[:MOST_PROBLEMS]), people, sound)

    def named(self, files: ProjectFiles) -> frozenset[str]:
        """The folded names that those files alone give: of a message, its own."""
        offered = self._plugins.references(files, self._setup).items()
        return frozenset(
            key_of(name) for kind, names in offered if kind not in _OF_PLUGINS for name in names
        )

    def compiling(self, files: ProjectFiles) -> Callable[[Mapping[str, str]], Checked]:
        """What tells what the scripts of a project say, some of them by name amended."""

        def compiled(amended: Mapping[str, str]) -> Checked:
            references = self._plugins.references(files, self._setup)
            return check({**scripts_of(files), **amended}, self._plugins.catalogue, references)

        return compiled


def _last_good(
    draft: ProjectFiles, faults: Sequence[Fault], running: ProjectFiles | None
) -> ProjectFiles:
    """The draft, each file that is broken as it was when it was not."""
    former = running.contents if running is not None else {}
    broken = {fault.file for fault in faults} & former.keys()
    return draft.keeping({name: former[name] for name in broken})


def scripts_of(files: ProjectFiles) -> Mapping[str, str]:
    """The texts of the scripts among those files, by name; UnusableDraft for one that is none."""
    return {
        name: text_of(name, content)
        for name, content in sorted(files.contents.items())
        if name.endswith(SCRIPT)
    }


def problem(name: str, source: str, item: Diagnostic) -> str:
    """An error of a script, in a line."""
    line = source.count("\n", 0, item.span.start) + 1
    return f"{name}, ligne {line} : {item.message} ({item.code})"
