"""Decisions on the value of a lead's field."""

from decimal import Decimal

from relance.facts import Compare, Condition, Contains, Field, IsEmpty, Literal
from relance.phrase import Kind, Phrase
from relance.values import Comparator, FieldName


def contains(field: FieldName, text: str) -> Condition:
    """The field holds that text."""
    return Contains(Field(field.name), text)


def is_empty(field: FieldName) -> Condition:
    """Nothing is known."""
    return IsEmpty(Field(field.name))


def equals(field: FieldName, value: str) -> Condition:
    """The field is that value, read after the field's own type."""
    return Compare(Field(field.name), Comparator.EQUAL, Literal(value))


def number_is(field: FieldName, comparator: Comparator, number: Decimal) -> Condition:
    """A number compared."""
    return Compare(Field(field.name), comparator, Literal(number))


def compared(field: FieldName, comparator: Comparator, value: str) -> Condition:
    """As the comparison says, after the field's own type."""
    return Compare(Field(field.name), comparator, Literal(value.strip()))


PHRASES = (
    Phrase(
        id="leads.field_contains",
        kind=Kind.STATE,
        pattern="Champ lead {field:champ} contient {text:texte}",
        aliases=(
            "Champ {field:champ} contient {text:mots}",
            "Champ lead {field:champ} contient {text:mots}",
        ),
        means=contains,
        help="Vrai si le champ du lead contient ce texte ; un choix multiple, si cet élément s’y "
        "trouve, entier (tous, s’il y en a plusieurs entre virgules). La case et les accents ne "
        "comptent pas. Un champ vide ne contient rien.",
        example="Champ lead (ville) contient (Montréal)",
        english="Lead field {field:champ} contains {text:texte}",
    ),
    Phrase(
        id="leads.field_empty",
        kind=Kind.STATE,
        pattern="Champ lead {field:champ} est vide",
        aliases=("Champ {field:champ} [est] vide",),
        means=is_empty,
        help="Vrai si le champ du lead est inconnu, vide, ou fait seulement d’espaces.",
        example="Champ lead (cellulaire) est vide",
        english="Lead field {field:champ} is empty",
    ),
    Phrase(
        id="leads.field_equals",
        kind=Kind.STATE,
        pattern="Champ lead {field:champ} est égal à {value:texte}",
        aliases=("Champ lead {field:champ} est égal {value:texte}",),
        means=equals,
        help="Vrai si le champ du lead a cette valeur, comparée selon le type du champ : un "
        "nombre comme un nombre, une date comme une date, un texte sans égard à la case ni "
        "aux accents.",
        example="Champ lead (langue) est égal à (fr)",
        english="Lead field {field:champ} equals {value:texte}",
    ),
    Phrase(
        id="leads.field_number",
        kind=Kind.STATE,
        pattern="Champ (num) {field:champ} est {comparator:comparateur} {number:nombre}",
        aliases=("Champ (num) {field:champ} est ({comparator:comparateur} {number:nombre})",),
        means=number_is,
        help="Compare un champ numérique du lead à un nombre. Un champ vide rend la "
        "comparaison fausse.",
        example="Champ (num) (pointure) est (supérieur à) (40)",
        english="Field (num) {field:champ} is {comparator:comparateur} {number:nombre}",
    ),
    Phrase(
        id="leads.field_compared",
        kind=Kind.STATE,
        pattern="Champ {field:champ} {comparator:comparateur} {value:texte}",
        aliases=(
            "Champ [lead] {field:champ} [est] {comparator:comparateur} {value:texte}",
            "Champ [lead] {field:champ} [est] {comparator:comparateur} {value:mots}",
        ),
        means=compared,
        help="Compare le champ du lead à cette valeur, lue selon le type du champ : un nombre comme un "
        "nombre, une date comme une date, un texte sans égard à la case ni aux accents, qui n’a ni "
        "plus grand ni plus petit. Un champ vide rend la comparaison fausse, même avec ≠.",
        example="Champ (ville) = (Lyon)",
        english="Field {field:champ} {comparator:comparateur} {value:texte}",
    ),
)
