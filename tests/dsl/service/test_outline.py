"""The outline of a script, its canonical writing as edits, the words that colour it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.formatter import format_source
from dsl.service.edits import applied, between
from dsl.service.vocabulary import vocabulary
from tests.dsl.service.projects import french, library

FILE = "bienvenue.relance"


def test_a_script_is_outlined_by_its_campaigns_steps_and_scenarios() -> None:
    campaign, *scenarios = library().symbols(FILE)
    assert (campaign.what, campaign.name) == ("campagne", "Bienvenue")
    assert [step.name for step in campaign.within] == ["Accueil", "Essai"]
    assert {one.what for one in scenarios} == {"scénario"}


def test_formatting_touches_only_the_lines_that_change() -> None:
    service = library()
    text = service.sources[FILE].replace(french("  étape « Essai »"), french("étape  « Essai »"))
    (edit,) = service.edited(FILE, text).formatted(FILE)
    assert applied(text, [edit]) == service.sources[FILE]
    assert edit.text.count("\n") == 1


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(library().sources)), st.integers(0, 2_000), st.text(max_size=6))
def test_formatting_what_is_formatted_changes_nothing(name: str, place: int, typed: str) -> None:
    service = library()
    text = service.sources[name][:place] + typed + service.sources[name][place:]
    once = applied(text, service.edited(name, text).formatted(name))
    assert once == format_source(text, service.catalogue)
    assert service.edited(name, once).formatted(name) == ()


@settings(max_examples=40, deadline=None)
@given(st.text("ab\n\r", max_size=30), st.text("ab\n\r", max_size=30))
def test_edits_between_two_texts_make_one_of_the_other(before: str, after: str) -> None:
    assert applied(before, between("a", before, after)) == after


def test_the_words_of_the_language_come_the_longest_first() -> None:
    words = vocabulary()
    assert words.leading.index("sinon si") < words.leading.index("si")
    assert "quand" in words.leading
    assert "depuis l’entrée" in words.inside
    assert "fuseau" in words.headers
