"""One setting changed: in the file of the project, or in that of secrets; never one that would not start.

What is written takes effect at the next start, as what is written by hand does.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from relance.errors import ConfigurationError
from relance.french import quoted
from relance.project_files import ProjectFiles
from relance.section import split, yes_or_no
from relance.setting import SettingField, SettingKind, SettingsSchema
from relance.toml_file import read as read_toml
from server import private
from server.plugins import Plugins
from server.settings import FILE_NAME, SECRETS_FILE, examined
from server.settings_edit import UnwritableSetting, Written, with_value
from server.settings_schema import CORE
from server.settings_sources import texts_of, variable
from server.setup import faults
from server.system_words import os_message


class SettingRefused(Exception):
    """What was typed cannot be kept: why, in French."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What the two files will hold; `cleared`: the secrets forgotten with it, by their labels."""

    text: str
    secrets: str
    cleared: tuple[str, ...] = ()


def schema_of(plugins: Plugins, section: str) -> SettingsSchema | None:
    """What says how a section is drawn."""
    return next((one for one in (*CORE, *plugins.schemas()) if one.section == section), None)


def changed(
    folder: Path,
    plugins: Plugins,
    files: ProjectFiles,
    section: str,
    key: str,
    typed: str,
    environment: Mapping[str, str] | None = None,
) -> SettingsChange:
    """The files with that setting as typed; nothing typed: without it. `SettingRefused`, else."""
    schema = schema_of(plugins, section)
    setting = schema.find(key) if schema is not None else None
    given = os.environ if environment is None else environment
    if schema is None or setting is None or setting.by_file:
        raise SettingRefused(f"Ce réglage se change dans {FILE_NAME}.")
    if _fixed(given, section, key):
        raise SettingRefused(f"La variable {variable(section, key)} le fixe.")
    text, secrets = _texts(folder)
    before = _wrong(folder, plugins, files, text, secrets, given)
    value = _value(setting, typed)
    cleared: list[str] = []
    if setting.kind is SettingKind.SECRET:
        # One that stood in the file of the project would be read no more: it is not left there.
        text, secrets = _edit(text, section, key, None), _edit(secrets, section, key, value)
    else:
        for name in setting.clears:
            text, secrets, gone = _forget(schema, name, text, secrets, given)
            cleared += gone
        text = _edit(text, section, key, value)
    wrong = [
        one for one in _wrong(folder, plugins, files, text, secrets, given) if one not in before
    ]
    if wrong:
        raise SettingRefused(wrong[0])
    return SettingsChange(text, secrets, tuple(cleared))


def write(folder: Path, change: SettingsChange) -> None:
    """Have both files hold it, whole; `SettingRefused` where the disk refuses."""
    former = _texts(folder)
    try:
        if change.secrets != former[1]:
            private.folder((folder / SECRETS_FILE).parent)
            _replace(folder / SECRETS_FILE, change.secrets, 0o600)
        if change.text != former[0]:
            path = folder / FILE_NAME
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o640
            _replace(path, change.text, mode)
    except OSError as error:
        raise SettingRefused(os_message(error)) from error


def _texts(folder: Path) -> tuple[str, str]:
    try:
        return texts_of(folder)
    except ConfigurationError as unread:
        raise SettingRefused(str(unread)) from unread


def _replace(path: Path, text: str, mode: int) -> None:
    number, making = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(making).chmod(mode)
        Path(making).replace(path)
    except OSError:
        Path(making).unlink(missing_ok=True)
        raise


def _fixed(environment: Mapping[str, str], section: str, key: str) -> bool:
    return variable(section, key) in {name.upper() for name in environment}


def _forget(
    schema: SettingsSchema, key: str, text: str, secrets: str, environment: Mapping[str, str]
) -> tuple[str, str, list[str]]:
    """Without a secret that was for another server."""
    secret = schema.find(key)
    label = secret.label if secret is not None else key
    if _fixed(environment, schema.section, key):
        raise SettingRefused(
            f"{quoted(label)} vient de la variable {variable(schema.section, key)}, et irait à ce "
            "nouveau serveur : ôtez-la d’abord."
        )
    after = _edit(text, schema.section, key, None), _edit(secrets, schema.section, key, None)
    return (*after, [label] if after != (text, secrets) else [])


def _edit(text: str, section: str, key: str, value: Written | None) -> str:
    try:
        return with_value(text, section, key, value)
    except UnwritableSetting as error:
        raise SettingRefused(
            f"{FILE_NAME} est écrit d’une façon qui ne se change pas d’ici : changez-le à la main."
        ) from error


def _value(setting: SettingField, typed: str) -> Written | None:
    """What is written of what was typed; None of nothing."""
    text = typed if setting.kind is SettingKind.SECRET else typed.strip()
    if not text:
        return None
    match setting.kind:
        case SettingKind.NUMBER:
            return _number(text)
        case SettingKind.FLAG:
            said = yes_or_no(text)
            if said is None:
                raise SettingRefused("Choisissez oui ou non.")
            return said
        case SettingKind.TEXTS:
            return tuple(one for line in text.splitlines() for one in split(line)) or None
    if not text.isprintable():
        raise SettingRefused("Ce texte tient un signe invisible : écrivez-le sur une seule ligne.")
    return text


def _number(text: str) -> int | float:
    plain = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        found = float(plain)
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e15:
        raise SettingRefused("Écrivez un nombre.")
    return int(found) if found == int(found) else found


def _wrong(
    folder: Path,
    plugins: Plugins,
    files: ProjectFiles,
    text: str,
    secrets: str,
    environment: Mapping[str, str],
) -> list[str]:
    """All that is wrong with these texts, as `relance check` says it."""
    read = read_toml(text, FILE_NAME), read_toml(secrets, SECRETS_FILE)
    try:
        settings, wrong = examined(folder, *read, environment)
    except ConfigurationError as error:
        return [str(error)]
    return [one.message for one in faults(settings, plugins, files, wrong)]
