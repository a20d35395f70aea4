"""The page of each of the parser's codes: its wrong example gives that code, its right one none."""

import re
from pathlib import Path

import pytest
from sample_catalogue import CATALOGUE

from dsl.help.codes import CODES
from dsl.read.parser import parse

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"
OURS = sorted(code for code in CODES if code[1] in "12")
#: Too long to show.
SIZES = ("R101", "R102", "R103")


@pytest.mark.parametrize("code", OURS)
def test_a_page_shows_the_mistake_and_what_to_write(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code} — {CODES[code]}\n")
    if code not in SIZES:
        wrong, right = re.findall(r"```relance\n(.*?)```", text, re.DOTALL)
        assert {one.code for one in parse(wrong, CATALOGUE).diagnostics} == {code}
        assert parse(right, CATALOGUE).diagnostics == ()
