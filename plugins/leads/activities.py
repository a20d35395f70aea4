"""What rules write into a lead's fields."""

from collections.abc import Sequence

from relance.effects import DatePlusDays, Effect, SetField, Today
from relance.facts import Field
from relance.phrase import Kind, Phrase
from relance.values import Duration, FieldName, days_of


def change(field: FieldName, value: str) -> Sequence[Effect]:
    """Write a value, read after the field's own type."""
    return (SetField(field.name, value),)


def copy(source: FieldName, target: FieldName) -> Sequence[Effect]:
    """Write another field's value."""
    return (SetField(target.name, Field(source.name)),)


def today(field: FieldName) -> Sequence[Effect]:
    """Write today's date."""
    return (SetField(field.name, Today()),)


def add_days(delay: Duration, source: FieldName, target: FieldName) -> Sequence[Effect]:
    """Write a date field's value, some days later."""
    return (SetField(target.name, DatePlusDays(Field(source.name), days_of(delay))),)


PHRASES = (
    Phrase(
        id="leads.change_field",
        kind=Kind.ACTIVITY,
        pattern="Changer attribut du lead {field:champ} à {value:texte}",
        aliases=(
            "(Mettre|Définir) [le champ] {field:champ} à {value:texte}",
            "(Changer|Modifier) [le champ] {field:champ} (à|en) {value:texte}",
            "Mettre à jour [le champ] {field:champ} avec {value:texte}",
        ),
        means=change,
        help="Écrit cette valeur dans le champ du lead.",
        example="Changer attribut du lead (langue) à (fr)",
        english="Change lead attribute {field:champ} to {value:texte}",
    ),
    Phrase(
        id="leads.copy_field",
        kind=Kind.ACTIVITY,
        pattern="Copier attribut du lead {source:champ} à {target:champ}",
        aliases=("Copier [le champ] {source:champ} dans [le champ] {target:champ}",),
        means=copy,
        help="Copie la valeur du premier champ dans le second.",
        example="Copier attribut du lead (cellulaire) à (téléphone)",
        english="Copy lead attribute {source:champ} to {target:champ}",
    ),
    Phrase(
        id="leads.today",
        kind=Kind.ACTIVITY,
        pattern="Date du jour dans {field:champ}",
        aliases=("(Mettre|Écrire) la date du jour dans {field:champ}",),
        means=today,
        help="Écrit la date d’aujourd’hui, dans le fuseau de la campagne, dans le champ du lead.",
        example="Date du jour dans (date d’achat)",
        english="Date of today in {field:champ}",
    ),
    Phrase(
        id="leads.add_days",
        kind=Kind.ACTIVITY,
        pattern="Ajouter {delay:durée} à {source:champ} dans {target:champ}",
        means=add_days,
        help="Ajoute ce nombre de jours à la date du premier champ et écrit le résultat dans le "
        "second. Si la première date manque, la seconde devient vide.",
        example="Ajouter (30 jours) à (date d’achat) dans (fin d’abonnement)",
        english="Add {delay:durée} to {source:champ} in {target:champ}",
    ),
)
