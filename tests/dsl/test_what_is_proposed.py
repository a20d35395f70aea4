"""Whatever a golden diagnostic proposes is accepted in its place: nothing is told there any more."""

import pytest
from sample_catalogue import CATALOGUE
from test_goldens import OURS, source_of

from dsl.diagnostics import Diagnostic, Fix
from dsl.read.parser import parse


def offered() -> list[tuple[str, str, Fix]]:
    return [
        (code, source, fix)
        for code in OURS
        if code != "R101"
        for source in (source_of(code),)
        for one in parse(source, CATALOGUE).diagnostics
        for fix in one.fixes
    ]


def touching(found: tuple[Diagnostic, ...], start: int, end: int) -> list[Diagnostic]:
    return [one for one in found if one.span.start < end and start < one.span.end]


@pytest.mark.parametrize(("code", "source", "fix"), offered())
def test_a_proposal_is_accepted_in_its_place(code: str, source: str, fix: Fix) -> None:
    fixed = source[: fix.span.start] + fix.text + source[fix.span.end :]
    found = parse(fixed, CATALOGUE).diagnostics
    assert touching(found, fix.span.start, fix.span.start + len(fix.text)) == []
    assert len(found) < len(parse(source, CATALOGUE).diagnostics)
