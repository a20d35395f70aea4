"""Corrections of names: two activities, and the functions that the engine applies to fields."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from plugins.leads.capitals import FIRST_NAME, LAST_NAME, PLACE, Style, capitals
from relance.effects import Effect, Rewrite
from relance.phrase import Kind, Phrase

_AROUND_DASH = re.compile(r"(?<=\w)(?: -|- | - )(?=\w)")
_AFTER_APOSTROPHE = re.compile(r"\b([dlonmDLONM]['’]) (?=\w)")


def spaces(text: str) -> str:
    """A name with its spaces set right; empty stays as it is."""
    one = " ".join(text.split())
    return _AFTER_APOSTROPHE.sub(r"\1", _AROUND_DASH.sub("-", one)) if one else text


def tidy(text: str, style: Style) -> str:
    """A name with its spaces set right, then its capitals: what versions published before ask for."""
    return capitals(spaces(text), style)


REWRITERS: Mapping[str, Callable[[str], str]] = {
    "leads.first_name_capitals": partial(capitals, style=FIRST_NAME),
    "leads.last_name_capitals": partial(capitals, style=LAST_NAME),
    "leads.place_capitals": partial(capitals, style=PLACE),
    "leads.spaces": spaces,
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
    """The case of the names."""
    return (
        Rewrite("prénom", "leads.first_name_capitals"),
        Rewrite("nom", "leads.last_name_capitals"),
    )


def correct_spaces() -> Sequence[Effect]:
    """The spaces of the names and of the town."""
    return tuple(Rewrite(field, "leads.spaces") for field in ("prénom", "nom", "ville"))


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
        help="Remet les majuscules du prénom et du nom, comme «\u00a0Correction des majuscules\u00a0», la "
        "ville à part. Les espaces, les apostrophes et les accents restent tels quels\u00a0: "
        "«\u00a0Correction des espaces\u00a0» s’en occupe.",
        example="Correction des noms",
        english="Correct names",
    ),
    Phrase(
        id="leads.correct_spaces",
        kind=Kind.ACTIVITY,
        pattern="Correction des espaces",
        means=correct_spaces,
        help="Ôte du prénom, du nom et de la ville les espaces de trop, celles autour d’un trait d’union et "
        "après une apostrophe\u00a0: «\u00a0 jean - pierre\u00a0» devient «\u00a0jean-pierre\u00a0», "
        "«\u00a0d’ amours\u00a0» devient «\u00a0d’amours\u00a0». Les lettres ne changent pas.",
        example="Correction des espaces",
        english="Correct spaces",
    ),
)
