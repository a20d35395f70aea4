"""Corrections of names: two activities, and the functions that the engine applies to fields."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from plugins.leads.capitals import FIRST_NAME, LAST_NAME, PLACE, Style, capitals
from relance.effects import Effect, Rewrite
from relance.phrase import Kind, Phrase

_AROUND_DASH = re.compile(r"(?<=\w)(?: -|- | - )(?=\w)")
_AFTER_APOSTROPHE = re.compile(r"\b([dlonmDLONM]['’]) (?=\w)")


def tidy(text: str, style: Style) -> str:
    """A name with its spaces set right, then its capitals; empty stays as it is."""
    one = " ".join(text.split())
    if not one:
        return text
    joined = _AFTER_APOSTROPHE.sub(r"\1", _AROUND_DASH.sub("-", one))
    return capitals(joined, style)


REWRITERS: Mapping[str, Callable[[str], str]] = {
    "leads.first_name_capitals": partial(capitals, style=FIRST_NAME),
    "leads.last_name_capitals": partial(capitals, style=LAST_NAME),
    "leads.place_capitals": partial(capitals, style=PLACE),
    "leads.first_name": partial(tidy, style=FIRST_NAME),
    "leads.last_name": partial(tidy, style=LAST_NAME),
}


def correct_capitals() -> Sequence[Effect]:
    """The case of the names and of the town."""
    return (
        Rewrite("prénom", "leads.first_name_capitals"),
        Rewrite("nom", "leads.last_name_capitals"),
        Rewrite("ville", "leads.place_capitals"),
    )


def correct_names() -> Sequence[Effect]:
    """The case and the spaces of the names."""
    return (Rewrite("prénom", "leads.first_name"), Rewrite("nom", "leads.last_name"))


PHRASES = (
    Phrase(
        id="leads.correct_capitals",
        kind=Kind.ACTIVITY,
        pattern="Correction des majuscules",
        means=correct_capitals,
        help="Remet les majuscules du prénom, du nom et de la ville comme le français les écrit : "
        "« DE LA FONTAINE » devient « de La Fontaine », « MCDONALD » devient « McDonald », "
        "« saint-jean-sur-richelieu » devient « Saint-Jean-sur-Richelieu ». Rien d’autre ne "
        "change, ni lettre, ni accent, ni espace ; ce qui a déjà l’air d’un nom reste tel quel.",
        example="Correction des majuscules",
        english="Correct capitals",
    ),
    Phrase(
        id="leads.correct_names",
        kind=Kind.ACTIVITY,
        pattern="Correction des noms",
        means=correct_names,
        help="Corrige le prénom et le nom : les majuscules, comme « Correction des majuscules », "
        "et aussi les espaces, de trop ou autour d’un trait d’union et après une apostrophe : "
        "«  jean - pierre » devient « Jean-Pierre », « d’ amours » devient « D’Amours ». Les "
        "lettres, les accents et la forme de l’apostrophe ne changent pas.",
        example="Correction des noms",
        english="Correct names",
    ),
)
