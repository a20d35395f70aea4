"""What two people made of one script, put together line by line; and what is written of several."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.publication.drafting import DraftTexts
from server.publication.merging import Clash, merged
from server.publication.unusable import UnusableDraft

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d"]), max_size=8).map("".join)
BASE = "un\ndeux\ntrois\nquatre\ncinq\n"


def test_changes_of_lines_apart_are_both_kept() -> None:
    ours, theirs = BASE.replace("deux", "DEUX"), BASE.replace("cinq\n", "cinq\nsix\n")
    assert merged(BASE, ours, theirs).text == "un\nDEUX\ntrois\nquatre\ncinq\nsix\n"


def test_the_same_change_made_twice_is_made_once() -> None:
    both = BASE.replace("trois\n", "")
    assert merged(BASE, both, both).text == both


def test_changes_of_one_line_clash_and_neither_wins() -> None:
    ours, theirs = BASE.replace("deux", "2"), BASE.replace("deux", "II")
    found = merged(BASE, ours, theirs)
    assert found.clashes == (Clash(2, "deux\n", "2\n", "II\n"),)
    assert found.text == BASE


@given(TEXTS, TEXTS)
def test_what_one_alone_changed_is_what_comes_out(base: str, changed: str) -> None:
    assert merged(base, changed, base).text == changed
    assert merged(base, base, changed).text == changed
    assert merged(base, changed, changed).text == changed


@given(TEXTS, TEXTS, TEXTS)
def test_who_saved_first_does_not_change_what_comes_out(base: str, one: str, other: str) -> None:
    left, right = merged(base, one, other), merged(base, other, one)
    assert bool(left.clashes) == bool(right.clashes)
    if not left.clashes:
        assert left.text == right.text


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    for name in ("a.relance", "b.relance"):
        (tmp_path / name).write_text("avant\n", encoding="utf-8")
    hindrance = tmp_path / ".b.relance.relance-neuf"
    hindrance.mkdir()  # where the second is first written
    texts, wanted = DraftTexts(tmp_path), ("avant\n", "après\n")
    several = {"a.relance": wanted, "b.relance": wanted}
    with pytest.raises(UnusableDraft):
        texts.change(several)
    assert {(tmp_path / name).read_text("utf-8") for name in several} == {"avant\n"}
    hindrance.rmdir()
    assert texts.change(several)
    assert {(tmp_path / name).read_text("utf-8") for name in several} == {"après\n"}
