"""Findings: where the checks of one file put what they find.

`faults` counts errors and what an earlier stage has already reported, so that a check can tell
whether what it looks at is whole and keep silent when it is not: one mistake, one message.
"""

import re
from bisect import bisect_right
from functools import cached_property

from dsl.diagnostics import Diagnostic, Fix, RelatedPlace, Severity, Span

_LINE_ENDS = re.compile("\n")


class Findings:
    """The diagnostics of one file, and its lines."""

    def __init__(self, file: str, source: str, earlier: tuple[Diagnostic, ...] = ()) -> None:
        self.file = file
        self.source = source
        self.faults = 0
        self._found: list[Diagnostic] = []
        self._earlier = earlier

    def error(
        self,
        code: str,
        span: Span,
        message: str,
        fixes: tuple[Fix, ...] = (),
        notes: tuple[RelatedPlace, ...] = (),
    ) -> None:
        """Something that stops publication."""
        self.faults += 1
        if not self._reported(span):
            self._found.append(Diagnostic(code, Severity.ERROR, span, message, fixes, notes))

    def warn(
        self,
        code: str,
        span: Span,
        message: str,
        fixes: tuple[Fix, ...] = (),
        notes: tuple[RelatedPlace, ...] = (),
    ) -> None:
        """Something that deserves a second look."""
        self._found.append(Diagnostic(code, Severity.WARNING, span, message, fixes, notes))

    def fault(self) -> None:
        """Something is wrong here that an earlier stage has reported already."""
        self.faults += 1

    def apart(self) -> "Findings":
        """The same file, for checks whose findings nobody is to keep."""
        return Findings(self.file, self.source, self._earlier)

    def line(self, span: Span) -> int:
        """The 1-based line where `span` begins."""
        return bisect_right(self._starts, span.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_ENDS.finditer(self.source))]

    def all(self) -> tuple[Diagnostic, ...]:
        """Everything found in the file, by place."""
        unique = dict.fromkeys((*self._earlier, *self._found))
        return tuple(sorted(unique, key=lambda found: (found.span, found.code)))

    @property
    def readable(self) -> bool:
        """Whether the whole file could be read: what is missing is missing, not merely misspelt."""
        return not any(found.severity is Severity.ERROR for found in self._earlier)

    @property
    def broken(self) -> bool:
        """Whether the file holds any error."""
        errors = (*self._earlier, *self._found)
        return self.faults > 0 or any(found.severity is Severity.ERROR for found in errors)

    def _reported(self, span: Span) -> bool:
        """Whether an earlier stage has reported an error on this very text, or put it there."""
        return (span.start == span.end and not self.readable) or any(
            found.severity is Severity.ERROR
            and found.span.start < span.end
            and span.start < found.span.end
            and found.span.end - found.span.start <= span.end - span.start
            for found in self._earlier
        )
