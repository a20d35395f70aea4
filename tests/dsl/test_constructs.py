"""One row a construct: what it is, how it is written and where it stands is said nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl import field_types
from dsl.check.fields import BUILT_IN
from dsl.help.suggestions import near_keyword
from dsl.language.construct import COLON, CONDITION, Construct, Role
from dsl.language.fr.constructs import CONSTRUCTS, ROWS
from dsl.language.fr.core_slots import CORE_SLOT_TYPES
from dsl.language.fr.denial import DENIALS
from dsl.language.fr.field_words import TYPES_MEANT
from dsl.language.fr.headers import HEADERS, NEVER
from dsl.language.fr.link_details import DETAILS_MEANT
from dsl.language.fr.outcomes import OUTCOMES
from dsl.language.fr.particles import AFTER_VALUES, BEYOND_NAMES, OF_LIMIT, TURNING
from dsl.language.fr.pieces import PIECES
from dsl.language.fr.synonyms import FILLERS
from dsl.language.fr.values import DIRECTIONS, MONTHS, SMALL_NUMBERS, UNITS, WEEKDAYS
from dsl.read.keywords import leading
from dsl.read.parser import _grammar
from dsl.text.lexer import keys_of, lex
from tests.house.modules import ROOT, modules, name_of, tree

#: The one room that holds words: the rows, values and rules of French.
TABLE = "dsl/language/fr/"
#: Their words are also those by which any sentence of a message speaks of them, or joins two things.
SPOKEN = {
    *("CAMPAIGN", "FIELDS", "LIST", "SCENARIO", "POINTS", "INTEREST", "CONVERSION", "LEAD", "GOAL"),
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


#: The words by which French is read, but those that name a type of slot in the phrases of vendors.
FRENCH = {
    *(FILLERS | DENIALS | TURNING | BEYOND_NAMES | AFTER_VALUES | OF_LIMIT),
    *(UNITS.keys() | MONTHS.keys() | WEEKDAYS.keys() | SMALL_NUMBERS.keys() | DIRECTIONS.keys()),
    *(*TYPES_MEANT, *OUTCOMES.values(), *HEADERS.values(), NEVER, *DETAILS_MEANT.values()),
} - {slot.name for slot in CORE_SLOT_TYPES}
#: The names of every lead's own fields are what the store keeps, as those of the project's are.
STORED = {field.name for field in BUILT_IN} | set(field_types.TYPES)
#: The name of a plugin's type of slot; a word that English has too.
STORED |= {"campagne", "description"}


def listed_or_compared(path: Path) -> Iterator[str]:
    """The words a module lists, compares something with, or folds."""
    for node in ast.walk(tree(path)):
        held: list[ast.expr | None] = []
        if isinstance(node, ast.Set | ast.List | ast.Tuple):
            held = [*node.elts]
        elif isinstance(node, ast.Dict):
            held = [*node.keys, *node.values]
        elif isinstance(node, ast.Compare):
            held = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            held = [*node.args] if node.func.id in ("fold", "fold_word", "key_of") else []
        for one in held:
            text = one.value if isinstance(one, ast.Constant) else None
            # « n », « h », « d »: kinds of lexemes have names as short.
            if isinstance(text, str) and len(text) > 1:
                yield text


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_words_of_french_are_listed_and_compared_in_its_room_alone(path: Path) -> None:
    assert set(listed_or_compared(path)) & (FRENCH - STORED) == set()


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
    optional = {"_COMMA", "_body", "_details"}
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
