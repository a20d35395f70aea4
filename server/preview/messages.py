"""The messages of a project that people write: where each is, and how a new one begins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from relance.fold import fold, loose_key
from relance.french import quoted
from relance.message_files import EditedMessages
from relance.project_files import ProjectFiles
from server.folder import files, holds
from server.plugins import Plugins
from server.publication.in_place import InPlaceFiles, in_place
from server.publication.reading import scripts_of
from server.publication.replacement import put_anew

#: Far longer than a name that anybody would read.
LONGEST_NAME = 100
#: What would end a name where a script writes it, or be read as something else in its own file.
_SIGNS = frozenset('()«»{}"')


class Misnamed(ValueError):
    """No message may begin under that name; the reason is French, for who typed it."""


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """One of them. `file`: its path in the project; `script` and `line`: where one writes it in place."""

    channel: str
    name: str
    file: str
    script: str = ""
    line: int = 0


@dataclass(frozen=True)
class ProjectMessages:
    """Those of a draft, and the files it stands on, what its scripts write in place included."""

    plugins: Plugins
    files: ProjectFiles
    placed: InPlaceFiles

    @classmethod
    def of(cls, plugins: Plugins, draft: ProjectFiles) -> "ProjectMessages":
        """The messages of that draft; RelanceError for a script that is no text."""
        made = in_place(scripts_of(draft), plugins.catalogue)
        return cls(plugins, draft.keeping(made.files), made)

    def __iter__(self) -> Iterator[WrittenMessage]:
        for kind in self.plugins.edited():
            for file, name in kind.places(self.files).items():
                at = self.placed.places.get(file)
                written = ("", 0) if at is None else (at.script, at.line)
                yield WrittenMessage(kind.channel, name, file, *written)

    def at(self, file: str) -> WrittenMessage:
        """The one of that file, which is its own; LookupError when there is none."""
        for one in self:
            if one.file == file and not one.script:
                return one
        raise LookupError(file)

    def kind(self, file: str) -> EditedMessages:
        """Of which kind the message of that file is; LookupError for none."""
        for one in self.plugins.edited():
            if file in one.places(self.files):
                return one
        raise LookupError(file)

    def typed(self, file: str, text: str) -> "ProjectMessages":
        """The same with another text in one of their files."""
        files = self.files.keeping({file: text.encode("utf-8", "replace")})
        return ProjectMessages(self.plugins, files, self.placed)

    def alone(self, file: str) -> ProjectFiles:
        """The files without the other messages of its kind: what is said of it costs no look at them."""
        others = self.kind(file).places(self.files).keys() - {file}
        contents = self.files.contents
        return ProjectFiles({name: contents[name] for name in contents if name not in others})

    def begin(self, folder: Path, channel: str, name: str) -> str:
        """Write a new one of that name in the project’s folder, over nothing; the path of its file.

        `Misnamed`, LookupError for a channel that has no such messages, OSError when it cannot be.
        """
        kind = next((one for one in self.plugins.edited() if one.channel == channel), None)
        if kind is None:
            raise LookupError(channel)
        named = kind.places(self.files)
        name = _name(name, named.values())
        taken = {PurePosixPath(file) for file in named}
        used = [str(one.parent) for one in taken if str(one) not in self.placed.places]
        where = max(set(used), key=used.count) if used else kind.folder
        file = str(PurePosixPath(where) / f"{loose_key(name) or 'message'}{kind.suffix}")
        try:
            put_anew(folder / file, kind.begun(name))
        except FileExistsError as error:
            raise Misnamed(f"Le fichier {quoted(file)} existe déjà : changez ce nom.") from error
        return file


def files_of(plugins: Plugins, folder: Path) -> Iterator[Path]:
    """The files of messages in a project’s folder."""
    for kind in plugins.edited():
        for path in files(folder, (kind.suffix,)):
            if kind.folder in path.relative_to(folder).parts[:-1]:
                yield path


def is_message(plugins: Plugins, folder: Path, file: str) -> bool:
    """Whether that path is one of those, the others not looked at."""
    above = file.split("/")[:-1]
    kinds = (one for one in plugins.edited() if one.folder in above)
    return any(holds(folder, file, (one.suffix,)) for one in kinds)


def _name(typed: str, taken: Iterable[str]) -> str:
    """The name as it is kept; Misnamed when no message may have it."""
    name = " ".join(typed.split())
    if not name:
        raise Misnamed("Donnez-lui un nom : c’est par lui que les scripts l’envoient.")
    if len(name) > LONGEST_NAME:
        raise Misnamed(f"Ce nom est trop long : {LONGEST_NAME} caractères au plus.")
    wrong = [one for one in name if one in _SIGNS or not one.isprintable()]
    if wrong:
        raise Misnamed(f"Ce nom ne peut pas contenir {quoted(wrong[0])}.")
    if not loose_key(name):
        raise Misnamed("Ce nom n’a ni lettre ni chiffre.")
    if fold(name) in map(fold, taken):
        raise Misnamed(f"Un message s’appelle déjà {quoted(name)}.")
    return name
