"""What a page of an extension, or its part of a lead's page, is made of: values, never HTML.

They are drawn by the server, in the look of its own pages, every text escaped. A `relance.Report` is a
block too: a table, whose cells are drawn by what its columns hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from relance.page_form import PageForm
from relance.report import Cell, CellType, Report


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str


class NoticeTone(Enum):
    """How what it says is to be taken."""

    GOOD = "good"
    CALM = "calm"
    WARNING = ""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be read first: what is wrong, with its remedy."""

    text: str
    tone: NoticeTone = NoticeTone.WARNING
    title: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and what it is called. `below`: what it is to be compared with, in words."""

    title: str
    value: Cell
    kind: CellType = CellType.COUNT
    below: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Some of them, side by side; one under the other on a lead's page."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """A report drawn as bars, one chart for each of its counted columns, its table beside."""

    report: Report


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where else to look: `path`, on this server (« /rapports/message ») or a site (« https://… »)."""

    words: str
    path: str

    @property
    def outside(self) -> bool:
        """Whether it leads to another site."""
        return self.path.startswith("https://")

    def faults(self) -> Iterator[str]:
        """What keeps it from being followed, in French."""
        own = self.path.startswith("/") and not self.path.startswith(("//", "/\\"))
        if not (own or self.outside) or any(sign <= " " or sign == "\\" for sign in self.path):
            yield "un lien mène à «\u00a0/…\u00a0» ou à «\u00a0https://…\u00a0»"


#: What a page is a sequence of; a form has no place on a lead's page.
Block: TypeAlias = Heading | Paragraph | Notice | Figures | Report | BarChart | PageLink | PageForm
