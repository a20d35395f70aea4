"""How a scenario goes: each of its lines, among what happened to its leads."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from dsl.scenario import CheckedLine, CheckedStimulus
from server.reports.timeline import TimelineLine
from server.simulation.results import PlayedLine

#: What tells a line of a thread from every other of the same lead.
_Mark = tuple[str, datetime, str, str]


@dataclass(slots=True)
class Course:
    """What happened, in order; `add` is called after each line that was played."""

    zone: ZoneInfo
    lines: list[PlayedLine] = field(default_factory=list)
    _seen: Counter[_Mark] = field(default_factory=Counter)

    def add(
        self, line: CheckedLine, at: datetime, threads: Mapping[str, Sequence[TimelineLine]]
    ) -> None:
        """That line was played; `threads`: all that happened to each lead until then."""
        new = sorted(self._new(threads), key=lambda one: one.at)
        happens = isinstance(line, CheckedStimulus)
        # What the line itself sets going comes after it; what it finds done comes before.
        before = [one for one in new if not happens or one.at < at]
        after = [one for one in new if happens and one.at >= at and not _is(one, line)]
        self.lines += before
        self.lines.append(PlayedLine(at.astimezone(self.zone), line.lead, line.line))
        self.lines += after

    def _new(self, threads: Mapping[str, Sequence[TimelineLine]]) -> Iterator[PlayedLine]:
        seen = Counter[_Mark]()
        for lead, thread in threads.items():
            for one in thread:
                mark = (lead, one.at, one.kind, one.text)
                seen[mark] += 1
                if seen[mark] > self._seen[mark]:
                    yield PlayedLine(one.at.astimezone(self.zone), lead, thread=one)
        self._seen = seen


def _is(one: PlayedLine, line: CheckedLine) -> bool:
    """Whether it is the very event that the line makes happen."""
    thread = one.thread
    if thread is None or not isinstance(line, CheckedStimulus) or one.lead != line.lead:
        return False
    return thread.kind == "event" and thread.code == line.event.type
