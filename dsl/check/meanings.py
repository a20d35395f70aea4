"""Meanings: the slots of a phrase read, then what its plugin says it means.

A plugin may be anyone's: whatever it raises or returns by mistake becomes a diagnostic that
names it, so that one bad phrase never takes the checker down.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

from dsl.check.bounds import bounded
from dsl.check.fields import FieldTable
from dsl.check.findings import Findings
from dsl.check.lexicon import FIELD, Lexicon
from dsl.check.references import References
from dsl.diagnostics import Fix, Span
from dsl.language.fr.constructs import form
from dsl.phrases.composed import Composed
from dsl.tree.nodes import PhraseUse, Text
from relance import facts
from relance.effects import Effect
from relance.events import EventPattern
from relance.fold import key_of
from relance.french import quoted
from relance.phrase import Kind, Phrase
from relance.slot import SlotType, Unreadable
from relance.values import FieldName, Value
from relance.waits import Wait

#: Stands for any name, in an event phrase.
ANY = "*"
_EFFECTS = get_args(Effect)
#: What a phrase of each kind may mean; an activity, several effects.
_MEANT: Mapping[Kind, tuple[type, ...]] = {
    Kind.EVENT: (EventPattern,),
    Kind.STATE: get_args(facts.Condition),
    Kind.WAIT: get_args(Wait),
}
_PLACES = {
    Kind.EVENT: "« quand … », « si … » ou « dès que … »",
    Kind.STATE: "« si … », « quand … » ou « attendre que … »",
    Kind.ACTIVITY: "seule sur sa ligne",
    Kind.WAIT: "seule sur sa ligne",
}
_ARTICLED = {
    Kind.EVENT: "un événement",
    Kind.STATE: "un état",
    Kind.ACTIVITY: "une activité",
    Kind.WAIT: "une attente",
}


class Meanings:
    """Asks phrases what they mean."""

    def __init__(self, lexicon: Lexicon, fields: FieldTable, references: References) -> None:
        self.lexicon = lexicon
        self.fields = fields
        self.references = references
        #: What stands in slots, by type and text: the same names come again and again.
        self._meant: dict[tuple[str, str], Value] = {}

    def of(
        self, use: PhraseUse, allowed: Sequence[Kind], findings: Findings
    ) -> tuple[object, dict[str, Value]] | None:
        """The meaning of a phrase used where `allowed` kinds stand, and its slots' values."""
        phrase = use.phrase
        if phrase is None:
            findings.fault()
            return None
        if phrase.kind not in allowed:
            _misused(use, phrase, findings)
            return None
        values = self._values(use, phrase, findings)
        if values is None:
            return None
        return self._asked(use, phrase, values, findings)

    def read(self, kind: str, text: Text, findings: Findings) -> Value:
        """`text` read by one of the language's own types; None when unreadable, which is reported."""
        value = self.lexicon.read_core(kind, text.text)
        if isinstance(value, Unreadable):
            unreadable(value, text, findings)
            return None
        return value

    def meant(self, phrase: Phrase, name: str, text: Text) -> Value:
        """What stands in a slot of a phrase, nothing being reported: its own text if that is no value."""
        slot = self.lexicon.slots(phrase)[name]
        place = slot.name, text.text
        if place not in self._meant:
            self._meant[place] = self._known(slot, " ".join(text.text.split()))
        return self._meant[place]

    def _known(self, slot: SlotType, text: str) -> Value:
        value = self._read(slot, text)
        if isinstance(value, Unreadable):
            return text
        if isinstance(value, FieldName) or key_of(slot.name) == FIELD:
            return FieldName(self.fields.known(getattr(value, "name", text)))
        if slot.reference and slot.closed:
            return self.references.known(key_of(slot.name), text)
        return value

    def core(self, kind: str, text: str) -> Value:
        """`text` as one of the language's own types reads it, nothing being reported; else itself."""
        value = self.lexicon.read_core(kind, text)
        return " ".join(text.split()) if isinstance(value, Unreadable) else value

    def _values(
        self, use: PhraseUse, phrase: Phrase, findings: Findings
    ) -> dict[str, Value] | None:
        types = self.lexicon.slots(phrase)
        values: dict[str, Value] = {}
        whole = True
        for name, text in use.slots:
            of_event = phrase.kind is Kind.EVENT or (
                isinstance(phrase, Composed) and name in phrase.inner
            )
            if of_event and text.text.strip() == ANY:
                values[name] = ANY
                continue
            value = self._value(types[name], text, findings)
            whole = whole and value is not None
            values[name] = value
        return values if whole else None

    def _value(self, slot: SlotType, text: Text, findings: Findings) -> Value:
        value = self._read(slot, text.text)
        if isinstance(value, Unreadable):
            unreadable(value, text, findings)
            return None
        if isinstance(value, FieldName) or key_of(slot.name) == FIELD:
            field = self.fields.find(getattr(value, "name", text.text), text.span, findings)
            return FieldName(field.name) if field else None
        if slot.reference and slot.closed and not (slot.beside and slot.beside(text.text)):
            return self.references.closed(slot, text, findings)
        if slot.reference:
            self.references.open(slot, text, findings)
        return value

    def _read(self, slot: SlotType, text: str) -> Value | Unreadable:
        """What a slot type makes of a text; a plugin's own type may fail like any other code."""
        try:
            return bounded(slot.read(text))
        except Exception as fault:  # a plugin's bug must stay its own
            return Unreadable(
                f"le type {quoted(slot.name)} n’a pas su lire cette valeur ({type(fault).__name__})"
            )

    def _asked(
        self, use: PhraseUse, phrase: Phrase, values: dict[str, Value], findings: Findings
    ) -> tuple[object, dict[str, Value]] | None:
        try:
            meaning = phrase.means(**self._handed(phrase, values))
        except ValueError as refusal:  # the contract's way to refuse values together
            unreadable(Unreadable(str(refusal).rstrip(".")), Text(use.written, use.span), findings)
            return None
        except Exception as fault:  # a plugin's bug must stay its own
            self._failed(use, phrase, f"{type(fault).__name__}: {fault}", findings)
            return None
        if isinstance(meaning, Unreadable):
            unreadable(meaning, Text(use.written, use.span), findings)
            return None
        if phrase.kind is Kind.ACTIVITY and isinstance(meaning, Sequence):
            meaning = tuple(meaning)
        if not is_of(phrase.kind, meaning):
            self._failed(use, phrase, f"réponse de type {type(meaning).__name__}", findings)
            return None
        return meaning, values

    def _handed(self, phrase: Phrase, values: Mapping[str, Value]) -> dict[str, object]:
        """What the phrase works on: where a name stands for a thing of the project, that thing."""
        types = self.lexicon.slots(phrase)
        return {name: self.references.thing(types[name], value) for name, value in values.items()}

    def _failed(self, use: PhraseUse, phrase: Phrase, reason: str, findings: Findings) -> None:
        plugin = self.lexicon.plugin(phrase)
        findings.error(
            "R307",
            use.span,
            f"L’extension {quoted(plugin)} n’a pas su donner le sens de cette phrase ({reason}). "
            "Le script n’est pas en cause : signalez-le à l’auteur de l’extension.",
        )


def unreadable(value: Unreadable, text: Text, findings: Findings) -> None:
    """Tell why a value cannot be read."""
    instead = f" Écrivez par exemple : {value.instead}." if value.instead else ""
    reason = value.reason[:1].upper() + value.reason[1:]
    findings.error("R308", text.span, f"{reason}.{instead}")


def _misused(use: PhraseUse, phrase: Phrase, findings: Findings) -> None:
    fixes: tuple[Fix, ...] = ()
    if phrase.kind in (Kind.EVENT, Kind.STATE):
        start = Span(use.span.start, use.span.start)
        fixes = (Fix(start, f"{form('WAIT_THAT')} ", compared=True),)
    findings.error(
        "R309",
        use.span,
        f"{quoted(' '.join(use.written.split()))} est {_ARTICLED[phrase.kind]} : cette phrase "
        f"s’écrit {_place(phrase.kind)}.",
        fixes,
    )


def _place(kind: Kind) -> str:
    place = _PLACES[kind]
    return place if kind in (Kind.ACTIVITY, Kind.WAIT) else f"après {place}"


def is_of(kind: Kind, meaning: object) -> bool:
    """Whether a phrase of that kind may mean that."""
    if kind is not Kind.ACTIVITY:
        return isinstance(meaning, _MEANT[kind])
    return isinstance(meaning, tuple | list) and all(isinstance(one, _EFFECTS) for one in meaning)
