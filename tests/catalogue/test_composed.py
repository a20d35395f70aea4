"""« Plus de (90 minutes) se sont écoulées depuis … » takes any event phrase, a vendor's too."""

from datetime import date
from decimal import Decimal

import pytest

from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.project import Checked, check
from dsl.read.parser import parse
from relance.events import EventPattern, PropertyTest
from relance.facts import Events, MinutesSince, SinceDate, walk
from relance.phrase import Kind, Phrase
from relance.values import Comparator
from server.plugins import load_plugins

PLUGINS = load_plugins()
CATALOGUE = PLUGINS.catalogue
EVENTS = [one for one in CATALOGUE.phrases.values() if one.kind is Kind.EVENT]
SINCE = "Plus de (90 minutes) se sont écoulées depuis"


def used(condition: str, catalogue: Catalogue = CATALOGUE):
    parsed = parse(f"liste « X » : {condition}\n", catalogue)
    assert not parsed.diagnostics
    return parsed.script.blocks[0].condition


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: one.id)
def test_every_event_phrase_stands_after_since_between_parentheses_or_not(event: Phrase) -> None:
    held, bare = (used(f"{SINCE} {text}") for text in (f"({event.example})", event.example))
    assert held == bare
    assert held.phrase.host.id == "leads.elapsed"
    assert held.phrase.event == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: one.id)
def test_the_formatter_writes_it_without_parentheses_and_says_the_same(event: Phrase) -> None:
    source = f"liste « X » : {SINCE} ({event.example})\n"
    written = format_source(source, CATALOGUE)
    assert format_source(written, CATALOGUE) == written
    assert parse(written, CATALOGUE).script == parse(source, CATALOGUE).script


def test_a_vendor_s_event_stands_between_parentheses_as_ours_do() -> None:
    left = Phrase(
        id="avis.left",
        kind=Kind.EVENT,
        pattern="Avis {stars:nombre} laissé",
        means=lambda stars: EventPattern("avis", str(stars)),
        help="Un avis.",
        example="Avis (5) laissé",
    )
    plugins = [*PLUGINS.phrases, PluginPhrases("avis", (left,))]
    assert used(f"{SINCE} (Avis (5) laissé)", Catalogue(plugins)).phrase.event == left


def checked(condition: str) -> Checked:
    offered = {"courriel": ["Tarifs", "Offre"], "SMS": ["Rappel"]}
    return check({"a.relance": f"liste « X » : {condition}\n"}, CATALOGUE, offered)


def asked(condition: str) -> Events:
    """The events that the time is counted from."""
    found = checked(condition)
    assert found.diagnostics["a.relance"] == ()
    facts = [one for one in walk(found.lists[0].condition) if isinstance(one, MinutesSince)]
    return facts[0].of


def test_the_time_counts_from_the_last_of_the_events_named() -> None:
    assert asked(f"{SINCE} (Courriel (Tarifs) envoyé)").pattern.subject == "Tarifs"
    assert asked(f"{SINCE} (Courriel (*) envoyé)").pattern.subject == "*"


@pytest.mark.parametrize(
    "written",
    [
        f"{SINCE} (Panier payé où montant > 100 depuis le 2026-01-01)",
        f"{SINCE} Panier payé où (montant) > (100) depuis (2026-01-01)",
    ],
)
def test_what_narrows_the_event_narrows_the_events_it_counts_from(written: str) -> None:
    events = asked(written)
    assert events.since == SinceDate(date(2026, 1, 1))
    assert events.pattern.properties == (PropertyTest("montant", Comparator.GREATER, Decimal(100)),)


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        (f"{SINCE} (Courriel (Tarifz) envoyé)", "R301", "Tarifs"),
        (f"{SINCE} (Courriel (Tarifs) envoié)", "R201", "Courriel (Tarifs) envoyé"),
        (f"{SINCE} (Panier payé au moins 2 fois)", "R315", "au moins"),
        (f"{SINCE} (Pannier)", "R303", "Pannier"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_place(written: str, code: str, said: str) -> None:
    (one,) = checked(written).diagnostics["a.relance"]
    assert one.code == code
    assert said in one.message
