"""What the language service answers, as JSON. Offsets count UTF-16 units of the text asked about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from dsl.diagnostics import Diagnostic, Span
from dsl.help import render
from dsl.service.block_outline import BlockOutline
from dsl.service.choices import Choice
from dsl.service.completion import Completion
from dsl.service.edits import TextEdit
from dsl.service.hover import Hover
from dsl.service.occurrences import Occurrence
from dsl.service.rename import Rename
from dsl.service.symbols import Symbol
from dsl.service.vocabulary import vocabulary
from dsl.text.positions import Positions, utf16_length

Json: TypeAlias = dict[str, Any]
#: How many places of a name are told at once.
MOST_PLACES = 200


class Units:
    """The offsets of one text, in UTF-16 units and back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.positions = Positions(text)
        self._plain = len(text) == utf16_length(text)

    def of(self, offset: int) -> int:
        """A code point as editors count it."""
        return offset if self._plain else utf16_length(self._text[:offset])

    def point(self, units: int) -> int:
        """The code point at so many units, the nearest before when there is none."""
        if self._plain:
            return min(max(units, 0), len(self._text))
        count = 0
        for at, char in enumerate(self._text):
            if count >= units:
                return at
            count += 2 if char > "\uffff" else 1
        return len(self._text)

    def span(self, span: Span) -> Json:
        """A stretch."""
        return {"start": self.of(span.start), "end": self.of(span.end)}

    def place(self, span: Span) -> Json:
        """A stretch, with its line, which people are told."""
        return {**self.span(span), "line": self.positions.line(span.start)}


def diagnostics(text: str, found: Sequence[Diagnostic], file: str) -> list[Json]:
    """Each as `relance check --format json` says it, with the page of its code."""
    return [
        {**one, "page": f"diagnostics/{one['code']}.md"}
        for one in render.as_data(text, found, file)
    ]


def completions(units: Units, found: Iterable[Completion]) -> list[Json]:
    """What may be written; `stops` are offsets within `text`."""
    return [
        {
            "label": one.label,
            "kind": one.what,
            "text": one.text,
            "stops": [
                [utf16_length(one.text[:a]), utf16_length(one.text[:b])] for a, b in one.stops
            ],
            **units.span(one.span),
            "help": one.help,
            "example": one.example,
            "detail": one.detail,
            "intention": one.intention,
        }
        for one in found
    ]


def choice(one: Choice) -> Json:
    """A phrase, as a list of all of them shows it and inserts it."""
    text, stops = one.insertion.text, one.insertion.stops
    return {
        "label": one.label,
        "kind": one.what,
        "text": text,
        "stops": [[utf16_length(text[:a]), utf16_length(text[:b])] for a, b in stops],
        "help": one.help,
        "example": one.example,
        "detail": one.plugin,
    }


def words(choices: Iterable[Choice]) -> Json:
    """The words that colour a script, and every phrase by what it is for."""
    known = vocabulary()
    return {
        "words": {
            "leading": known.leading,
            "inside": known.inside,
            "headers": known.headers,
            "opening": known.opening,
            "parting": known.parting,
            "closing": known.closing,
            "bounded": dict(known.bounded),
        },
        "phrases": [choice(one) for one in choices],
    }


def hover(units: Units, found: Hover, placed: Callable[[Occurrence], Json]) -> Json:
    """What stands there."""
    return {
        **units.span(found.span),
        "title": found.title,
        "paragraphs": found.paragraphs,
        "example": found.example,
        "places": [placed(one) for one in found.places[:MOST_PLACES]],
    }


def symbols(units: Units, found: Iterable[Symbol]) -> list[Json]:
    """An outline."""
    return [
        {
            "name": one.name,
            "kind": one.what,
            **units.place(one.span),
            "name_span": units.span(one.name_span),
            "within": symbols(units, one.within),
        }
        for one in found
    ]


def edits(found: Iterable[TextEdit], texts: Mapping[str, str]) -> list[Json]:
    """Edits of files, each with the line that it changes as it was, and as it becomes."""
    known: dict[str, Units] = {}
    made = []
    for one in found:
        units = known.setdefault(one.file, Units(texts[one.file]))
        made.append({"file": one.file, **units.place(one.span), "text": one.text})
    return made


def rename(found: Rename, texts: Mapping[str, str]) -> Json:
    """A change of name to look at."""
    return {
        "former": found.former,
        "name": found.name,
        "caution": found.caution,
        "edits": edits(found.edits, texts),
    }


def blocks(found: BlockOutline) -> list[Json]:
    """Each block, with the lines that go with it."""
    return [
        {"line": one.line, "first": one.first, "last": one.last, "label": one.said}
        for one in sorted(found.blocks.values(), key=lambda each: each.line)
    ]


def block_places(found: BlockOutline) -> list[Json]:
    """Every place where one may be put, in words."""
    return [{"place": str(place), "label": words} for place, words in found.places()]
