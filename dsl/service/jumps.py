"""Jumps: where one leads, and how often it may be taken, which is said of those that go back and of no other."""

from collections.abc import Callable, Iterator

from dsl.language.fr.constructs import form
from dsl.service.block_edits import inserted, nowhere
from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import ArrangedText, Block, BlockPlace
from dsl.service.rename import Refusal
from dsl.service.source_lines import SourceLines
from relance.fold import key_of
from relance.french import quoted

#: What is written of a jump that goes back, for who says nothing of it.
_TWICE = "2 fois au plus"
_FOLLOWED = (
    "Ce qui suit ne se ferait plus : un bloc qui mène ailleurs est le dernier de sa branche."
)
_LEAVES = "Une sortie termine le parcours : elle ne mène nulle part."
_NAMES = "Une étape est un nom où revenir : c’est le dernier bloc d’une branche qui mène ailleurs."
_ALONE = "Cette campagne n’a pas d’autre bloc où mener."
#: Stretches of a text, and what stands there instead.
Edits = list[tuple[int, int, str]]


def unled(outline: BlockOutline, block: Block) -> str:
    """Why nothing may be led elsewhere behind that block; empty where it may."""
    if block.keyword == "GOTO":
        return ""
    series, rank = outline.siblings(block)
    if block.keyword == "QUIT":
        return _LEAVES
    if block.keyword == "STEP":
        return _NAMES
    if rank + 1 < len(series.blocks):
        return _FOLLOWED
    return "" if any(True for _ in outline.steps(block)) else _ALONE


def led_to(outline: BlockOutline, place: BlockPlace, target: int) -> ArrangedText | Refusal:
    """A jump from there to the block of another line, which is named if it has no name: the jump that the
    place is the line of is changed, else one is written."""
    to = outline.block(target)
    if isinstance(to, Refusal):
        return to
    name, declared = _step_at(outline, to)
    jump = outline.blocks.get(place.line) if not (place.inside or place.otherwise) else None
    if jump is not None and jump.keyword == "GOTO":
        changes, note = _bounded(jump, name, back=to.line <= jump.line)
        edited = outline.lines.edited([(*jump.name_span, quoted(name)), *changes])
        made = ArrangedText(edited.source, jump.line, note=note)
    else:
        found = outline.target(place)
        if found is None:
            return nowhere(outline)
        if not found.ends:
            return Refusal(_FOLLOWED)
        bound = f", {_TWICE}" if to.line <= found.after else ""
        arranged = inserted(outline, place, f"{form('GOTO')} {quoted(name)}{bound}")
        if isinstance(arranged, Refusal):
            return arranged
        made = ArrangedText(arranged.text, arranged.line)
    return made if declared else _declared(outline, made, to, name)


def _declared(outline: BlockOutline, made: ArrangedText, to: Block, name: str) -> ArrangedText:
    """The same, with a step of that name above the block `to`."""
    grown = SourceLines(made.text).count - outline.lines.count
    at = to.first - 1 + (grown if made.line < to.first else 0)
    lines = SourceLines(made.text).all()
    lines.insert(at, f"{outline.lines.margin(to.line)}{form('STEP')} {quoted(name)}\n")
    return ArrangedText("".join(lines), made.line + (at < made.line), note=made.note)


def turned(outline: BlockOutline, moves: Callable[[int], int]) -> tuple[Edits, str]:
    """What to write of the jumps that go back, or no longer do, once each line is where `moves` says; and
    what to say of it."""
    edits: Edits = []
    notes = []
    for jump, step in _led(outline):
        was, now = step.line < jump.line, moves(step.line) < moves(jump.line)
        if was != now:
            changes, note = _bounded(jump, jump.name, back=now)
            edits += changes
            notes += [note] if note else []
    return edits, " ".join(dict.fromkeys(notes))


def _bounded(jump: Block, name: str, *, back: bool) -> tuple[Edits, str]:
    """What makes how often a jump to that step may be taken what it has to be, and what to say of it."""
    start, end = jump.bound_span
    leads = f"Le saut vers {quoted(name)}"
    if back and start == end:
        after = jump.name_span[1]
        return [(after, after, f", {_TWICE}")], f"{leads} revient en arrière\u00a0: {_TWICE}."
    if not back and start < end:
        return [(start, end, "")], f"{leads} ne revient plus en arrière\u00a0: sa limite s’en va."
    return [], ""


def _led(outline: BlockOutline) -> Iterator[tuple[Block, Block]]:
    """Each jump, and the step it leads to in its campaign."""
    steps = {
        (outline.campaign(one.line), key_of(one.name)): one
        for one in outline.blocks.values()
        if one.keyword == "STEP"
    }
    for jump in outline.blocks.values():
        step = steps.get((outline.campaign(jump.line), key_of(jump.name)))
        if jump.keyword == "GOTO" and step is not None:
            yield jump, step


def _step_at(outline: BlockOutline, block: Block) -> tuple[str, bool]:
    """The name of the step that a block is, or follows, or will follow; whether that is written already."""
    series, at = outline.siblings(block)
    for one in (block, series.blocks[at - 1] if at else block):
        if one.keyword == "STEP" and one.name:
            return one.name, True
    taken = {key_of(one.name) for one in outline.blocks.values() if one.keyword == "STEP"}
    names = ("Suite", *(f"Suite {number}" for number in range(2, len(taken) + 3)))
    return next(one for one in names if key_of(one) not in taken), False
