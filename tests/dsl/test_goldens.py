"""Each code of the parser says what it said: `RELANCE_GOLDEN=refresh pytest tests/dsl` rewrites."""

import os
from pathlib import Path

import pytest
from sample_catalogue import CATALOGUE

from dsl.help.codes import CODES
from dsl.help.render import as_text
from dsl.read.parser import MAX_SOURCE, parse

FOLDER = Path(__file__).parent / "golden"
OURS = sorted(code for code in CODES if code[1] in "12")


def source_of(code: str) -> str:
    text = (FOLDER / f"{code}.relance").read_text(encoding="utf-8")
    return text * (MAX_SOURCE // len(text) + 1) if code == "R101" else text


@pytest.mark.parametrize("code", OURS)
def test_a_code_says_what_its_golden_file_holds(code: str) -> None:
    source = source_of(code)
    found = parse(source, CATALOGUE).diagnostics
    shown = as_text(source, found, f"{code}.relance") + "\n"
    golden = FOLDER / f"{code}.expected"
    if os.environ.get("RELANCE_GOLDEN") == "refresh":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert {one.code for one in found} == {code}


@pytest.mark.parametrize("code", OURS)
def test_no_message_shows_a_token_or_a_parser_s_words(code: str) -> None:
    shown = (FOLDER / f"{code}.expected").read_text(encoding="utf-8")
    for word in ("Unexpected", "Token", "_NL", "TEXT", "PHRASE", "Expected", "None"):
        assert word not in shown
