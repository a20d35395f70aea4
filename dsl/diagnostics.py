"""Diagnostics: what is wrong with a script, as values with a place and a stable code.

Every code has a golden file in `tests/dsl/golden/` and a page in `docs/diagnostics/`.
Messages are French, courteous, and never name a token of the parser.
"""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """An error stops publication; a warning does not."""

    ERROR = "erreur"
    WARNING = "avertissement"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the source: offsets in code points, end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead: `text` in place of `span`."""

    span: Span
    text: str
    #: Whether who proposes it has compared it: a table of equivalents, a number reckoned, or
    #: several readings among which the message lets the author choose.
    compared: bool = False


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """A second place worth looking at."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `message` says what was read; `fixes` what to write instead."""

    code: str
    severity: Severity
    span: Span
    message: str
    fixes: tuple[Fix, ...] = ()
    notes: tuple[RelatedPlace, ...] = ()
    #: The message without what it proposes, for when the proposal, put in its place, would be
    #: refused (a field nobody declared) or would say something else. None: it holds no proposal, or
    #: only « Vouliez-vous écrire … ? ».
    plain: str | None = None
