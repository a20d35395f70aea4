"""Words: what is said, in the words of the catalogue. What no phrase is known for goes by its code."""

from collections.abc import Mapping, Sequence
from itertools import chain

from dsl.language.fr.constructs import form
from dsl.language.fr.sayings import AND, JOINS, OPENING, qualifier, sentence
from dsl.language.fr.writing import written
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.composed import Composed
from dsl.phrases.pattern import BadPattern, Slot, Variant, expand
from dsl.text.lexer import lex
from relance.phrase import Phrase
from relance.said import Said
from relance.values import Value

#: What stands before and after the text in a slot, where no example tells.
_WRAPPED = ("(", ")")


class Words:
    """Says in French what is said. Without a catalogue, phrases go by their ids."""

    def __init__(self, catalogue: Catalogue | None = None, asleep: Sequence[Phrase] = ()) -> None:
        """`asleep`: phrases of plugins that are not enabled, which lend their words."""
        self._catalogue = catalogue
        known = catalogue.known if catalogue is not None else {}
        self._phrases: Mapping[str, Phrase] = {**{one.id: one for one in asleep}, **known}
        self._variants: dict[str, Sequence[Variant]] = {}
        self._wraps: dict[str, Mapping[str, tuple[str, str]]] = {}

    def of(self, said: Said) -> str:
        """What is said, on one line."""
        values = dict(said.values)
        if said.what in self._phrases:
            return self._narrowed(self._phrase(self._phrases[said.what], values), said)
        if said.what in OPENING:
            return f"{form(OPENING[said.what])} {self._parts(said, AND)}"
        if said.what in JOINS:
            return self._parts(said, JOINS[said.what])
        held = self._grouped(said.parts[0]) if said.what == "not" else self._parts(said, AND)
        own = sentence(said.what, _written(said), held)
        return own if own is not None else self._narrowed(_coded(said), said)

    def _narrowed(self, text: str, said: Said) -> str:
        return " ".join([text, *map(_narrowing, said.parts)])

    def _parts(self, said: Said, join: str) -> str:
        alone = len(said.parts) == 1
        return join.join(self.of(one) if alone else self._grouped(one) for one in said.parts)

    def _grouped(self, said: Said) -> str:
        joins = said.what in JOINS and len(said.parts) > 1
        return f"[{self.of(said)}]" if joins else self.of(said)

    def _phrase(self, phrase: Phrase, values: Mapping[str, Value]) -> str:
        variant = next(
            (
                one
                for one in self._ways(phrase)
                if {slot.name for slot in one.slots} == values.keys()
            ),
            None,
        )
        if variant is None:
            return _coded(Said(phrase.id, tuple(values.items())))
        wraps = self.wrapping(phrase)
        held = {
            slot.name: self._text(slot, values[slot.name]).join(wraps.get(slot.name, _WRAPPED))
            for slot in variant.slots
        }
        return variant.written(held)

    def _text(self, slot: Slot, value: Value) -> str:
        """A value as its slot's type writes it: one that cannot is written as the language would."""
        kind = self._catalogue.slot_types.get(slot.type) if self._catalogue is not None else None
        if kind is None or kind.write is None:
            return written(value)
        try:
            return kind.write(value)
        except Exception:  # a plugin's bug must stay its own
            return written(value)

    def _ways(self, phrase: Phrase) -> Sequence[Variant]:
        """The ways to write a phrase, its own pattern first."""
        if phrase.id not in self._variants:
            first, others = _expanded(phrase.pattern), map(_expanded, phrase.aliases)
            self._variants[phrase.id] = (*first, *chain.from_iterable(others))
        return self._variants[phrase.id]

    def wrapping(self, phrase: Phrase) -> Mapping[str, tuple[str, str]]:
        """What stands around each slot's text in the phrase's example: « (Tarifs) », « 3 jours »."""
        if phrase.id not in self._wraps:
            self._wraps[phrase.id] = self._around(phrase)
        return self._wraps[phrase.id]

    def _around(self, phrase: Phrase) -> Mapping[str, tuple[str, str]]:
        if self._catalogue is None:
            return {}
        if isinstance(phrase, Composed):
            within = {
                name: around
                for name in phrase.inner
                for own, around in self.wrapping(phrase.event).items()
                if name.endswith(f"_{own}")
            }
            return {**self.wrapping(phrase.host), **within}
        example = phrase.example
        found = self._catalogue.longest(example, lex(example, 0, len(example))[0], 0)
        if found is None:
            return {}
        return {
            slot.name: _edges(captured.raw, captured.text.text)
            for slot, captured in zip(found.variant.slots, found.captured, strict=True)
        }


#: No phrase is known: what is said goes by its codes.
BARE = Words()


def _edges(raw: str, text: str) -> tuple[str, str]:
    before, _, after = raw.partition(text)
    return before, after


def _expanded(pattern: str) -> Sequence[Variant]:
    try:
        return expand(pattern)
    except BadPattern:
        return ()


def _narrowing(said: Said) -> str:
    return qualifier(said.what, _written(said)) or _coded(said)


def _written(said: Said) -> Mapping[str, str]:
    return {name: written(value) for name, value in said.values}


def _coded(said: Said) -> str:
    """By its code, what stands in it between parentheses."""
    return " ".join([said.what, *(f"({written(value)})" for _, value in said.values)])
