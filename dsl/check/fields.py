"""Lead fields: those every lead has, those the scripts declare, and the type each gives its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dsl.check.findings import Findings
from dsl.check.lexicon import Lexicon
from dsl.check.names import Ambiguous, KnownName, Names
from dsl.check.naming import LONGEST_FIELD, well_named
from dsl.diagnostics import Fix, Span
from dsl.field_types import (
    AMOUNT,
    CHOICE,
    DATE,
    MULTIPLE,
    NUMBER,
    SEPARATOR,
    TEXT,
    TYPES,
    YES_NO,
    together,
)
from dsl.help.wording import did_you_mean, listed
from dsl.language.fr.field_words import NO, TYPES_MEANT, YES
from dsl.tree.nodes import FieldLine, FieldsBlock
from relance.fold import key_of
from relance.french import quoted
from relance.slot import Unreadable
from relance.values import Amount, Value


def _meant(kind: str) -> Sequence[str]:
    """The types an author may have meant, by another of their names or by a slip."""
    other = TYPES_MEANT.get(key_of(kind))
    near: Sequence[str] = getattr(Names(TYPES).find(kind), "near", ())
    return (other,) if other else near


NUMERIC = (NUMBER, AMOUNT)


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """A lead field; `choices` are the allowed values of a « choix »."""

    name: str
    type: str
    choices: tuple[str, ...] = ()


BUILT_IN = (
    *(
        FieldDeclaration(name, TEXT)
        for name in (
            "courriel",
            "prénom",
            "nom",
            "téléphone",
            "cellulaire",
            "ville",
            "langue",
            "fuseau",
            "vendeur",
        )
    ),
    FieldDeclaration("date de naissance", DATE),
)


class FieldTable:
    """The fields of a project, by name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._names = Names(field.name for field in BUILT_IN)
        self._fields = {field.name: field for field in BUILT_IN}
        self._origin: dict[str, str] = {}

    @property
    def declared(self) -> tuple[FieldDeclaration, ...]:
        """The fields the scripts add, in the order written."""
        return tuple(self._fields[name] for name in self._origin)

    def declare(self, block: FieldsBlock, findings: Findings) -> None:
        """Take in a « champs » block."""
        for line in block.fields:
            self._declare_line(line, findings)

    def _declare_line(self, line: FieldLine, findings: Findings) -> None:
        if not well_named(line.name, findings, LONGEST_FIELD):
            return
        kind = next((one for one in TYPES if key_of(one) == key_of(line.type.text)), None)
        if kind is None:
            # A choice says among what; nothing else does.
            chosen = bool(line.choices)
            meant = [one for one in _meant(line.type.text) if (one in (CHOICE, MULTIPLE)) == chosen]
            findings.error(
                "R314",
                line.type.span,
                f"{quoted(line.type.text)} n’est pas un type de champ.{did_you_mean(meant)} "
                f"Les types sont {listed(TYPES, 'et')}.",
                tuple(Fix(line.type.span, name, compared=True) for name in meant[:1]),
            )
            return
        new = FieldDeclaration(line.name.text, kind, tuple(one.text for one in line.choices))
        if not _well_chosen(new, line, findings):
            return
        known = self._names.known(new.name)
        if isinstance(known, KnownName):
            self._again(known.name, new, line.span, findings)
            return
        self._names.add(new.name)
        self._fields[new.name] = new
        self._origin[new.name] = findings.file

    def _again(self, known: str, new: FieldDeclaration, span: Span, findings: Findings) -> None:
        old = self._fields[known]
        if (old.type, old.choices) == (new.type, new.choices):
            return
        where = self._origin.get(known)
        state = f"est déjà déclaré dans {where}" if where else "existe déjà"
        findings.error(
            "R318",
            span,
            f"Le champ {quoted(known)} {state} avec le type {quoted(old.type)}. "
            "Gardez une seule déclaration, ou donnez un autre nom à celui-ci.",
        )

    def known(self, text: str) -> str:
        """The field that `text` means, as declared; else itself."""
        found = self._names.known(text)
        return found.name if isinstance(found, KnownName) else text

    def find(self, text: str, span: Span, findings: Findings) -> FieldDeclaration | None:
        """The field an author names; what is wrong is reported."""
        found = self._names.find(text)
        if isinstance(found, KnownName):
            return self._fields[found.name]
        if isinstance(found, Ambiguous):
            findings.error(
                "R302",
                span,
                f"{quoted(text)} peut désigner {listed(found.names)}. Écrivez le nom exact.",
                tuple(Fix(span, name, compared=True) for name in found.names),
            )
            return None
        findings.error(
            "R303",
            span,
            f"Aucun champ ne s’appelle {quoted(text)}.{did_you_mean(found.near)} "
            "Un nouveau champ se déclare dans un bloc « champs ».",
            tuple(Fix(span, name) for name in found.near),
        )
        return None

    def get(self, name: str) -> FieldDeclaration | None:
        """A field by its declared name."""
        return self._fields.get(name)

    def value(
        self, field: FieldDeclaration, value: Value, span: Span, findings: Findings
    ) -> Value | None:
        """`value` after the field's own type; None when it cannot be, which is reported."""
        result = self._typed(field, value)
        if isinstance(result, Unreadable):
            chosen = field.type in (CHOICE, MULTIPLE)
            code = "R312" if chosen else "R313"
            fixes: tuple[Fix, ...] = ()
            if chosen and isinstance(value, str):
                fixes = tuple(Fix(span, name) for name in _near(field, value))
            findings.error(code, span, f"{result.reason} {result.instead}", fixes)
            return None
        return result

    def _typed(self, field: FieldDeclaration, value: Value) -> Value | Unreadable:
        if field.type in NUMERIC:
            return self._number(field, value)
        if field.type == DATE:
            return self._date(field, value)
        if field.type == YES_NO:
            return _yes_no(field, value)
        if field.type == CHOICE:
            return _choice(field, value)
        if field.type == MULTIPLE:
            return _elements(field, value)
        if isinstance(value, str):
            return value
        if isinstance(value, date) or value is None:
            return _wrong(field, "un texte")
        return str(getattr(value, "value", value))

    def _number(self, field: FieldDeclaration, value: Value) -> Value | Unreadable:
        if isinstance(value, str):
            read = self._lexicon.read_core(field.type, value)
            if isinstance(read, Unreadable):
                read = self._lexicon.read_core(NUMBER, value)
            if isinstance(read, Unreadable) and _almost(value):
                return _reasoned(field, read)
            value = read if not isinstance(read, Unreadable) else None
        if isinstance(value, Amount):
            return value.value
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            return Decimal(value)
        return _wrong(field, "un nombre, par exemple « 42 » ou « 1 234,50 »")

    def _date(self, field: FieldDeclaration, value: Value) -> Value | Unreadable:
        if isinstance(value, str):
            read = self._lexicon.read_core(DATE, value)
            if isinstance(read, Unreadable) and _almost(value):
                return _reasoned(field, read)
            value = read if not isinstance(read, Unreadable) else None
        if isinstance(value, date):
            return value
        return _wrong(field, "une date, par exemple « 24 décembre 2026 »")


def _almost(text: str) -> bool:
    """Whether a text was meant as a number or a date: why it is none is worth telling."""
    return any(sign.isdecimal() for sign in text)


def _reasoned(field: FieldDeclaration, read: Unreadable) -> Unreadable:
    reason = f"{read.reason[:1].upper()}{read.reason[1:]}."
    instead = read.instead or ("24 décembre 2026" if field.type == DATE else "1 234,50")
    return Unreadable(reason, f"Écrivez par exemple : {instead}.")


def _yes_no(field: FieldDeclaration, value: Value) -> Value | Unreadable:
    if isinstance(value, bool):
        return value
    key = key_of(str(value))
    if key in YES | NO:
        return key in YES
    return _wrong(field, "« oui » ou « non »")


def _choice(field: FieldDeclaration, value: Value) -> Value | Unreadable:
    found = Names(field.choices).find(str(value))
    if isinstance(found, KnownName):
        return found.name
    return Unreadable(
        f"{quoted(str(value))} n’est pas une valeur du champ {quoted(field.name)}.",
        f"Les valeurs permises sont {listed(field.choices, 'et')}.",
    )


def _near(field: FieldDeclaration, value: str) -> Sequence[str]:
    """What a value that is none of the choices may be meant for, the rest of it kept."""
    names = Names(field.choices)
    if field.type == CHOICE:
        return getattr(names.find(value), "near", ())
    parts = [part.strip() for part in value.split(SEPARATOR)]
    meant = []
    for part in parts:
        found = names.find(part)
        near: Sequence[str] = getattr(found, "near", ())
        if isinstance(found, KnownName):
            near = (found.name,)
        if len(near) != 1:
            return ()
        meant.append(near[0])
    return (f"{SEPARATOR} ".join(meant),)


def _elements(field: FieldDeclaration, value: Value) -> Value | Unreadable:
    """« Vélo, Course », or one element, as the field holds them."""
    found = []
    for part in str(value).split(SEPARATOR):
        read = _choice(field, part.strip())
        if isinstance(read, Unreadable):
            return read
        found.append(str(read))
    return together(found, field.choices)


def _well_chosen(new: FieldDeclaration, line: FieldLine, findings: Findings) -> bool:
    """Whether a choice says among what; what is wrong is reported."""
    if new.type not in (CHOICE, MULTIPLE):
        return True
    if not new.choices:
        findings.error(
            "R314",
            line.span,
            f"Le champ {quoted(new.name)} est un choix\u00a0: écrivez les valeurs permises, par "
            f"exemple {quoted(f'{new.type} (petit, moyen, grand)')}.",
        )
        return False
    for choice in line.choices if new.type == MULTIPLE else ():
        if SEPARATOR in choice.text:
            findings.error(
                "R430",
                choice.span,
                f"La virgule sépare les éléments d’un choix multiple : {quoted(choice.text)} ne peut "
                "pas en contenir. Écrivez ce choix sans virgule.",
            )
            return False
    return True


def _wrong(field: FieldDeclaration, expected: str) -> Unreadable:
    return Unreadable(
        f"Le champ {quoted(field.name)} est de type {quoted(field.type)}.", f"Écrivez {expected}."
    )
