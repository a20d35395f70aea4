"""The project a command works on: its folder, settings, plugins and scripts.

A path may be a folder or a script; either way the whole project is read, since a script may
name another's campaigns and fields, and only what was asked about is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dsl.check.fields import BUILT_IN
from dsl.project import Checked
from dsl.project import check as check_scripts
from relance.errors import ConfigurationError
from relance.fault import Fault
from relance.project_files import ProjectFiles
from relance.variable import Variable
from server import setup
from server.cli.outcome import MISUSED, CommandStop
from server.folder import SCRIPT, scripts
from server.plugins import Plugins, load_plugins
from server.publication.in_place import InPlaceFiles, in_place
from server.publication.on_disk import on_disk
from server.settings import FILE_NAME, Settings, examine_settings, load_settings
from server.system_words import os_reason


@dataclass(frozen=True)
class Workspace:
    """A project, and the files of it that were asked about. Names are relative to `folder`."""

    folder: Path
    settings: Settings
    plugins: Plugins
    sources: Mapping[str, str]
    asked: tuple[str, ...]
    #: Whether a folder was asked about, and so the messages beside its scripts too.
    whole: bool
    #: The settings that were left out, as they are wrong.
    wrong: tuple[ConfigurationError, ...] = ()

    @cached_property
    def in_place(self) -> InPlaceFiles:
        """The messages its scripts write in place."""
        return in_place(self.sources, self.plugins.catalogue)

    @cached_property
    def files(self) -> ProjectFiles:
        """The project as it would be published: with what its scripts write in place."""
        return on_disk(self.folder).keeping(self.in_place.files)

    @cached_property
    def checked(self) -> Checked:
        """The whole project, checked once."""
        references = self.plugins.references(self.files, setup.setup_of(self.settings, self.files))
        return check_scripts(self.sources, self.plugins.catalogue, references)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What plugins find wrong in the files they read; asked about a script, in what it writes."""
        fields = [one.name for one in (*BUILT_IN, *self.checked.fields)]
        if not (self.whole or self.in_place.files):
            return ()
        found = (
            *self.plugins.faults(self.files),
            *self.plugins.review(self.files, fields, self.variables),
        )
        placed = self.in_place.placed(found)
        if self.whole:
            return (*setup.faults(self.settings, self.plugins, self.files, self.wrong), *placed)
        return tuple(one for one in placed if one.file in self.asked)

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """What messages may speak of beside fields; none that rest on settings that are wrong."""
        try:
            return self.plugins.variables(setup.setup_of(self.settings, self.files))
        except ConfigurationError:
            return ()

    def shown(self, name: str) -> str:
        """How a file is named to the person: from where they stand when it is below."""
        path = self.folder / name
        try:
            return str(path.relative_to(Path.cwd()))
        except ValueError:
            return str(path)


def open_workspace(paths: Sequence[Path], *, examined: bool = False) -> Workspace:
    """The project that holds these paths; Stop, with a sentence, when there is none.

    `examined`: settings that are wrong are told among its faults, and not refused.
    """
    asked = [path.resolve() for path in paths]
    for given, path in zip(paths, asked, strict=True):
        if not path.exists():
            raise CommandStop(MISUSED, f"« {given} » n’existe pas.")
    folders = {_project_of(path) for path in asked}
    if len(folders) != 1:
        raise CommandStop(MISUSED, "Ces chemins n’appartiennent pas au même projet : un à la fois.")
    folder = folders.pop()
    settings, wrong = examine_settings(folder) if examined else (load_settings(folder), ())
    try:
        plugins = load_plugins(settings.enabled, settings.disabled)
    except ConfigurationError as error:
        if not examined:
            raise
        wrong, plugins = (*wrong, error), load_plugins()
    files = scripts(folder)
    files += [path for path in asked if path.is_file() and path not in files]
    chosen = [path for path in files if any(_inside(path, one) for one in asked)]
    if not chosen:
        raise CommandStop(MISUSED, f"Aucun script (*{SCRIPT}) dans « {paths[0]} ».")
    sources = {_name(path, folder): _read(path) for path in files}
    return Workspace(
        folder,
        settings,
        plugins,
        sources,
        tuple(_name(p, folder) for p in chosen),
        any(path.is_dir() for path in asked),
        wrong,
    )


def _project_of(path: Path) -> Path:
    """The nearest folder with settings; without any, the folder given or the file's own."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    return start


def _inside(path: Path, asked: Path) -> bool:
    return path == asked or asked in path.parents


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if folder in path.parents else str(path)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandStop(
            MISUSED,
            f"« {path.name} » n’est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le de nouveau en choisissant l’encodage UTF-8.",
        ) from error
    except OSError as error:
        raise CommandStop(
            MISUSED, f"« {path.name} » ne peut pas être lu : {os_reason(error)}."
        ) from error
