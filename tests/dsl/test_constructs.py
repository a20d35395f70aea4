"""One row a construct: what it is, how it is written and where it stands is said nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.help.suggestions import near_keyword
from dsl.language.construct import COLON, CONDITION, Construct, Role
from dsl.language.fr.constructs import CONSTRUCTS, PIECES, ROWS
from dsl.read.keywords import leading
from dsl.read.parser import _grammar
from dsl.text.lexer import keys_of, lex
from tests.house.modules import ROOT, modules, name_of, tree

#: The rows themselves, and what compiling says of a statement, in the words of the journal.
TABLE = ("dsl/language/fr/", "dsl/compile/")
#: Their words are also those by which any sentence of a message speaks of them, or joins two things.
SPOKEN = {
    *("CAMPAIGN", "FIELDS", "LIST", "SCENARIO", "POINTS", "INTEREST", "CONVERSION", "LEAD"),
    *("ENTRY", "STEP", "AFTER", "AND", "OR"),
}
SPELT = {
    " ".join(keys_of(form)) for row in ROWS if row.terminal not in SPOKEN for form in row.forms
}
SPELT -= {" ".join(keys_of(form)) for form in CONSTRUCTS["ITEM"].forms}
OUTSIDE = [path for path in modules("dsl") if not name_of(path).startswith(TABLE)]


def constants(path: Path) -> Iterator[str]:
    """The texts a module holds, its docstrings aside."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(node.body[0]) for node in ast.walk(tree(path)) if isinstance(node, owners)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and id(node) in docstrings:
            continue
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str):
                yield child.value


def spells(text: str) -> bool:
    """Whether a text is the words of a construct, or begins a writing of one."""
    keys = keys_of(text)
    whole = " ".join(keys) in SPELT
    begins = any(" ".join(keys[:count]) in SPELT for count in range(2, len(keys)))
    return (whole or begins) and text == text.lower()


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_a_construct_is_spelled_in_its_row_alone(path: Path) -> None:
    assert [text for text in constants(path) if spells(text)] == []


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_what_constructs_have_in_common_is_said_by_their_rows(path: Path) -> None:
    """A list of them elsewhere is a fact that the next construct would have to be added to."""
    literals = (ast.Set, ast.List, ast.Tuple)
    groups = [node for node in ast.walk(tree(path)) if isinstance(node, literals)]
    held = [{one.value for one in group.elts if isinstance(one, ast.Constant)} for group in groups]
    assert [group for group in held if len(group & set(CONSTRUCTS)) > 2] == []


def rules() -> dict[str, list[list[str]]]:
    """What follows each terminal that begins a rule of the grammar, up to the end of its line."""
    found: dict[str, list[list[str]]] = {}
    for rule in _grammar().rules:
        names = [symbol.name for symbol in rule.expansion]
        line = names[1 : names.index("_NL")] if "_NL" in names else names[1:]
        found.setdefault(names[0] if names else "", []).append(line)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.terminal)
def test_a_row_takes_what_the_grammar_lets_follow(row: Construct) -> None:
    if row.role in (Role.RECORD, Role.WORD, Role.END):  # a token by itself, or one among others
        return
    longest = max(rules()[row.terminal], key=len)
    taken = [name.replace("_conditions", CONDITION) for name in longest]
    optional = {"_COMMA", "_body"}
    wanted = [one for one in row.takes if one != row.terminal]
    assert [name for name in taken if name not in optional] == wanted


def test_the_grammar_knows_no_terminal_without_a_row() -> None:
    known = {*CONSTRUCTS, *(piece.terminal for piece in PIECES)}
    signs = {"_NL", "_COMMA", COLON, "_OPEN", "_CLOSE"}
    assert {one.name for one in _grammar().terminals} - known <= signs


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.terminal)
def test_a_row_stands_in_others_that_there_are(row: Construct) -> None:
    assert {*row.within, *filter(None, [row.taken_for])} <= set(CONSTRUCTS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.forms], ids=lambda row: row.terminal)
def test_every_way_to_write_it_is_read(row: Construct) -> None:
    if row.role is not Role.WORD:
        for form in row.forms:
            found = leading(lex(form, 0, len(form))[0], record=row.role is Role.RECORD)
            assert found is not None
            assert found[0] == row.terminal


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.terminal)
def test_what_is_written_for_it_is_told(row: Construct) -> None:
    if row.role is not Role.WORD:
        for words in row.meant:
            near = near_keyword(lex(words, 0, len(words))[0])
            assert near is not None
            assert near.terminal == row.terminal


@pytest.mark.parametrize("row", [row for row in ROWS if row.forms], ids=lambda row: row.terminal)
def test_each_is_shown_by_the_page_of_the_language(row: Construct) -> None:
    page = (ROOT / "docs" / "langage.md").read_text(encoding="utf-8")
    assert row.form in page
