"""Each setting with what it is and where that comes from: the environment, a line of the file, or nothing.

A secret is never among what is shown: that it is set, and where, is all.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from relance.fold import setting_of
from relance.french import quoted
from relance.setting import SettingField, SettingKind, SettingsSchema
from relance.toml_file import read as read_toml
from server.plugins import Plugins
from server.settings import FILE_NAME, PREFIX, SECRETS_FILE, text_of
from server.settings_edit import place_of
from server.settings_schema import CORE

#: What is said of a secret that is set.
SET = "fixé"


class SettingSource(Enum):
    """Where a value comes from."""

    ENVIRONMENT = auto()
    FILE = auto()
    SECRETS = auto()
    DEFAULT = auto()


@dataclass(frozen=True, slots=True)
class SourcedSetting:
    """A setting: its value as a form writes it, empty of a secret; `where` says whence, in French."""

    setting: SettingField
    source: SettingSource
    value: str
    where: str
    #: Why it is not changed here; empty when it is.
    locked: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anybody chose it."""
        return self.source is not SettingSource.DEFAULT


@dataclass(frozen=True, slots=True)
class SourcedSection:
    """A section. `drawn`: a schema says what it may hold; else its keys are shown, and no value."""

    schema: SettingsSchema
    settings: tuple[SourcedSetting, ...]
    drawn: bool = True


def texts_of(folder: Path) -> tuple[str, str]:
    """What the file of settings and that of secrets hold; empty of one that is not there.

    Raises `ConfigurationError` of one that cannot be read.
    """
    return text_of(folder / FILE_NAME), text_of(folder / SECRETS_FILE)


def variable(section: str, key: str) -> str:
    """The variable of the environment that sets it."""
    return PREFIX + "_".join(filter(None, (section, key))).upper()


def sections(
    folder: Path, plugins: Plugins, environment: Mapping[str, str] | None = None
) -> Sequence[SourcedSection]:
    """All of them, those of the core first. Raises `ConfigurationError` where files cannot be read."""
    given = _variables(os.environ if environment is None else environment)
    text, secrets = texts_of(folder)
    trees = _tree(text), _tree(secrets)
    schemas = (*CORE, *plugins.schemas())
    drawn = [
        SourcedSection(one, tuple(_sourced(one, each, text, trees, given) for each in one.settings))
        for one in schemas
    ]
    named = {one.section for one in schemas}
    others = [
        _bare(name, inside, text, trees, given)
        for name, inside in trees[0].items()
        if isinstance(inside, dict) and name not in named
    ]
    return (*drawn, *others)


def _variables(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Each by its name in capitals, as they are now: another thread may take one away meanwhile."""
    names = [name for name in tuple(environment) if name.upper().startswith(PREFIX)]
    found = {name.upper(): environment.get(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _bare(
    name: str,
    inside: Mapping[str, object],
    text: str,
    trees: tuple[Mapping[str, object], Mapping[str, object]],
    environment: Mapping[str, str],
) -> SourcedSection:
    """One that nobody draws: any of its values may be a secret, so that none is shown."""
    settings = tuple(
        SettingField(setting_of(key), key, kind=SettingKind.SECRET, by_file=True) for key in inside
    )
    schema = SettingsSchema(name, f"[{name}]", settings)
    found = tuple(_sourced(schema, one, text, trees, environment) for one in settings)
    return SourcedSection(schema, found, drawn=False)


def _sourced(
    schema: SettingsSchema,
    setting: SettingField,
    text: str,
    trees: tuple[Mapping[str, object], Mapping[str, object]],
    environment: Mapping[str, str],
) -> SourcedSetting:
    name, secret = variable(schema.section, setting.key), setting.kind is SettingKind.SECRET
    of_file = f"Se change dans {FILE_NAME}, puis au prochain démarrage." if setting.by_file else ""
    if (value := environment.get(name)) is not None:
        why = f"La variable {name} le fixe : elle l’emporte sur le fichier et sur cette page."
        shown, where = "" if secret else value, f"environnement, {name}"
        return SourcedSetting(setting, SettingSource.ENVIRONMENT, shown, where, why)
    in_file, in_secrets = (_in(tree, schema.section, setting.key) for tree in trees)
    if in_secrets is not None:
        return SourcedSetting(setting, SettingSource.SECRETS, "", f"{SECRETS_FILE}", of_file)
    if in_file is not None:
        line = place_of(text, schema.section, setting.key)
        where = f"{FILE_NAME}, ligne {line}" if line else FILE_NAME
        shown = "" if secret else written(in_file)
        return SourcedSetting(setting, SettingSource.FILE, shown, where, of_file)
    return SourcedSetting(setting, SettingSource.DEFAULT, "", "par défaut", of_file)


def _tree(text: str) -> Mapping[str, object]:
    data = read_toml(text, FILE_NAME).data
    return {
        setting_of(name): {setting_of(key): one for key, one in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in data.items()
    }


def _in(tree: Mapping[str, object], section: str, key: str) -> object:
    if not section:
        return tree.get(key)
    inside = tree.get(section)
    return inside.get(key) if isinstance(inside, dict) else None


def written(value: object) -> str:
    """A value of the file as a field of a form holds it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, dict):
        return "\n".join(f"{name} : {quoted(str(one))}" for name, one in value.items())
    return str(value)
