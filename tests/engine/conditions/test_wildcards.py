"""« * » in the name of what an event is about."""

import time
from itertools import product

import pytest

from server.engine.listening import _covers


@pytest.mark.parametrize(
    ("pattern", "text", "covered"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("a*", "ab", True),
        ("*b", "ab", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*", "", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("*ab*ab*", "aab", False),
        ("/vélos/*", "/vélos/\n", True),
        ("a.c", "abc", False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, text: str, covered: bool) -> None:
    assert _covers(pattern, text) is covered


def test_stars_read_as_a_regular_expression_would() -> None:
    import re

    for pattern in map("".join, product("ab*", repeat=5)):
        expression = re.compile(pattern.replace("*", ".*"))
        for text in map("".join, product("ab", repeat=5)):
            assert _covers(pattern, text) is bool(expression.fullmatch(text)), (pattern, text)


def test_no_address_keeps_the_engine_busy() -> None:
    began = time.perf_counter()
    assert not _covers("*/a*/a*/a*/a*/fin", "/a" * 2_000)
    assert time.perf_counter() - began < 0.5
