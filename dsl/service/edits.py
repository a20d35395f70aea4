"""Edits of files: what to write in place of a stretch, put in its place, and the least of them between two texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from dsl.diagnostics import Span


@dataclass(frozen=True, slots=True, order=True)
class TextEdit:
    """`text` in place of `span`, in a file."""

    file: str
    span: Span
    text: str


def applied(source: str, edits: Iterable[TextEdit]) -> str:
    """The text once edited; no two edits overlap."""
    parts: list[str] = []
    position = 0
    for one in sorted(edits):
        parts += (source[position : one.span.start], one.text)
        position = one.span.end
    return "".join((*parts, source[position:]))


def all_applied(sources: Mapping[str, str], edits: Iterable[TextEdit]) -> dict[str, str]:
    """The files that edits change, as they become."""
    by_file: dict[str, list[TextEdit]] = {}
    for one in edits:
        by_file.setdefault(one.file, []).append(one)
    return {name: applied(sources[name], several) for name, several in by_file.items()}


def between(file: str, before: str, after: str) -> tuple[TextEdit, ...]:
    """What makes one text of the other, line by line: what is the same is left as it is."""
    if before == after:
        return ()
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        TextEdit(file, Span(starts[a], starts[b]), "".join(new[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )
