"""Every phrase has its English, with the same slots, that no other phrase could be taken for."""

from dsl.phrases.pattern import expand
from server.plugins import load_plugins

PHRASES = load_plugins().catalogue.phrases


def slots(pattern: str) -> set[tuple[str, str]]:
    return {(slot.name, slot.type) for way in expand(pattern) for slot in way.slots}


def test_each_phrase_has_its_english() -> None:
    assert [one.id for one in PHRASES.values() if not one.english] == []


def test_the_english_of_a_phrase_has_the_slots_of_the_french() -> None:
    assert [one.id for one in PHRASES.values() if slots(one.english) != slots(one.pattern)] == []


def test_no_two_phrases_read_the_same_in_english() -> None:
    owners: dict[str, str] = {}
    for one in PHRASES.values():
        for way in expand(one.english):
            assert owners.setdefault(way.key, one.id) == one.id, way.shown()
