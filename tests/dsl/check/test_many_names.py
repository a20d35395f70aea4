"""Thousands of names, known or not, are checked in seconds: what resembles them is looked for in moderation."""

import time

from dsl.check.names import KnownName, Names, Unknown
from dsl.text.positions import Positions, utf16_length


def test_three_thousand_names_and_as_many_mistakes_are_told_in_seconds() -> None:
    began = time.perf_counter()
    names = Names()
    for one in range(3_000):
        assert names.known(f"champ numéro {one}") is None
        names.add(f"champ numéro {one}")
    wrong = [names.find(f"chmap numéro {one}") for one in range(3_000)]
    assert all(isinstance(one, Unknown) for one in wrong)
    assert time.perf_counter() - began < 30


def test_a_mistake_among_few_keeps_its_proposal_however_often_it_is_made() -> None:
    names = Names(["ville", "code postal"])
    assert [names.find("vile") for _ in range(1_000)] == [Unknown(("ville",))] * 1_000
    assert names.find("ville") == KnownName("ville")


def test_offsets_in_utf16_units_count_what_stands_before_whatever_it_is() -> None:
    for source in ("\ufeffa😀b\r\n😀😀\né😀\n", "a\n\n😀", ""):
        positions = Positions(source)
        for offset in range(len(source) + 1):
            assert positions.utf16_offset(offset) == utf16_length(source[:offset])
