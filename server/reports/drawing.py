"""The drawing of a campaign and of where a lead stands in it, as SVG.

Every word of it comes from scripts, so every word is escaped, and nothing hides in it; there is no
script and no outside reference in the picture.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate

from dsl.program import Act, Await, Decide, Leave, Pause, Program, Split, Statement, Step
from relance.french import quoted
from relance.legible import legible
from server.reports.glossary import Glossary
from server.reports.layout import DrawnRow, rows

_ROW = 44
_BOX = 32
#: What the words of a branch take above its first box.
_WORDS = 20
_INDENT = 30
_WIDTH = 620
_LONGEST = 82

_SHAPES: dict[type, str] = {
    Act: "activite",
    Pause: "attente",
    Await: "attente",
    Decide: "decision",
    Split: "decision",
    Step: "etape",
    Leave: "sortie",
}


@dataclass(frozen=True, slots=True)
class _Box:
    """A row in its place: `x` and `y` of its box's corner."""

    row: DrawnRow
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement as it is drawn, but for what a stay says of it; `mark` says that one is here."""

    statement: int
    shape: str
    inside: str
    mark: str


class Drawing:
    """A campaign as an SVG picture, put into words and in place once for all the stays in it."""

    def __init__(self, program: Program, glossary: Glossary) -> None:
        boxes = _placed(rows(program, glossary))
        height = boxes[-1].y + _ROW if boxes else 0
        title = _escaped(f"Parcours dans la campagne {quoted(program.name)}")
        self._under = (
            f'<svg class="dessin" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(_lines(boxes))}'
        )
        self._pieces = [
            _piece(box, statement, glossary.said(statement.place.said))
            for box in boxes
            for statement in (program.statements[box.row.statement],)
        ]

    def of(self, passed: Collection[int] = (), here: int | None = None) -> str:
        """The picture of a stay: `passed` statements filled, `here` marked."""
        parts = [self._under]
        for one in self._pieces:
            classes = one.shape + (" passe" if one.statement in passed else "")
            mark = ""
            if one.statement == here:
                classes, mark = f"{classes} ici", one.mark
            parts.append(f'<g class="{classes}">{one.inside}{mark}</g>')
        return "".join([*parts, "</svg>"])


def _placed(found: Sequence[DrawnRow]) -> Sequence[_Box]:
    heights = [_ROW + (_WORDS if row.words else 0) for row in found]
    return [
        _Box(row, 4 + min(row.depth, 8) * _INDENT, bottom - _BOX - 6)
        for row, bottom in zip(found, accumulate(heights), strict=True)
    ]


def _lines(boxes: Sequence[_Box]) -> Sequence[str]:
    """A line from each box up to the one it hangs from."""
    found = []
    for box in boxes:
        if box.row.above is None:
            continue
        above = boxes[box.row.above]
        x = above.x + 12
        bend = f" H {box.x}" if box.x > x else ""
        found.append(f'<path class="lien" d="M {x} {above.y + _BOX} V {box.y + _BOX // 2}{bend}"/>')
    return found


def _piece(box: _Box, statement: Statement, text: str) -> _Piece:
    x, y, words = box.x, box.y, box.row.words
    above = _text("mots", x + 4, y - 7, words, box.row.depth) if words else ""
    return _Piece(
        box.row.statement,
        _SHAPES.get(type(statement), "passage"),
        f"<title>{_escaped(f'{words} {text}'.strip())}</title>{above}"
        f'<rect x="{x}" y="{y}" width="{_WIDTH - x - 4}" height="{_BOX}" rx="7"/>'
        f"{_text('texte', x + 12, y + 21, text, box.row.depth)}",
        f'<text class="repere" x="{_WIDTH - 26}" y="{y + 21}">●</text>',
    )


def _text(kind: str, x: int, y: int, text: str, depth: int) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{_escaped(_short(text, depth))}</text>'


def _escaped(text: str) -> str:
    return escape(legible(text))


def _short(text: str, depth: int) -> str:
    longest = max(_LONGEST - depth * 4, 20)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
