"""The catalogue as the checker asks it: slot types of a phrase, its plugin, readings of values."""

from collections.abc import Mapping
from functools import cached_property

from dsl.check.bounds import bounded
from dsl.language.fr.core_slots import CORE_SLOT_TYPES
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.pattern import expand
from relance.fold import key_of
from relance.phrase import Engagement, Kind, Phrase
from relance.slot import SlotType, Unreadable
from relance.values import Value

_CORE = {slot.name: slot for slot in CORE_SLOT_TYPES}
#: References whose names the scripts themselves declare.
FIELD, STEP, CAMPAIGN, GOAL = "champ", "etape", "campagne", "objectif"
#: Topics of interest: open names, some of which the scripts declare.
INTEREST = "interet"
#: Lists: open names, some of which the scripts declare.
LIST = "liste"


#: What plugins count, by its names.
INDICATOR = "indicateur"


class Lexicon:
    """Reads the words of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._types: dict[str, Mapping[str, SlotType]] = {}

    def slots(self, phrase: Phrase) -> Mapping[str, SlotType]:
        """The slot types of a phrase, by slot name."""
        known = self._types.get(phrase.id)
        if known is None:
            known = {
                slot.name: self._catalogue.slot_types[slot.type]
                for pattern in (*phrase.aliases, phrase.pattern)
                for variant in expand(pattern)
                for slot in variant.slots
            }
            self._types[phrase.id] = known
        return known

    def plugin(self, phrase: Phrase) -> str:
        """The plugin a phrase comes from."""
        return self._catalogue.plugin_of(phrase)

    def read(self, name: str, text: str) -> Value | Unreadable:
        """`text` read by any slot type of the catalogue."""
        return bounded(self._catalogue.slot_types[name].read(text))

    def read_core(self, name: str, text: str) -> Value | Unreadable:
        """`text` read by one of the language's own slot types."""
        return bounded(_CORE[name].read(text))

    @cached_property
    def acted_on(self) -> frozenset[str]:
        """Closed types that some activity uses: what scripts themselves can make happen."""
        return frozenset(
            key_of(slot.name)
            for phrase in self._catalogue.phrases.values()
            if phrase.kind is Kind.ACTIVITY
            for slot in self.slots(phrase).values()
            if slot.closed
        ) - {FIELD, STEP, CAMPAIGN}

    @cached_property
    def engagements(self) -> Mapping[tuple[str, Engagement], tuple[Phrase, str]]:
        """By the type of a message and what a person does with it, the phrase that says so, and its slot."""
        found: dict[tuple[str, Engagement], tuple[Phrase, str]] = {}
        for phrase in self._catalogue.phrases.values():
            if phrase.engagement is not None:
                ((name, slot),) = self.slots(phrase).items()
                found[key_of(slot.name), phrase.engagement] = phrase, name
        return found
