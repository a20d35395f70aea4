"""Words: what is said, in the words of the catalogue. What no phrase is known for goes by its code."""

from collections.abc import Mapping, Sequence
from itertools import chain

from dsl.language.fr.constructs import EXITED, form
from dsl.language.fr.writing import written
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.composed import Composed
from dsl.phrases.pattern import BadPattern, Slot, Variant, expand
from dsl.text.lexer import lex
from relance.french import quoted
from relance.phrase import Phrase
from relance.said import Said
from relance.values import Value

_OUTCOMES = {"success": "réussite", "failure": "échec"}
_OPENING = {"if": "IF", "else_if": "ELSIF", "as_soon": "AS_SOON", "when": "WHEN"}
_JOINS = {"all": " et ", "any": " ou "}
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
        if said.what in _OPENING:
            return f"{form(_OPENING[said.what])} {self._parts(said, ' et ')}"
        if said.what in _JOINS:
            return self._parts(said, _JOINS[said.what])
        own = self._own(said, values)
        return own if own is not None else self._narrowed(_coded(said), said)

    def _own(self, said: Said, values: Mapping[str, Value]) -> str | None:
        """What the language says by itself; None for what it does not know."""
        text = {name: written(value) for name, value in values.items()}
        limit = f"au plus {text['limit']}" if "limit" in text else ""
        bound = f", {text['times']} fois au plus" if "times" in text else ""
        match said.what:
            case "not":
                return f"{form('NOT')} {self._grouped(said.parts[0])}"
            case "wait":
                return f"{form('WAIT')} {limit}".rstrip()
            case "wait_that":
                awaited = f"{form('WAIT_THAT')} {self._parts(said, ' et ')}"
                return f"{awaited}, {limit}" if limit else awaited
            case "step":
                return f"{form('STEP')} {quoted(text['name'])}"
            case "go":
                return f"{form('GOTO')} {quoted(text['step'])}{bound}"
            case "repeat":
                return f"{form('REPEAT')}{bound.removeprefix(',')}"
            case "quit":
                way = _OUTCOMES.get(text["outcome"])
                return f"{form('QUIT')} ({way})" if way else form("QUIT")
            case "split":
                return f"{form('SPLIT')} {quoted(text['name'])}" if text else form("SPLIT")
            case "at_step":
                return f"à l’étape {quoted(text['step'])}"
            case "exited":
                of = f" de la campagne ({text['campaign']})" if "campaign" in text else ""
                return f"{EXITED[text['how']][0]}{of}"
            case "every":
                return f"chaque {text.get('day', 'jour')} à {text['at']}"
        return None

    def _narrowed(self, text: str, said: Said) -> str:
        return " ".join([text, *map(_narrowing, said.parts)])

    def _parts(self, said: Said, join: str) -> str:
        alone = len(said.parts) == 1
        return join.join(self.of(one) if alone else self._grouped(one) for one in said.parts)

    def _grouped(self, said: Said) -> str:
        joins = said.what in _JOINS and len(said.parts) > 1
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
        wraps = self._wrapping(phrase)
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

    def _wrapping(self, phrase: Phrase) -> Mapping[str, tuple[str, str]]:
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
                for own, around in self._wrapping(phrase.event).items()
                if name.endswith(f"_{own}")
            }
            return {**self._wrapping(phrase.host), **within}
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
    text = {name: written(value) for name, value in said.values}
    match said.what:
        case "entry":
            return "depuis l’entrée"
        case "step":
            return f"depuis l’étape {quoted(text['value'])}"
        case "since":
            return f"depuis le {text['value']}"
        case "last_days":
            return f"dans les {text['value']} derniers jours"
        case "times":
            return f"au moins {text['value']} fois"
        case "where":
            return f"où ({text['property']}) {text['comparator']} ({text['value']})"
    return _coded(said)


def _coded(said: Said) -> str:
    """By its code, what stands in it between parentheses."""
    return " ".join([said.what, *(f"({written(value)})" for _, value in said.values)])
