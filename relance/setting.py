"""Settings as people are asked for them: what a section of `relance.toml` may say, drawn as a form.

Reading them stays the section's reader's (`relance_sections`), which refuses what is wrong: a form says
the same beside the field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto


class SettingKind(Enum):
    """How one is asked for."""

    TEXT = auto()
    #: Written, and never shown again.
    SECRET = auto()
    NUMBER = auto()
    #: Yes or no.
    FLAG = auto()
    #: One of `choices`.
    CHOICE = auto()
    #: Several texts, one a line.
    TEXTS = auto()


@dataclass(frozen=True, slots=True)
class SettingField:
    """One of them. `key`, `default`: as `relance.toml` writes them; `label`, `help`: French.

    `clears`: the secrets of the same section that were for what this one said: changed, they are
    forgotten, so that a password goes to no other server than the one it was given for. `by_file`: it
    is changed in the file alone.
    """

    key: str
    label: str
    help: str = ""
    kind: SettingKind = SettingKind.TEXT
    default: str = ""
    choices: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    by_file: bool = False


@dataclass(frozen=True, slots=True)
class SettingsSchema:
    """A section. `section`: its name, empty for what stands above all sections.

    `channel`: that which it sets, which may be tried from the same page.
    """

    section: str
    title: str
    settings: tuple[SettingField, ...]
    about: str = ""
    channel: str = ""

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.section

    def find(self, key: str) -> SettingField | None:
        """What goes by that key; None when nothing does."""
        return next((one for one in self.settings if one.key == key), None)

    def faults(self) -> Iterator[str]:
        """What keeps it from being drawn, in French."""
        keys = [one.key for one in self.settings]
        if not self.title or any(not one.label for one in self.settings):
            yield "une section et chacun de ses réglages ont un nom à lire"
        if len(set(keys)) < len(keys):
            yield "deux réglages y ont la même clé"
        for one in self.settings:
            if one.kind is SettingKind.CHOICE and not one.choices:
                yield f"le réglage {one.key} ne dit pas entre quoi choisir"
            if any(key not in keys for key in one.clears):
                yield f"le réglage {one.key} efface un secret qui n’y est pas"
