"""A public name is one thing: nobody who reads `Verdict` wonders which of four is meant."""

import ast
from collections import defaultdict

from tests.house.modules import modules, name_of, tree

PACKAGES = ("relance", "dsl", "server", "plugins")


def test_no_class_has_the_name_of_another() -> None:
    homes = defaultdict(list)
    for package in PACKAGES:
        for path in modules(package):
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(name_of(path))
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}
