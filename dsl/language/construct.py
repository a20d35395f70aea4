"""What a construct of the language is: a row of the table says all there is to know of one.

The lexer, the parser, the formatter, the suggestions and the reference read their facts from the
rows; `grammar.lark` says in which order the constructs may come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

#: What may follow a keyword on its line, besides the terminal of a bound.
NAME, COLON, CONDITION, ADDRESS = "TEXT", "_COLON", "condition", "URL"
#: All that is left of the line, read by whoever checks it.
REST = "REST"
_FOLLOWING = frozenset({NAME, COLON, CONDITION, ADDRESS, REST})


class Role(Enum):
    """The part a construct plays among the lines of a script."""

    TOP = auto()  # what stands in no other
    CLAUSE = auto()  # of the head of a campaign, on a line of its own
    SECTION = auto()  # of that head, with rules
    RULE = auto()  # of a section, one a line
    STATEMENT = auto()
    PART = auto()  # of a block, where the one before it ends
    BRANCH = auto()  # of a block, further in than its opener
    ITEM = auto()  # of a list of conditions
    END = auto()
    RECORD = auto()  # known by the block it stands in, not by a word
    WORD = auto()  # within a line


class Mode(Enum):
    """How the lines of a block are distinguished."""

    CAMPAIGN = auto()
    FIELDS = auto()
    SCENARIO = auto()
    POINTS = auto()
    LINK = auto()
    POLICY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """One row. `terminal` is its name in `grammar.lark`; `forms` how it is written, the canonical
    one first."""

    terminal: str
    role: Role
    forms: tuple[str, ...] = ()
    #: What follows on its line: NAME, COLON, CONDITION, ADDRESS, or the terminal of a bound.
    takes: tuple[str, ...] = ()
    #: What may follow the « fin » that closes it, the canonical word first; empty without a « fin ».
    closes: tuple[str, ...] = ()
    #: The constructs it stands in; empty for what stands at the top, and for statements.
    within: tuple[str, ...] = ()
    #: How the lines it holds are read.
    mode: Mode = Mode.CAMPAIGN
    #: Phrases begin with its words too: it is one only when nothing else stands on its line.
    shared: bool = False
    #: No phrase may begin with its words.
    reserved: bool = False
    #: Its line never goes on below.
    whole: bool = False
    #: The construct its words are taken for in the block of that one.
    taken_for: str | None = None
    #: What a misspelt line is compared with: writings, and whether each takes the whole line.
    likened: tuple[tuple[str, bool], ...] = ()
    #: What people write for it, from other languages or by a slip no likeness finds.
    meant: tuple[str, ...] = ()
    #: How a message names it where it is awaited.
    noun: str = ""
    #: What is said of it where it cannot stand.
    misplaced: str = ""
    #: What it is called among what may be written, and what it is for; empty: as all of its role.
    what: str = ""
    intention: str = ""

    @property
    def form(self) -> str:
        """Its canonical writing."""
        return self.forms[0]

    @property
    def named(self) -> bool:
        """Whether a name may follow."""
        return NAME in self.takes

    @property
    def asks(self) -> bool:
        """Whether a condition follows the keyword itself."""
        return self.takes[:1] == (CONDITION,)

    @property
    def one_line(self) -> bool:
        """Whether it is « : » and a condition, after a name perhaps, and has no « fin »."""
        return self.takes[-2:] == (COLON, CONDITION)

    @property
    def literal(self) -> bool:
        """Whether what follows « : » is read to the letter."""
        return REST in self.takes

    @property
    def bound(self) -> str | None:
        """The terminal of the bound it takes."""
        return next((one for one in self.takes if one not in _FOLLOWING), None)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands inside a line: its `patterns`, as those of phrases, the canonical one first."""

    #: The terminal it is handed to the parser as.
    terminal: str
    #: Which of those it is.
    name: str
    patterns: tuple[str, ...]
    noun: str = ""
    #: What it is called among what may be written, and what it is for.
    what: str = "précision"
    intention: str = ""


def terminals(rows: Iterable[Construct]) -> frozenset[str]:
    """Their names."""
    return frozenset(row.terminal for row in rows)
