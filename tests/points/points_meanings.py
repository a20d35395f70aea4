"""What each sentence on interests and conversions means."""

from decimal import Decimal
from typing import Any

from relance.effects import ChangeInterest
from relance.events import EventPattern
from relance.facts import All, Compare, Interest, Literal
from relance.values import Change, Comparator

VELO = Interest("Vélo")


def compared(comparator: Comparator, number: int) -> Compare:
    return Compare(VELO, comparator, Literal(Decimal(number)))


BELOW, ABOVE = compared(Comparator.LESS, 5), compared(Comparator.GREATER, 10)
BETWEEN = All((compared(Comparator.AT_LEAST, 5), compared(Comparator.AT_MOST, 10)))
PLUS, SET = Change(10), Change(50, absolute=True)

MEANINGS: dict[str, list[tuple[str, Any]]] = {
    "interests.below": [
        ('Intérêt "(Vélo)" au-dessous de "(5)"?', BELOW),
        ('Intérêt "Vélo" au-dessous de "5"', BELOW),
        ("Intérêt (Vélo) en dessous de 5", BELOW),
    ],
    "interests.above": [
        ('Intérêt "(Vélo)" au-dessus de "(10)"', ABOVE),
        ("interet « Vélo » au dessus de 10 ?", ABOVE),
    ],
    "interests.between": [
        ('Intérêt "(Vélo)" entre "(5)" et "(10)"', BETWEEN),
        ("Intérêt (Vélo) entre 5 et 10", BETWEEN),
    ],
    "interests.compared": [
        ('Intérêt "Vélo" au moins "5"', compared(Comparator.AT_LEAST, 5)),
        ("Intérêt (Vélo) est égal à 5", compared(Comparator.EQUAL, 5)),
    ],
    "interests.change": [
        ('Modifier l\'intérpet de "(Vélo)" à "(+10)"', (ChangeInterest("Vélo", PLUS),)),
        ('Modifier l’intérêt de "Vélo" à "=50"', (ChangeInterest("Vélo", SET),)),
        ("Modifier l’intérêt pour (Vélo) à +10", (ChangeInterest("Vélo", PLUS),)),
    ],
    "conversions.converted": [
        ("Conversion (Démo) réalisée", EventPattern("converted", "Démo")),
        ("Conversion (*) réalisée", EventPattern("converted", "*")),
    ],
}
