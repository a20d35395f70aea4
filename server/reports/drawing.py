"""The drawing of a campaign and of where a lead stands in it, as SVG.

Every word of it comes from scripts, so every word is escaped; there is no script and no
outside reference in the picture.
"""

from collections.abc import Collection, Sequence
from html import escape

from dsl.program import Act, Await, Decide, Leave, Pause, Program, Split, Statement, Step
from server.reports.layout import Row, rows

_ROW = 46
_BOX = 32
_INDENT = 30
_WIDTH = 620
_LONGEST = 66

_SHAPES: dict[type, str] = {
    Act: "activite",
    Pause: "attente",
    Await: "attente",
    Decide: "decision",
    Split: "decision",
    Step: "etape",
    Leave: "sortie",
}


def drawing(program: Program, *, passed: Collection[int] = (), here: int | None = None) -> str:
    """The campaign as an SVG picture: `passed` statements filled, `here` marked."""
    placed = rows(program)
    height = _ROW * len(placed) + 12
    title = escape(f"Parcours dans la campagne « {program.name} »")
    parts = [
        f'<svg class="dessin" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}" '
        f'xmlns="http://www.w3.org/2000/svg">',
        *_lines(placed),
        *(
            _box(row, number, program.statements[row.statement], row.statement in passed, here)
            for number, row in enumerate(placed)
        ),
        "</svg>",
    ]
    return "".join(parts)


def _lines(placed: Sequence[Row]) -> Sequence[str]:
    """A line from each row up to the one it hangs from."""
    found = []
    for number, row in enumerate(placed):
        if row.above is None:
            continue
        x, y = _x(placed[row.above]) + 12, _y(row.above) + _BOX
        end_x, end_y = _x(row), _y(number) + _BOX // 2
        bend = f"H {end_x}" if end_x > x else ""
        found.append(f'<path class="lien" d="M {x} {y} V {end_y} {bend}"/>')
    return found


def _box(row: Row, number: int, statement: Statement, passed: bool, here: int | None) -> str:
    x, y = _x(row), _y(number)
    is_here = row.statement == here
    classes = [_SHAPES.get(type(statement), "passage")]
    classes += ["passe"] if passed else []
    classes += ["ici"] if is_here else []
    text = statement.place.text
    words = f"{row.words} → {text}" if row.words else text
    mark = f'<text class="repere" x="{_WIDTH - 14}" y="{y + 21}">●</text>' if is_here else ""
    return (
        f'<g class="{" ".join(classes)}"><title>{escape(words)}</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDTH - x - 4}" height="{_BOX}" rx="7"/>'
        f'<text x="{x + 12}" y="{y + 21}">{escape(_short(words, row.depth))}</text>{mark}</g>'
    )


def _short(text: str, depth: int) -> str:
    longest = max(_LONGEST - depth * 4, 20)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _x(row: Row) -> int:
    return 4 + min(row.depth, 8) * _INDENT


def _y(number: int) -> int:
    return 6 + number * _ROW
