"""Places are true: every text of the tree stands in the source where it says, however it was typed."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any
from unicodedata import normalize

import pytest
from journey import JOURNEY
from sample_catalogue import CATALOGUE

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.help.render import as_data, as_text
from dsl.read.parser import parse
from dsl.text.positions import Positions
from dsl.tree.nodes import PhraseUse, Script, Text
from relance.phrase import Phrase

TYPINGS = {
    "as it is": JOURNEY,
    "decomposed accents": normalize("NFD", JOURNEY),
    "no-break spaces": JOURNEY.replace(" ", "\u00a0"),
    "Windows ends of line": JOURNEY.replace("\n", "\r\n"),
    "old ends of line": JOURNEY.replace("\n", "\r"),
    "tabs": JOURNEY.replace("  ", "\t"),
    "a mark at the beginning": "\ufeff" + JOURNEY,
    "emoji": JOURNEY.replace("(Tarifs)", "(Tarifs 🚲)"),
    "capitals": JOURNEY.replace("campagne", "CAMPAGNE").replace("étape", "ÉTAPE"),
    "no accents": JOURNEY.replace("é", "e").replace("è", "e"),
    "straight apostrophes": JOURNEY.replace("’", "'"),
    "straight quotes": JOURNEY.replace("« ", '"').replace(" »", '"'),
}


def texts(node: Any) -> Iterator[Text | PhraseUse]:
    if isinstance(node, Text | PhraseUse):
        yield node
    if isinstance(node, tuple):
        for item in node:
            yield from texts(item)
    elif is_dataclass(node) and not isinstance(node, Phrase | Text | Span):
        for part in fields(node):
            yield from texts(getattr(node, part.name))


def plain(text: str) -> str:
    return "".join(text.replace("(", "").replace(")", "").split())


@pytest.mark.parametrize("typing", TYPINGS)
def test_every_text_stands_where_its_span_says(typing: str) -> None:
    source = TYPINGS[typing]
    parsed = parse(source, CATALOGUE)
    assert parsed.diagnostics == ()
    seen = list(texts(parsed.script))
    assert len(seen) > 80
    for one in seen:
        held = source[one.span.start : one.span.end]
        if isinstance(one, Text):
            assert plain(held) == plain(one.text)
        else:
            assert not held[:1].isspace()
            assert not held[-1:].isspace()


@pytest.mark.parametrize("typing", [name for name in TYPINGS if name not in ("emoji",)])
def test_typing_habits_do_not_change_what_is_read(typing: str) -> None:
    assert shape(parse(TYPINGS[typing], CATALOGUE).script) == shape(
        parse(JOURNEY, CATALOGUE).script
    )


def shape(script: Script) -> list[str]:
    """The nodes and phrases of a script, its values left out."""
    found = []

    def walk(node: Any) -> None:
        if isinstance(node, PhraseUse):
            found.append(node.phrase.id if node.phrase else "?")
        if isinstance(node, tuple):
            for item in node:
                walk(item)
        elif is_dataclass(node) and not isinstance(node, Phrase | Text | Span):
            found.append(type(node).__name__)
            for part in fields(node):
                walk(getattr(node, part.name))

    walk(script)
    return found


def at(source: str, start: int, end: int) -> Diagnostic:
    return Diagnostic("R201", Severity.ERROR, Span(start, end), "Je ne connais pas cette phrase.")


def test_marks_stand_under_the_words_whatever_their_width() -> None:
    source = "\u00e9te\u0301 🚲\tici\n"
    start = source.index("ici")
    shown = as_text(source, [at(source, start, start + 3)], "a.relance").split("\n")
    assert shown[0].startswith("a.relance:1:8  R201")
    line, marks = shown[1], shown[2]
    assert line.index("ici") + 1 - 1 == marks.index("^")
    assert marks.count("^") == 3


def test_editors_are_given_utf_16_columns_and_offsets() -> None:
    source = "🚲 a\r\n🚲 été\n"
    start = source.index("été")
    (data,) = as_data(source, [at(source, start, start + 3)], "a.relance")
    assert data["start"] == {
        "offset": start,
        "line": 2,
        "column": 3,
        "utf16_column": 4,
        "utf16_offset": start + 2,
    }
    assert Positions(source).utf16(start) == (1, 3)


def test_a_phrase_and_the_operator_after_it_are_told_apart() -> None:
    source = (
        "liste « A » : Pointage lead entre (5) et (10) et Formulaire rempli\n"
        "liste « B » : Formulaire (A) rempli où (x) égal à (1) ou Formulaire rempli\n"
    )
    parsed = parse(source, CATALOGUE)
    assert parsed.diagnostics == ()
    first, second = parsed.script.blocks
    assert [item.written for item in first.condition.items] == [  # type: ignore[union-attr]
        "Pointage lead entre (5) et (10)",
        "Formulaire rempli",
    ]
    assert second.condition.items[0].qualifiers[0].kind == "where"  # type: ignore[union-attr]
