"""The tree of the draft that is on screen, with the people of the version that runs.

A text that does not read draws nothing: what is shown then is the last that did, or else what runs,
each line of it where the text on screen has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from starlette.exceptions import HTTPException
from starlette.requests import Request

from dsl.program import Program
from dsl.service.arranging import outline_of
from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import BlockPlace
from dsl.service.language_service import LanguageService
from relance.errors import RelanceError
from relance.fold import key_of
from server.language.draft import DraftLanguage
from server.reports.performance.carried import CarriedCrowd
from server.web.campaign.tree import DrawnNode

#: Beyond so many lines, where each is in another text is not looked for.
_MOST_LINES = 4_000


@dataclass(frozen=True, slots=True)
class OnScreen:
    """A script as it is being written; `before`: the last text of it that read, if any is known."""

    file: str
    text: str
    before: str = ""


async def on_screen(request: Request) -> OnScreen:
    """What a form says of it, its file being in the address; 400 for what is no such form."""
    async with request.form() as form:
        text, before = form.get("text"), form.get("avant", "")
    if not (isinstance(text, str) and isinstance(before, str)):
        raise HTTPException(400)
    return OnScreen(request.path_params["file"], _lines_of(text), _lines_of(before))


def _lines_of(text: str) -> str:
    """A text as the draft keeps it, however a form ends its lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class DraftedJourney:
    """What of it is drawn: the program that `text` says, None when nothing of it reads.

    `reads`: whether the text on screen has no error; `declares`: whether it has this campaign.
    """

    on_screen: OnScreen
    text: str
    program: Program | None
    reads: bool
    declares: bool
    #: The blocks of what is on screen.
    outline: BlockOutline | None = None

    @property
    def current(self) -> bool:
        """Whether what is drawn is what is on screen."""
        return self.reads and self.declares

    def lines(self, source: str) -> Mapping[int, int] | None:
        """By line of what is drawn, that of the text on screen; None when they are the same.

        `source`: what is drawn when nothing of the draft is.
        """
        if self.current:
            return None
        return _moved(source if self.program is None else self.text, self.on_screen.text)


async def drafted_journey(
    draft: DraftLanguage, campaign: str | None, asked: OnScreen
) -> DraftedJourney:
    """What of that campaign can be drawn of what is on screen; None: of the first of the script."""

    def found(service: LanguageService) -> DraftedJourney:
        journey = drawn(service)
        if asked.file not in service.sources:
            return journey
        outline = outline_of(service.edited(asked.file, asked.text), asked.file)
        return replace(journey, outline=outline)

    def drawn(service: LanguageService) -> DraftedJourney:
        reads, program = _read(service, campaign, asked.file, asked.text)
        if program is not None or not asked.before or asked.before == asked.text:
            return DraftedJourney(asked, asked.text, program, reads, program is not None)
        _, former = _read(service, campaign, asked.file, asked.before)
        return DraftedJourney(asked, asked.before, former, reads, declares=False)

    try:
        if campaign is not None and not asked.before:
            # Nothing was typed: what the draft says is looked at all day, and judged with all the others.
            return await draft.ask_kept(found, (campaign, asked))
        return await draft.ask(found)
    except (OSError, RelanceError):
        return DraftedJourney(asked, asked.text, None, reads=False, declares=False)


def _read(
    service: LanguageService, campaign: str | None, file: str, text: str
) -> tuple[bool, Program | None]:
    """Whether a text has no error, and the campaign in it, by its name or a former one."""
    if file not in service.sources:
        return False, None
    programs = service.edited(file, text).programs(file)
    if programs is None:
        return False, None
    if campaign is None:
        return True, next((one.program for one in programs), None)
    key = key_of(campaign)
    by_name = (one.program for one in programs if key_of(one.program.name) == key)
    formerly = (one.program for one in programs if key in map(key_of, one.former))
    return True, next(by_name, None) or next(formerly, None)


def _moved(old: str, new: str) -> Mapping[int, int]:
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > _MOST_LINES:
        return {}
    matcher = SequenceMatcher(None, before, after, False)
    return {
        block.a + at + 1: block.b + at + 1
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
    }


def number_as_running(nodes: Sequence[DrawnNode], found: CarriedCrowd) -> None:
    """Number each as the version that runs does, which counts its people; mark what is new."""
    stack = [(one, False) for one in nodes]
    while stack:
        node, within = stack.pop()
        here = node.number
        if here is not None:
            node.number = found.places.get(here)
            node.within = within
            node.new = not within and node.number is None
        for branch in node.branches:
            number = branch.number
            if here is not None and number is not None:
                branch.number = found.branches.get((here, number))
                branch.new = node.number is not None and branch.number is None
            stack += [(inner, within or node.new or branch.new) for inner in branch.nodes]


def relined(nodes: Sequence[DrawnNode], lines: Mapping[int, int]) -> None:
    """Say of each the line that its own is in another text; none for one that is not there."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        node.line = lines.get(node.line, 0)
        for branch in node.branches:
            branch.line = lines.get(branch.line, 0)
            stack += branch.nodes


def handled(nodes: Sequence[DrawnNode], outline: BlockOutline) -> None:
    """Say of each, once its line is that of the screen, by what it is taken in hand, and where one adds."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        block = outline.blocks.get(node.line)
        if node.kind == "entry":
            node.grows = _inside(outline, node.line)
        elif block is not None:
            node.block, node.grows = block.line, str(BlockPlace(block.line))
            node.leads = block.keyword == "GOTO"
        lines = _branch_lines(outline, node)
        for branch, line in zip(node.branches, lines, strict=False):
            branch.line = branch.line or line
            branch.grows = _inside(outline, branch.line or line)
            stack += branch.nodes
        if node.branches and not node.branches[-1].grows:
            node.branches[-1].grows = _lacking(outline, node)


def _branch_lines(outline: BlockOutline, node: DrawnNode) -> Sequence[int]:
    """Where each branch of a node begins in the text, 0 for one that is not written."""
    own = [one.line for one in outline.branches(node.line)]
    if node.kind != "decide" or node.icon != "fork":
        return [*own, *[0] * len(node.branches)]
    # A « sinon si » is drawn as a decision within the « sinon » of the one before.
    own_series = outline.under(node.line)
    if own_series is None or not own_series.owner:
        return [0] * len(node.branches)
    chain = outline.branches(own_series.owner)
    following = [one for one in chain if one.line > node.line][:1]
    return [node.line, *(one.line if one.keyword == "ELSE" else 0 for one in following), 0]


def _lacking(outline: BlockOutline, node: DrawnNode) -> str:
    """Where one adds to the last branch of a node when it is not written, if that can be."""
    own = outline.under(node.line)
    chained = own is not None and own.owner and node.line not in outline.blocks
    owner = own.owner if own is not None and chained else node.line
    last = outline.branches(owner)[-1:]
    follows = node.icon == "fork" and any(one.line != node.line for one in last)
    words = "" if follows else outline.lacking(owner)
    return str(BlockPlace(owner, otherwise=True)) if words else ""


def _inside(outline: BlockOutline, line: int) -> str:
    found = outline.under(line) if line else None
    return str(BlockPlace(found.line, inside=True)) if found is not None else ""
