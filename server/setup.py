"""Settings looked at before the server starts: what would stop it, or all that it sends.

The core's own are told as they are read (`server.settings`); each plugin reads its section here, as
it will when the server starts, and says what it lacks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from relance.concern import Gravity
from relance.errors import ConfigurationError
from relance.fault import Fault
from relance.fold import setting_of
from relance.host import Setup
from relance.project_files import ProjectFiles
from relance.slip import slip_of
from relance.toml_file import UnreadableToml
from server.plugins import Plugins
from server.settings import FILE_NAME, KNOWN_SECTIONS, Settings

_HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^=#\[\s]+)\s*=")


@dataclass
class _Project:
    """A project as it is set, its server not running."""

    files: ProjectFiles
    public_url: str
    zone: ZoneInfo
    region: str
    sections: Mapping[str, Mapping[str, object]]

    def settings(self, plugin: str) -> Mapping[str, object]:
        """A section."""
        return self.sections.get(setting_of(plugin), {})


def _project(
    settings: Settings, files: ProjectFiles, sections: Mapping[str, Mapping[str, object]]
) -> _Project:
    return _Project(files, settings.public_url, settings.zone, settings.region, sections)


def faults(
    settings: Settings,
    plugins: Plugins,
    files: ProjectFiles,
    wrong: Sequence[ConfigurationError] = (),
) -> tuple[Fault, ...]:
    """What is wrong with the settings; without any fault, the server starts with them.

    `wrong`: what was left out of the core's own as they were read.
    """
    text = _text(settings)
    unread = [
        fault
        for one in wrong
        for fault in (
            one.faults
            if isinstance(one, UnreadableToml)
            else [Fault("", line_of(text, *_named(one.key)), str(one))]
        )
    ]
    found = sorted([*unread, *_faults(settings, plugins, files, text)], key=lambda one: one.line)
    return tuple(replace(one, file=FILE_NAME) for one in found)


def _named(key: str) -> tuple[str, str]:
    """The section of a setting, empty for none, and its own name."""
    section, _, name = key.rpartition(".")
    return section, name


def _text(settings: Settings) -> str:
    path = settings.folder / FILE_NAME
    return path.read_text(encoding="utf-8-sig") if path.is_file() else ""


def setup_of(settings: Settings, files: ProjectFiles) -> Setup:
    """The project as it is set, for plugins to look at while no server runs."""
    return _project(settings, files, settings.plugins)


def unread(settings: Settings, plugins: Plugins) -> Iterator[tuple[str, str]]:
    """The sections that nobody reads, by folded name, and what to say of each.

    Those of plugins that are put aside are left alone: they may be needed again.
    """
    readers = plugins.sections()
    known = set(
        map(
            setting_of,
            (
                *readers,
                *plugins.names,
                *plugins.disabled,
                *(name for one in plugins.asleep for name in one.sections),
            ),
        )
    )
    for name in settings.plugins:
        if name not in known:
            near = slip_of(name, [*known, *KNOWN_SECTIONS])
            meant = f" Vouliez-vous dire [{near}] ?" if near else ""
            yield name, f"Section inconnue : [{name}]. Aucune extension ne la lit.{meant}"


def refuse_unread(settings: Settings, plugins: Plugins) -> None:
    """ConfigurationError for the first section that nobody reads."""
    for name, said in unread(settings, plugins):
        raise ConfigurationError(said, name)


def _faults(
    settings: Settings, plugins: Plugins, files: ProjectFiles, text: str
) -> Iterator[Fault]:
    for name, said in unread(settings, plugins):
        yield Fault("", line_of(text, name), said)
    readers = plugins.sections()
    sections = {name: dict(values) for name, values in settings.plugins.items()}
    sound = True
    for name, read in readers.items():
        section = sections.get(setting_of(name), {})
        # One wrong setting after the other, each left out once told.
        for _ in range(len(section) + 1):
            setup = _project(settings, files, sections)
            try:
                read(setup)
            except ConfigurationError as error:
                sound = False
                yield Fault("", line_of(text, setting_of(name), error.key), str(error))
                if section.pop(error.key, None) is None:
                    break
            else:
                break
    if sound:
        setup = _project(settings, files, sections)
        yield from _stopped(plugins, setup, text)


def _stopped(plugins: Plugins, setup: Setup, text: str) -> Iterator[Fault]:
    """What would keep all that a plugin does from being done."""
    for concern in plugins.concerns(setup):
        if concern.gravity is Gravity.STOPPED:
            section = concern.code.partition(".")[0]
            yield Fault("", line_of(text, section), f"{concern.fact} {concern.remedy}")


def line_of(text: str, section: str, key: str = "") -> int:
    """The line of a setting, else of its section, else the first; names are folded."""
    inside, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            inside = setting_of(header[1].partition(".")[0].strip("\"' "))
            name = setting_of(header[1].partition(".")[2].strip("\"' "))
            if inside == section:
                if key and name == key:
                    return number
                found = number if found == 1 else found
            continue
        named = _KEY.match(line) if key and inside == section else None
        if named and setting_of(named[1].strip("\"'")) == key:
            return number
    return found
