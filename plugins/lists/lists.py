"""Phrases on lists."""

from collections.abc import Sequence

from relance.effects import AddToList, Effect, RemoveFromList
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern
from relance.facts import Condition, InList
from relance.phrase import Kind, Phrase


def member(name: str) -> Condition:
    """In the list now."""
    return InList(name)


def added(name: str) -> EventPattern:
    """An addition took place, still a member or not."""
    return EventPattern(LIST_ADDED, name)


def removed(name: str) -> EventPattern:
    """A removal took place."""
    return EventPattern(LIST_REMOVED, name)


def add(name: str) -> Sequence[Effect]:
    """Make a member."""
    return (AddToList(name),)


def remove(name: str) -> Sequence[Effect]:
    """End the membership."""
    return (RemoveFromList(name),)


PHRASES = (
    Phrase(
        id="lists.member",
        kind=Kind.STATE,
        pattern="Lead membre de la liste {name:liste}",
        aliases=(
            "Membre de la liste {name:liste}",
            "Lead [est] (dans|membre de) la liste {name:liste}",
        ),
        english="Lead is in the list {name:liste}",
        means=member,
        help="Vrai si le lead est en ce moment dans la liste.",
        example="Lead membre de la liste (Prospects)",
    ),
    Phrase(
        id="lists.added",
        kind=Kind.EVENT,
        pattern="Ajouté à la liste {name:liste}",
        english="Added to the list {name:liste}",
        means=added,
        help="Le lead a été ajouté à la liste, qu’il y soit encore ou non.",
        example="Ajouté à la liste (Prospects)",
    ),
    Phrase(
        id="lists.removed",
        kind=Kind.EVENT,
        pattern="Enlevé de la liste {name:liste}",
        aliases=("Retiré de la liste {name:liste}",),
        english="Removed from the list {name:liste}",
        means=removed,
        help="Le lead a été enlevé de la liste.",
        example="Enlevé de la liste (Prospects)",
    ),
    Phrase(
        id="lists.add",
        kind=Kind.ACTIVITY,
        pattern="Ajouter à la liste {name:liste}",
        aliases=("Ajouter [le] (lead|contact) à la liste {name:liste}",),
        english="Add to the list {name:liste}",
        means=add,
        help="Ajoute le lead à la liste ; s’il y est déjà, rien ne change.",
        example="Ajouter à la liste (Clients)",
    ),
    Phrase(
        id="lists.remove",
        kind=Kind.ACTIVITY,
        pattern="Enlever de la liste {name:liste}",
        aliases=(
            "Retirer de la liste {name:liste}",
            "(Supprimer|Enlever|Retirer) [(le lead|le contact)] de la liste {name:liste}",
        ),
        english="Remove from the list {name:liste}",
        means=remove,
        help="Enlève le lead de la liste ; s’il n’y est pas, rien ne change.",
        example="Enlever de la liste (Prospects)",
    ),
)
