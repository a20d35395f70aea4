"""Blocks of a script, as one takes them in hand: a statement with all it holds, those that follow one another,
where one may go."""

import re
from dataclasses import dataclass, field

from dsl.language.fr.constructs import form
from relance.french import quoted

_INSIDE, _OTHERWISE = "dans", form("ELSE")
_PLACE = re.compile(rf"([0-9]{{1,7}})(?::({_INSIDE}|{_OTHERWISE}))?")


@dataclass(frozen=True, slots=True, order=True)
class BlockPlace:
    """After the whole block of a line; or `inside`, first of what that line opens; or `otherwise`, first of
    the last branch that its block has not, which is written then."""

    line: int
    inside: bool = False
    otherwise: bool = False

    @classmethod
    def of(cls, text: str) -> "BlockPlace | None":
        """« 12 », « 12:dans », « 12:sinon », as forms and programs write it."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        return cls(int(found[1]), found[2] == _INSIDE, found[2] == _OTHERWISE)

    def __str__(self) -> str:
        if self.otherwise:
            return f"{self.line}:{_OTHERWISE}"
        return f"{self.line}:{_INSIDE}" if self.inside else str(self.line)


@dataclass(frozen=True, slots=True)
class Block:
    """A statement. Lines: `gap`, the first that goes with it; `first`, that of its own comments; `last`.

    `series`: which it is in; `name`: of a step, or that a jump goes to, `name_span` with its quotes;
    `bound_span`: what says how often that jump may be taken, its comma too, empty without; `limited`: of
    a block that waits, whether it says how long.
    """

    keyword: str | None
    gap: int
    first: int
    line: int
    last: int
    said: str
    series: int
    name: str = ""
    name_span: tuple[int, int] = (0, 0)
    bound_span: tuple[int, int] = (0, 0)
    limited: bool = False


@dataclass(slots=True)
class BlockSeries:
    """Blocks that follow one another, under the line that opens them; `start`: the last line of that.

    `owner`: the line of the block whose branch it is, 0 for a campaign.
    """

    keyword: str
    line: int
    start: int
    owner: int
    indent: str
    said: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Its last line."""
        return self.blocks[-1].last if self.blocks else self.start


@dataclass(frozen=True, slots=True)
class ArrangedText:
    """What the script becomes, the line where that shows, and the stretch of it to be filled in; `note`:
    what was written beside what was asked, empty when nothing was."""

    text: str
    line: int
    stop: tuple[int, int] | None = None
    note: str = ""


def named(said: str) -> str:
    """What a line says, between quotes unless it has some."""
    return said if "«" in said else quoted(said)
