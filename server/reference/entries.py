"""The phrases of the catalogue in the order of the reference, each with all there is to say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsl.phrases.catalogue import Catalogue
from dsl.phrases.pattern import expand
from dsl.text.lexer import lex
from relance.events import EventPattern
from relance.facts import timed, wakes
from relance.phrase import Kind, Phrase
from relance.slot import SlotType
from server.plugin_contract import example_values
from server.plugins import Plugins
from server.reference.events import names_of
from server.reference.order import PARTS, REST


@dataclass(frozen=True, slots=True)
class ReferenceEntry:
    """One phrase. `woken` names the events after which its answer is looked at again."""

    phrase: Phrase
    plugin: str
    shown: str
    also: tuple[str, ...]
    slots: tuple[SlotType, ...]
    woken: tuple[str, ...]
    timed: bool


@dataclass(frozen=True, slots=True)
class ReferenceSection:
    """A part of the reference."""

    title: str
    entries: tuple[ReferenceEntry, ...]


def sections(plugins: Plugins) -> tuple[ReferenceSection, ...]:
    """Every phrase once: where a known tool lists it first, else with the others."""
    writer = _EntryWriter(plugins)
    seen: set[str] = set()
    found = [
        ReferenceSection(title, tuple(writer.entries(_listed(plugins.catalogue, sentences), seen)))
        for title, sentences in PARTS.items()
    ]
    rest = [phrase for one in plugins.phrases for phrase in one.phrases]
    found.append(ReferenceSection(REST, tuple(writer.entries(rest, seen))))
    return tuple(one for one in found if one.entries)


def phrase_of(catalogue: Catalogue, sentence: str) -> Phrase | None:
    """The phrase a whole sentence is a use of."""
    lexemes, _ = lex(sentence, 0, len(sentence))
    found = catalogue.longest(sentence, lexemes, 0)
    if found is None or found.end < len(lexemes):
        return None
    return found.value.phrase


def _listed(catalogue: Catalogue, sentences: Sequence[str]) -> Iterator[Phrase]:
    for sentence in sentences:
        phrase = phrase_of(catalogue, sentence)
        if phrase is not None:
            yield phrase


class _EntryWriter:
    def __init__(self, plugins: Plugins) -> None:
        self._catalogue = plugins.catalogue
        self._glossary = plugins.glossary

    def entries(
        self, phrases: Iterator[Phrase] | Sequence[Phrase], seen: set[str]
    ) -> list[ReferenceEntry]:
        """Those not `seen` yet, which they are from now on."""
        found = []
        for phrase in phrases:
            if phrase.id not in seen:
                seen.add(phrase.id)
                found.append(self._entry(phrase))
        return found

    def _entry(self, phrase: Phrase) -> ReferenceEntry:
        shown = self._catalogue.shown(phrase)
        writings = [
            variant.shown()
            for pattern in (phrase.pattern, *phrase.aliases)
            for variant in expand(pattern)
        ]
        woken, by_time = self._wakes(phrase)
        return ReferenceEntry(
            phrase,
            self._catalogue.plugin_of(phrase),
            shown,
            tuple(one for one in dict.fromkeys(writings) if one != shown),
            tuple(self._slots(phrase)),
            woken,
            by_time,
        )

    def _slots(self, phrase: Phrase) -> Iterator[SlotType]:
        types: Mapping[str, SlotType] = self._catalogue.slot_types
        variants = [one for text in (phrase.pattern, *phrase.aliases) for one in expand(text)]
        names = dict.fromkeys(slot.type for variant in variants for slot in variant.slots)
        return (types[name] for name in names)

    def _wakes(self, phrase: Phrase) -> tuple[tuple[str, ...], bool]:
        """Asked of the phrase's own example: what it is made of does not hang on the values."""
        meaning = phrase.means(**example_values(self._catalogue, phrase))
        if isinstance(meaning, EventPattern):
            return tuple(names_of([meaning], self._glossary)), False
        if phrase.kind is Kind.STATE:
            return tuple(names_of(wakes(meaning), self._glossary)), timed(meaning)  # type: ignore[arg-type]
        return (), False
