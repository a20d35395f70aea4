"""Each code of the checker says what it said: `RELANCE_GOLDEN=refresh pytest tests/dsl/check` rewrites."""

import os
from pathlib import Path

import pytest
from checker_words import checked

from dsl.help.codes import CODES
from dsl.help.render import as_text

FOLDER = Path(__file__).parent.parent / "golden"
PAGES = Path(__file__).parents[3] / "docs" / "diagnostics"
OURS = sorted(code for code in CODES if code[1] in "345")


@pytest.mark.parametrize("code", OURS)
def test_a_code_says_what_its_golden_file_holds(code: str) -> None:
    source = (FOLDER / f"{code}.relance").read_text(encoding="utf-8")
    found = checked(source).diagnostics["a"]
    shown = as_text(source, found, f"{code}.relance") + "\n"
    golden = FOLDER / f"{code}.expected"
    if os.environ.get("RELANCE_GOLDEN") == "refresh":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert {one.code for one in found} == {code}


@pytest.mark.parametrize("code", OURS)
def test_a_code_has_a_page_that_shows_its_golden_script(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    source = (FOLDER / f"{code}.relance").read_text(encoding="utf-8")
    assert page.startswith(f"# {code} — {CODES[code]}\n")
    assert source.strip() in page


def test_every_code_the_checker_gives_is_registered() -> None:
    import re

    root = Path(__file__).parents[3] / "dsl"
    files = (root / "check").glob("*.py")
    given = {
        code for one in files for code in re.findall(r'"(R[345]\d\d)"', one.read_text("utf-8"))
    }
    assert given == set(OURS)
