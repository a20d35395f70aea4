"""What regular expressions may not hold, whatever Python reads them."""

import ast
import re
from collections.abc import Iterator

from tests.house.modules import modules, tree

_GROUP_KEPT = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")


def expressions() -> Iterator[tuple[str, str]]:
    """The texts that have a group, each with its file."""
    for path in modules():
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and "(?" in node.value
            ):
                yield path.name, node.value


def test_no_group_is_repeated_without_being_given_back() -> None:
    """Python 3.11.2, which Debian 12 has, keeps the first characters of a repetition that failed.

    It took « a.@b.ca » for an address and « 10 100 » and its space for a number
    (https://github.com/python/cpython/issues/101955).
    """
    assert [(name, said) for name, said in expressions() if _GROUP_KEPT.search(said)] == []
