"""Types: what a fact or an effect does with a lead field must suit the field's own type.

Comparisons come back with their literals in that type, so that the store compares like with like.
"""

from dataclasses import replace
from datetime import date

from dsl.check.fields import NUMERIC, FieldTable
from dsl.check.findings import Findings
from dsl.check.rewrite import rewrite
from dsl.diagnostics import Span
from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, TEXT, WORDED
from dsl.tree.nodes import PhraseUse
from relance.effects import DatePlusDays, Effect, SetField, Today
from relance.facts import (
    Age,
    Birthday,
    Compare,
    Condition,
    Contains,
    DaysUntil,
    Field,
    Literal,
    MinutesSince,
    Operand,
)
from relance.french import quoted
from relance.values import Amount, Comparator, FieldName, Percentage, Value
from relance.waits import Wait, WaitUntil

_SAME = (Comparator.EQUAL, Comparator.DIFFERENT)
#: What one type of field takes of another.
_COPIED = ((NUMBER, AMOUNT), (AMOUNT, NUMBER), (CHOICE, MULTIPLE))


class Types:
    """Types the facts of one phrase."""

    def __init__(self, fields: FieldTable, findings: Findings, use: PhraseUse) -> None:
        self._fields = fields
        self._findings = findings
        self._use = use
        self._span = use.span

    def condition(self, condition: Condition) -> Condition:
        """`condition`, its literals in the types of the fields they are compared to."""
        return rewrite(condition, self._fact)

    def effect(self, effect: Effect) -> Effect:
        """`effect`, the value it writes in the type of its field."""
        if not isinstance(effect, SetField):
            return effect
        target = self._fields.find(effect.field, self._span, self._findings)
        if target is None:
            return effect
        value = effect.value
        if isinstance(value, Today | DatePlusDays):
            self._only(DATE, target.name, target.type)
            if isinstance(value, DatePlusDays):
                self._dated(value.field)
        elif isinstance(value, Field):
            self._copied(value, target.name, target.type)
        else:
            literal = getattr(value, "name", value) if isinstance(value, FieldName) else value
            typed = self._fields.value(target, literal, self._of(literal), self._findings)
            return replace(effect, value=typed) if typed is not None else effect
        return effect

    def wait(self, wait: Wait) -> None:
        """A wait until a field needs a date."""
        if isinstance(wait, WaitUntil) and isinstance(wait.day, Field):
            self._dated(wait.day)

    def _fact(self, fact: Condition) -> Condition:
        if isinstance(fact, Compare):
            return self._compare(fact)
        if isinstance(fact, Birthday):
            self._dated(fact.field)
        elif isinstance(fact, Contains):
            return self._holding(fact)
        elif field := getattr(fact, "field", None):
            self._type(field)
        return fact

    def _compare(self, fact: Compare) -> Condition:
        self._operand(fact.left)
        self._operand(fact.right)
        if isinstance(fact.left, Field) and isinstance(fact.right, Literal):
            return replace(fact, right=self._literal(fact.left, fact.comparator, fact.right))
        if isinstance(fact.left, Field) and isinstance(fact.right, Field):
            self._comparable(fact.left, fact.right)
        if isinstance(fact.right, Literal):
            return replace(fact, right=Literal(_plain(fact.right.value)))
        return fact

    def _literal(self, field: Field, comparator: Comparator, literal: Literal) -> Literal:
        declared = self._fields.get(field.name)
        if declared is None:
            self._type(field)
            return literal
        if comparator not in _SAME and declared.type not in (*NUMERIC, DATE):
            self._findings.error(
                "R310",
                self._span,
                f"Le champ {quoted(declared.name)} est de type {quoted(declared.type)} : il n’a ni "
                "plus grand ni plus petit. Comparez-le avec « égal à », ou déclarez-le "
                f"{quoted(NUMBER)}.",
            )
            return literal
        value = self._fields.value(declared, literal.value, self._of(literal.value), self._findings)
        return Literal(value) if value is not None else literal

    def _operand(self, operand: Operand) -> None:
        if isinstance(operand, Age | DaysUntil):
            self._dated(operand.field)
        elif isinstance(operand, MinutesSince) and isinstance(operand.of, Field):
            self._dated(operand.of)
        elif isinstance(operand, Field):
            self._type(operand)

    def _comparable(self, left: Field, right: Field) -> None:
        kinds = self._type(left), self._type(right)
        if None in kinds or kinds[0] == kinds[1] or set(kinds) <= {NUMBER, AMOUNT}:
            return
        if set(kinds) <= set(WORDED):
            return
        self._findings.error(
            "R310",
            self._span,
            f"Les champs {quoted(left.name)} ({kinds[0]}) et {quoted(right.name)} ({kinds[1]}) ne se "
            "comparent pas : choisissez deux champs du même type.",
        )

    def _copied(self, source: Field, target: str, kind: str) -> None:
        found = self._type(source)
        if found is None or kind in (found, TEXT) or (found, kind) in _COPIED:
            return
        self._findings.error(
            "R310",
            self._span,
            f"Le champ {quoted(source.name)} ({found}) ne peut pas être copié dans "
            f"{quoted(target)} ({kind}) : choisissez deux champs du même type.",
        )

    def _dated(self, field: Field | date) -> None:
        if isinstance(field, date):
            return
        kind = self._type(field)
        if kind is not None:
            self._only(DATE, field.name, kind)

    def _holding(self, fact: Contains) -> Condition:
        """« contient »: a text holds words, a « choix multiple » one of its elements."""
        kind = self._type(fact.field)
        declared = self._fields.get(fact.field.name)
        if kind not in (None, *WORDED):
            self._only(TEXT, fact.field.name, kind or "")
        if kind != MULTIPLE or declared is None:
            return fact
        value = self._fields.value(declared, fact.text, self._of(fact.text), self._findings)
        return replace(fact, text=value) if isinstance(value, str) else fact

    def _only(self, expected: str, name: str, kind: str) -> None:
        if kind == expected:
            return
        self._findings.error(
            "R310",
            self._span,
            f"Cette phrase demande un champ de type {quoted(expected)}, et {quoted(name)} est de type "
            f"{quoted(kind)}. Choisissez un autre champ, ou changez son type dans « champs ».",
        )

    def _of(self, value: Value) -> Span:
        """Where the author wrote a value: its slot when it is text, else the whole phrase."""
        spans = (text.span for _, text in self._use.slots if text.text.strip() == value)
        return next(spans, self._span)

    def _type(self, field: Field) -> str | None:
        declared = self._fields.get(field.name)
        if declared is None:
            declared = self._fields.find(field.name, self._span, self._findings)
        return declared.type if declared else None


def _plain(value: Value) -> Value:
    return value.value if isinstance(value, Amount | Percentage) else value
