"""What the text becomes once a block is added, or taken away. Each answer is a text, whose lines are those it
was made of."""

from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import ArrangedText, BlockPlace
from dsl.service.rename import Refusal

_NOWHERE = "Aucun bloc ne peut se placer là."


def nowhere(outline: BlockOutline) -> Refusal:
    """What is said of a place that is none."""
    return Refusal(outline.refusal or _NOWHERE)


def removed(outline: BlockOutline, line: int) -> ArrangedText | Refusal:
    """Without the block of a line, its comments, and all it holds."""
    block = outline.block(line)
    if isinstance(block, Refusal):
        return block
    whole = outline.lines.all()
    text = "".join(whole[: block.first - 1] + whole[block.last :])
    return ArrangedText(text, max(block.first - 1, 1))


def inserted(
    outline: BlockOutline,
    place: BlockPlace,
    words: str,
    stop: tuple[int, int] | None = None,
) -> ArrangedText | Refusal:
    """With what is written of `words` at that place; `stop`: the stretch of its first line to fill in."""
    target = outline.target(place)
    if target is None:
        return nowhere(outline)
    whole = outline.lines.all()
    before = "".join(whole[: target.after])
    if before and not before.endswith("\n"):
        before += "\n"
    before += target.opener
    rows = words.split("\n")
    written = "".join(f"{target.indent}{row}".rstrip(" ") + "\n" for row in rows[1:])
    first = target.indent + rows[0]
    begin = len(before) + len(target.indent)
    at = stop or (len(rows[0]), len(rows[0]))
    text = before + first + "\n" + written + "".join(whole[target.after :])
    line = target.after + 1 + bool(target.opener)
    return ArrangedText(text, line, (begin + at[0], begin + at[1]))
