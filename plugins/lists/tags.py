"""Phrases on tags."""

from collections.abc import Sequence

from relance.effects import AddTag, Effect, RemoveTag
from relance.facts import Condition, HasTag
from relance.phrase import Kind, Phrase


def tagged(name: str) -> Condition:
    """Carries the tag now."""
    return HasTag(name)


def tag(name: str) -> Sequence[Effect]:
    """Put the tag on."""
    return (AddTag(name),)


def untag(name: str) -> Sequence[Effect]:
    """Take the tag off."""
    return (RemoveTag(name),)


PHRASES = (
    Phrase(
        id="lists.tagged",
        kind=Kind.STATE,
        pattern="Lead étiqueté {name:étiquette}",
        aliases=("Le lead a (l’étiquette|le tag) {name:étiquette}",),
        english="Lead is tagged {name:étiquette}",
        means=tagged,
        help="Vrai si le lead porte cette étiquette en ce moment.",
        example="Lead étiqueté (Fidèle)",
    ),
    Phrase(
        id="lists.tag",
        kind=Kind.ACTIVITY,
        pattern="Étiqueter {name:étiquette}",
        aliases=(
            "Ajouter l’étiquette {name:étiquette}",
            "Mettre l’étiquette {name:étiquette}",
            "(Ajouter|Mettre) le tag {name:étiquette}",
        ),
        english="Tag with {name:étiquette}",
        means=tag,
        help="Met l’étiquette sur le lead ; s’il la porte déjà, rien ne change.",
        example="Étiqueter (Fidèle)",
    ),
    Phrase(
        id="lists.untag",
        kind=Kind.ACTIVITY,
        pattern="Retirer l’étiquette {name:étiquette}",
        aliases=(
            "Enlever l’étiquette {name:étiquette}",
            "Supprimer l’étiquette {name:étiquette}",
            "(Retirer|Enlever|Supprimer) le tag {name:étiquette}",
        ),
        english="Remove the tag {name:étiquette}",
        means=untag,
        help="Retire l’étiquette du lead ; s’il ne la porte pas, rien ne change.",
        example="Retirer l’étiquette (Fidèle)",
    ),
)
