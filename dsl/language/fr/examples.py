"""What is written in the places of a sentence until its author writes something else there."""

from typing import Final

A_NAME: Final = "Nom"
SOME_TIME: Final = "3 jours"
A_LEAD: Final = "Aline"
#: What an event says, and is told from the others by.
A_DETAIL: Final = "numéro"
#: The part of those who get nothing, for comparison.
A_SMALL_PART: Final = "10 %"
#: A value of each of the types that stand bare in a line.
OF_TYPE: Final = {
    "durée": SOME_TIME,
    "nombre": "2",
    "pourcentage": "50 %",
    "date": "2026-12-01",
    "heure": "9 h",
    "jour": "lundi",
    "comparateur": "égal à",
    "champ": "champ",
}
