"""What an extension adds to the interface: pages with their line of the menu, panels of a lead, reports.

Each is a value and a function that answers blocks (`relance.blocks`): it writes no HTML, and is asked
within a time. One that fails, or lasts, is said to in its place, and harms no other.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from relance.access_role import AccessRole
from relance.blocks import Block
from relance.house import House, KnownLead
from relance.report import Report

_PATH = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){0,3}")
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 60

#: What a page is made of, of the house over some days. Not a coroutine, it is asked in a thread.
Body: TypeAlias = Callable[[House], Sequence[Block] | Awaitable[Sequence[Block]]]
#: The same of a lead; nothing is shown when it answers nothing.
LeadBody: TypeAlias = Callable[[KnownLead], Sequence[Block] | Awaitable[Sequence[Block]]]


@dataclass(frozen=True, slots=True)
class InterfacePage:
    """A page: « /extensions/ », the name of the extension, then `path`.

    `access`: who may look; `writing`: who may send its forms, without which it has none. `menu`: what
    the menu calls it, and an `icon` of the interface beside; without it, nothing leads there but links.
    `dated`: one chooses the days it is of; else it is of the last thirty. `about`: what it is for.
    """

    path: str
    title: str
    access: AccessRole
    body: Body
    menu: str = ""
    icon: str = "chart"
    about: str = ""
    dated: bool = False
    writing: AccessRole | None = None

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.path

    def faults(self) -> Iterator[str]:
        """What keeps it from being shown, in French."""
        if not _PATH.fullmatch(self.path):
            yield "son chemin s’écrit en minuscules sans accents, chiffres et tirets"
        if not isinstance(self.access, AccessRole):
            yield "elle ne dit pas qui peut la voir («\u00a0access\u00a0»)"
        yield from _named(self.title)
        if len(self.menu) > _LONGEST:
            yield f"son nom dans le menu a {_LONGEST} signes au plus"


@dataclass(frozen=True, slots=True)
class LeadPanel:
    """A part of the page of a lead. `access`: who may see it, among those who may see what is personal."""

    key: str
    title: str
    body: LeadBody
    access: AccessRole = AccessRole.PERSONAL

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.key

    def faults(self) -> Iterator[str]:
        """What keeps it from being shown, in French."""
        if not _WORD.fullmatch(self.key):
            yield "sa clé s’écrit en minuscules sans accents, chiffres et tirets"
        if not isinstance(self.access, AccessRole):
            yield "il ne dit pas qui peut le voir («\u00a0access\u00a0»)"
        yield from _named(self.title)


@dataclass(frozen=True, slots=True)
class HouseReport:
    """A report of the house over some days, beside the server's own: a page, a command, files, the API.

    `word`: by which it is asked for; `about`: what it says, in a sentence. `personal`: it names people.
    """

    word: str
    title: str
    about: str
    read: Callable[[House], Awaitable[Report]]
    personal: bool = False

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.word

    def faults(self) -> Iterator[str]:
        """What keeps it from being told, in French."""
        if not _WORD.fullmatch(self.word):
            yield "son mot s’écrit en minuscules sans accents, chiffres et tirets"
        if not self.about.strip():
            yield "«\u00a0about\u00a0» est vide"
        yield from _named(self.title)


def _named(title: str) -> Iterator[str]:
    if not 0 < len(title.strip()) <= _LONGEST:
        yield f"son titre a de 1 à {_LONGEST} signes"
