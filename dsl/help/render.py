"""Diagnostics as people read them (line, marks, what to write instead) and as programs do."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from dsl.diagnostics import Diagnostic, Fix, Span
from dsl.help.codes import CODES
from dsl.text.positions import Positions

_MOST_MARKED = 120


def as_text(source: str, diagnostics: Sequence[Diagnostic], file: str) -> str:
    """Each diagnostic with its place, its line and what to write instead."""
    return "\n\n".join(as_texts(source, diagnostics, file))


def as_texts(source: str, diagnostics: Sequence[Diagnostic], file: str) -> list[str]:
    """The same, apart from each other."""
    positions = Positions(source)
    return [_one(source, positions, one, file) for one in diagnostics]


def as_data(source: str, diagnostics: Sequence[Diagnostic], file: str) -> list[dict[str, Any]]:
    """The same as data for JSON; columns both in code points and in UTF-16 units."""
    positions = Positions(source)
    return [
        {
            "code": one.code,
            "title": CODES.get(one.code, ""),
            "severity": one.severity.value,
            "file": file,
            "message": one.message,
            **_range(positions, one.span),
            "fixes": [{"text": fix.text, **_range(positions, fix.span)} for fix in one.fixes],
            "notes": [
                {"message": note.message, **_range(positions, note.span)} for note in one.notes
            ],
        }
        for one in diagnostics
    ]


def _range(positions: Positions, span: Span) -> Mapping[str, Any]:
    return {"start": _point(positions, span.start), "end": _point(positions, span.end)}


def _point(positions: Positions, offset: int) -> Mapping[str, int]:
    return {
        "offset": offset,
        "line": positions.line(offset),
        "column": positions.column(offset),
        "utf16_column": positions.utf16(offset)[1] + 1,
        "utf16_offset": positions.utf16_offset(offset),
    }


def _one(source: str, positions: Positions, one: Diagnostic, file: str) -> str:
    line = positions.line(one.span.start)
    column = positions.column(one.span.start)
    title = CODES.get(one.code, "")
    shown = [f"{file}:{line}:{column}  {one.code}  {one.severity.value} : {title}"]
    shown += _marked(positions, one.span)
    shown.append(f"  {one.message}")
    shown += [f"  Écrivez plutôt : {text}" for text in _instead(positions, one)]
    for note in one.notes:
        place = positions.line(note.span.start)
        shown.append(f"  Voir la ligne {place} : {note.message}")
    return "\n".join(shown)


def _marked(positions: Positions, span: Span) -> list[str]:
    """The line of a span, and marks under it."""
    number = positions.line(span.start)
    text = positions.text(number)
    begin = positions.column(span.start) - 1
    stop = min(begin + max(1, span.end - span.start), max(len(text), begin + 1))
    if len(text) > _MOST_MARKED:
        text = text[:_MOST_MARKED] + "…"
        begin, stop = min(begin, _MOST_MARKED), min(stop, _MOST_MARKED + 1)
    margin = f"{number:>6} | "
    before = " " * _width(text[:begin])
    marks = "^" * max(1, _width(text[begin:stop]))
    return [f"{margin}{_plain(text)}", f"{' ' * len(margin)}{before}{marks}"]


def _instead(positions: Positions, one: Diagnostic) -> list[str]:
    """The whole line as each fix would make it."""
    return [_fixed(positions, fix) for fix in one.fixes]


def _fixed(positions: Positions, fix: Fix) -> str:
    number = positions.line(fix.span.start)
    text = positions.text(number)
    begin = positions.column(fix.span.start) - 1
    end = begin + fix.span.end - fix.span.start
    return (text[:begin] + fix.text + text[end:]).strip()


def _plain(text: str) -> str:
    """A line without tabs or control signs, so that the marks fall under the words."""
    return "".join(
        "    " if char == "\t" else char if char.isprintable() or char.isspace() else "\ufffd"
        for char in text
    )


def _width(text: str) -> int:
    """How many columns a terminal gives a text."""
    return sum(
        4 if char == "\t" else 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )
