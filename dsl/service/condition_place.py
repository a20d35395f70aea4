"""What a condition may hold where somebody types it: a measure in a goal alone, an hour after « quand »,
« depuis l’entrée » once somebody has entered. What is proposed there is what is then accepted."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dsl.language.construct import COLON, CONDITION, Mode, Role, terminals
from dsl.language.fr.constructs import CONSTRUCTS, GOALS, ROWS, form, of_role
from dsl.phrases.catalogue import DECISIONS
from dsl.phrases.composed import Composed
from dsl.read.keywords import OPERANDS, QUALIFIERS, leading
from dsl.service.choices import Choice, Repertoire
from dsl.service.place import CursorPlace
from relance.fold import fold
from relance.phrase import Kind, Phrase

#: The lines whose condition is asked of who is in a campaign; those of exits are too.
_INSIDE: Final = terminals(row for row in ROWS if row.asks) & of_role(
    Role.STATEMENT, Role.PART, Role.BRANCH
)
_EXITS: Final = frozenset({"EXIT_WON", "EXIT_LOST"})
#: What narrows a phrase by since when, once; what counts from something that happened in a campaign.
_SINCE: Final = frozenset({"entry", "step", "since", "last_days"})
_OF_STAY: Final = frozenset({"entry", "step"})
_OF_SCENARIO: Final = frozenset({"EXITED", "REACHED", "AT_STEP"})
#: Lines that listen: what comes by the calendar is heard there.
_LISTENING: Final = frozenset({"WHEN", "POINT"})
#: Those that take no list of conditions below.
_ALONE: Final = of_role(Role.ITEM) | terminals(
    row for row in ROWS if "SCENARIO" in row.within or (row.asks and row.bound is not None)
)
_NOT, _AND, _QUAND = fold(form("NOT")), fold(form("AND")), fold(form("WHEN"))


@dataclass(frozen=True, slots=True)
class Operand:
    """What a condition says last. `phrase`: None of a piece that is none; `end`: where it ends in the
    line, what narrows it included."""

    phrase: Phrase | None
    end: int
    narrowed: Collection[str] = ()
    terminal: str = ""


class ConditionPlace:
    """The condition that somebody is typing, by the line it is of."""

    def __init__(self, place: CursorPlace, choices: Repertoire) -> None:
        self._place, self._choices = place, choices
        found = leading(place.lexemes)
        own = found[0] if found is not None else None
        self._begins = found[1] if found is not None else 0
        #: What the line begins with; the line that lists it, or that goes on in it.
        self.keyword = self._of_block() or (
            place.owner if own is None or (own == "ITEM" and place.owner is not None) else own
        )
        #: Whether it is one of a list, or goes on from the line above.
        self._further = place.owner is not None and own in (None, "ITEM")

    def _of_block(self) -> str | None:
        place = self._place
        if place.mode is Mode.POINTS and place.blocks:
            return "POINT"
        if place.mode is Mode.SCENARIO and place.blocks:
            verifies = any(one.key == fold(form("VERIFY")) for one in place.lexemes)
            return "VERIFY" if verifies else "PLAY"
        return None

    @property
    def asks(self) -> bool:
        """Whether a condition comes here, and no name, number or « : » before it."""
        row = CONSTRUCTS.get(self.keyword or "")
        if row is None or self._further or self._of_block() is not None:
            return True
        colon = any(one.key == ":" for one in self._place.lexemes)
        return CONDITION in row.takes and (colon or COLON not in row.takes)

    def bounds(self, piece: Choice, begin: int) -> bool:
        """Whether that is the number, or the length, which the line takes there."""
        row, lexemes = CONSTRUCTS.get(self.keyword or ""), self._place.lexemes
        if row is None or row.bound != piece.terminal or not self._place.follows(row.terminal):
            return False
        whole = self._choices.read(self._place.source, lexemes, 0)
        if whole is not None and whole[1] == len(lexemes):
            return False  # « Attendre pendant 3 jours » is a phrase
        if self.keyword == "WAIT_THAT":
            return lexemes[begin - 1].key == ","
        return not row.named or lexemes[begin - 1].kind == "t"

    def last(self, begin: int) -> Operand | None:
        """What is said from there, if it is whole and known."""
        source, lexemes = self._place.source, self._place.lexemes
        found = self._choices.read(source, lexemes, begin)
        piece = OPERANDS.longest(source, lexemes, begin)
        if piece is not None and (found is None or piece.end >= found[1]):
            return Operand(None, piece.end, (), piece.value.terminal)
        if found is None or found[0].kind not in DECISIONS:
            return None
        phrase, end = found
        narrowed = list[str]()
        while (more := QUALIFIERS.longest(source, lexemes, end)) is not None:
            narrowed.append(more.value.name)
            end = more.end
        return Operand(phrase, end, narrowed)

    # --- What may come --------------------------------------------------------------------------

    def opens(self, choice: Choice, begin: int) -> bool:
        """Whether that may be what is asked next."""
        before = self._place.lexemes[begin - 1].key if begin else ""
        if self.keyword == "WAIT_THAT" and before == ",":
            return False
        first = self._first(begin)
        if choice.phrase is not None or choice.terminal == "NOT":
            if self.keyword in GOALS and before == _NOT:
                return begin > 1 and self._place.lexemes[begin - 2].key == _AND
            event = choice.phrase is not None and choice.phrase.kind is Kind.EVENT
            return event or self._hears_without(before)
        return before != _NOT and self._opens_piece(choice.terminal, first=first, before=before)

    def _hears_without(self, before: str) -> bool:
        """Whether what is no event may come: a goal is reached by one, which a state only follows."""
        return self.keyword != "PLAY" and (self.keyword not in GOALS or before == _AND)

    def _opens_piece(self, terminal: str, *, first: bool, before: str) -> bool:
        if terminal in _OF_SCENARIO:
            return self.keyword == "VERIFY"
        if terminal == "MEASURE":
            return self.keyword in GOALS and first
        if terminal == "EVERY":
            hourly = any(
                OPERANDS.longest(self._place.source, self._place.lexemes, at) is not None
                for at in range(len(self._place.lexemes))
            )
            return self.keyword in _LISTENING and not hourly and (first or before == _AND)
        return terminal == "LISTED" and first and not self._further and self.keyword not in _ALONE

    def _first(self, begin: int) -> bool:
        """Whether nothing is asked before it."""
        if self._further:
            return begin <= self._begins
        lexemes = self._place.lexemes
        return begin <= self._begins or lexemes[begin - 1].key in (":", _QUAND)

    def narrows(self, piece: Choice, said: Operand) -> bool:
        """Whether what is said last may be narrowed so."""
        if piece.terminal == "ATMOST":
            return self.keyword == "WAIT_THAT"
        if piece.terminal != "QUALIFIER" or said.phrase is None or piece.piece in said.narrowed:
            return False
        event = said.phrase.kind is Kind.EVENT
        if not event and not isinstance(said.phrase, Composed):
            return False
        if self.keyword == "PLAY":
            return piece.piece == "where"
        if piece.piece == "times":
            return event
        if piece.piece in _SINCE and _SINCE.intersection(said.narrowed):
            return False
        return piece.piece not in _OF_STAY or self._inside

    @property
    def _inside(self) -> bool:
        leaves = self.keyword == "WHEN" and self._place.section in _EXITS
        return self.keyword in _INSIDE or leaves

    def links(self, said: Operand) -> bool:
        """Whether another condition may be linked to what is said last."""
        return self.keyword != "PLAY" and said.terminal not in ("LISTED", "MEASURE")
