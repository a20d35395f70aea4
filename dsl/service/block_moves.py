"""A block at another place, with all it holds: indentation follows, and jumps say what they have to say there."""

from dsl.service.block_edits import nowhere
from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import ArrangedText, BlockPlace
from dsl.service.jumps import turned
from dsl.service.rename import Refusal

_WITHIN = "Un bloc ne peut pas aller dans lui-même."
_SAME = "Ce bloc y est déjà."


def moved(outline: BlockOutline, line: int, place: BlockPlace) -> ArrangedText | Refusal:
    """The block of a line at that place."""
    block, target = outline.block(line), outline.target(place)
    if isinstance(block, Refusal):
        return block
    if target is None:
        return nowhere(outline)
    if target.within(block):
        stays = not target.opener and target.after in (block.gap - 1, block.last)
        return Refusal(_SAME if stays else _WITHIN)
    taken = range(block.gap, block.last + 1)
    opens = bool(target.opener)
    # Lines below the place come behind what is put there, those below the block lose it.
    down = target.after < block.gap

    def moves(at: int) -> int:
        if at in taken:
            behind = target.after if down else target.after - len(taken)
            return behind + opens + 1 + at - block.gap
        grown = (len(taken) + opens) if at > target.after else 0
        return at + grown - (len(taken) if at > block.last else 0)

    edits, note = turned(outline, moves)
    lines = outline.lines.edited(edits)
    was = outline.lines.margin(block.line)
    rows = [_indented(one, was, target.indent) for one in lines.of(block.gap, block.last)]
    whole = lines.all()
    rest = whole[: block.gap - 1] + whole[block.last :]
    at = target.after if down else target.after - len(taken)
    opener = [target.opener] if opens else []
    text = "".join(rest[:at] + opener + rows + rest[at:])
    return ArrangedText(text, moves(block.line), note=note)


def _indented(line: str, was: str, now: str) -> str:
    if not line.strip() or not line.startswith(was):
        return line
    return now + line[len(was) :]
