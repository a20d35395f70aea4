"""A form of a page of an extension: what it asks, and what is done with the answer.

The server draws it, checks each field by its kind, guards it against other sites and notes in the
audit log who sent it; the extension is handed values.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import TypeAlias

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class FieldKind(Enum):
    """What is asked for, and what the extension is handed; None of what was left empty."""

    #: A str, of one line.
    TEXT = auto()
    #: A str, of several.
    LINES = auto()
    #: A `Decimal`.
    NUMBER = auto()
    #: A date.
    DAY = auto()
    #: A str, the address of somebody.
    EMAIL = auto()
    #: A bool.
    FLAG = auto()
    #: One of `choices`: a str.
    CHOICE = auto()


@dataclass(frozen=True, slots=True)
class PageField:
    """A field. `label`, `help`: French. `value`: what it holds before anybody types, as typed.

    `required`: it is not to be left empty. `least`, `most`: of a number; of a text, `most` is how many
    signs it may have.
    """

    key: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    help: str = ""
    value: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class FormDone:
    """It was done: what is said of it, in French."""

    words: str


@dataclass(frozen=True, slots=True)
class FormRefused:
    """It was not: why, in French. `fields`: of which fields, by their key, and why each."""

    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


FieldValue: TypeAlias = str | Decimal | date | bool | None
#: What does it: once the fields are read, each by its key.
Submit: TypeAlias = Callable[[Mapping[str, FieldValue]], Awaitable[FormDone | FormRefused]]


@dataclass(frozen=True, slots=True)
class PageForm:
    """A form. `key`: what tells it from the others of its page; `button`: what sends it, in words."""

    key: str
    fields: tuple[PageField, ...]
    button: str
    submit: Submit
    title: str = ""

    def faults(self) -> Iterator[str]:
        """What keeps it from being asked, in French."""
        keys = [one.key for one in self.fields]
        if not all(_KEY.fullmatch(key) for key in (self.key, *keys)):
            yield "une clé s’écrit en minuscules, chiffres et «\u00a0_\u00a0», 40 au plus"
        if len(set(keys)) < len(keys):
            yield "deux champs y ont la même clé"
        if not self.button.strip() or any(not one.label.strip() for one in self.fields):
            yield "le bouton et chaque champ ont un nom à lire"
        for one in self.fields:
            if one.kind is FieldKind.CHOICE and not one.choices:
                yield f"le champ {one.key} ne dit pas entre quoi choisir"
