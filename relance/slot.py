"""Slot types: how the text between a phrase's parentheses becomes a value.

The language brings its own: texte, nombre, pourcentage, montant, durée, date, heure, jour
(de la semaine), comparateur, direction (avant, après), changement (+10, -5, =50), champ,
moment (a date or a field), depuis (a date or a duration). Plugins add references to what they know: courriel, formulaire…
"""

from collections.abc import Callable
from dataclasses import dataclass

from relance.values import Value


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is no value of this type, and what to write instead; both in French."""

    reason: str
    instead: str | None = None


def as_is(text: str) -> Value | Unreadable:
    """The text itself, outer spaces aside: how a reference is read."""
    return text.strip() or Unreadable("il n’y a rien entre les parenthèses")


@dataclass(frozen=True, slots=True)
class InPlace:
    """How what a script writes in place of a name becomes a file of the project.

    `folder` and `suffix` are those of its like; `head` answers what stands before the text in the
    file, from the words given in place of the name.
    """

    folder: str
    suffix: str
    head: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SlotType:
    """A type of slot.

    A *closed* reference (`closed=True`) must name something the project has, listed by
    `relance_references`; an open one names something the world makes, so an unknown one is
    only questioned when it is close to a known one. `beside` tells the texts that a closed one
    takes although the project does not list them (an address beside the names of the team).
    `in_place`: an activity that ends with one may be followed by the thing itself, its words in
    place of its name; it is then known by them, as any other of the project. `write` is the inverse
    of `read`, for values the language would write otherwise.
    """

    name: str
    help: str
    read: Callable[[str], Value | Unreadable] = as_is
    reference: bool = True
    closed: bool = False
    beside: Callable[[str], bool] | None = None
    in_place: InPlace | None = None
    write: Callable[[Value], str] | None = None
