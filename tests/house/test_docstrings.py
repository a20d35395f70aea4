"""A docstring says what the name and its types do not: a shape, a unit, an error, a reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.modules import modules, name_of, nodes, tree

#: A docstring longer than that says something else than its name.
_SHORT = 5
#: Words that add nothing to a name.
_EMPTY = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "each",
        "for",
        "from",
        "get",
        "give",
        "given",
        "hold",
        "in",
        "into",
        "is",
        "it",
        "its",
        "make",
        "new",
        "of",
        "on",
        "one",
        "or",
        "own",
        "read",
        "return",
        "set",
        "some",
        "that",
        "the",
        "their",
        "them",
        "there",
        "these",
        "this",
        "those",
        "to",
        "what",
        "which",
        "who",
        "whose",
        "with",
        "write",
    ]
)
_ENDINGS = ("ings", "ing", "ies", "ied", "ers", "er", "ions", "ion", "ed", "es", "s", "e", "y")
#: An example, a name of the code or a number is something said.
_SAYS = re.compile("[«`0-9]")

Owned = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_no_short_docstring_repeats_the_name_it_stands_under() -> None:
    assert [f"{name_of(path)}: {said}" for path in modules() for said in repeated(path)] == []


def repeated(path: Path) -> Iterator[str]:
    """The docstrings of a module made of the words of its names alone."""
    place = [path.stem, path.parent.name]
    if _repeats(tree(path), place):
        yield path.stem
    for owner in (tree(path), *(one for one in nodes(path) if isinstance(one, Owned))):
        names = [owner.name] if isinstance(owner, ast.ClassDef) else []
        for one in owner.body:
            if isinstance(one, Owned) and _repeats(one, [*place, *names, *_names_of(one)]):
                yield one.name


def _names_of(node: Owned) -> Iterator[str]:
    yield node.name
    if not isinstance(node, ast.ClassDef):
        for given in (*node.args.args, *node.args.kwonlyargs):
            yield from (given.arg, ast.unparse(given.annotation or ast.Constant("")))
        yield ast.unparse(node.returns or ast.Constant(""))


def _repeats(node: ast.Module | Owned, names: list[str]) -> bool:
    text = ast.get_docstring(node)
    if text is None or _SAYS.search(text) or len(said := _words(text)) > _SHORT:
        return False
    known = {_stem(word) for name in names for word in _words(name)}
    return all(word in _EMPTY or _stem(word) in known for word in said)


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [word.lower() for word in re.findall(r"[^\W\d_]+", apart)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending)
    return word
