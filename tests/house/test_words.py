"""A public name is one thing: nobody who reads `Verdict` wonders which of four is meant."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.house.modules import ROOT, modules, name_of, nodes, tree

PACKAGES = ("relance", "dsl", "server", "plugins")

#: What a private dialect said a dozen things by, and where one of them may stand, with the reason.
DIALECT: dict[str, tuple[str, ...]] = {
    "told": (
        # The columns of these tables shipped under that name.
        "server/engine/lists/",
        "server/engine/triggers/takings.py",
        "server/store/attached.py",
    ),
    "sight": (),
    "ahead": (),
    "aside": (),
    "standing": (),
    # What the language itself calls the time of a line of a scenario.
    "moment": ("dsl/", "server/simulation/", "tests/dsl/", "tests/simulation/"),
}
_SPELT = re.compile("|".join(DIALECT), re.IGNORECASE)
#: Tables that shipped under such a name.
SHIPPED = {"set_aside", "standing_rules"}


def test_no_class_has_the_name_of_another() -> None:
    homes = defaultdict(list)
    for package in PACKAGES:
        for path in modules(package):
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(name_of(path))
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_name_is_of_the_private_dialect() -> None:
    wrong = {
        f"{name_of(path)}: {name}"
        for path in modules(*PACKAGES, "bench", "tests")
        if not name_of(path).startswith("server/store/migrations/versions/")
        for name in names(path)
        for word in DIALECT.keys() & set(words_of(name))
        if not name_of(path).startswith(DIALECT[word]) and name not in SHIPPED
    }
    assert wrong == set()


def test_the_table_of_words_says_what_to_write_instead() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = page.partition("| not | but |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    listed = {word.strip() for row in rows for word in row.split("|")[1].split(",")}
    assert listed == set(DIALECT)


def test_a_test_is_named_by_a_sentence_that_stands_alone() -> None:
    """Four words at least, and no « it » that only the file explains."""
    wrong = [
        f"{name_of(path)}: test_{name}"
        for path in modules("tests")
        for name in re.findall(
            r"^ *(?:async )?def test_(\w+)", path.read_text("utf-8"), re.MULTILINE
        )
        if name.count("_") < 3 or name.partition("_")[0] in {"it", "its", "they", "so", "but"}
    ]
    assert wrong == []


def names(path: Path) -> Iterator[str]:
    """What a module is called, and all that it names; a test is named by a sentence."""
    if not path.stem.startswith("test_"):
        yield path.stem
    if not _SPELT.search(path.read_text(encoding="utf-8")):
        return  # most modules: to read their tree would take seconds
    for node in nodes(path):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(asname=str(name)):
                yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if not node.name.startswith("test_"):
                    yield node.name


def words_of(name: str) -> list[str]:
    """« ToldFields » and « told_fields » are the same two words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
