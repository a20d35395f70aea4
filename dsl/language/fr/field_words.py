"""Other names people give to the types of fields, and the two answers of « oui/non »."""

from typing import Final

from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, TEXT, YES_NO
from relance.fold import key_of

_OTHER_NAMES = {
    TEXT: "chaîne, string, mot, phrase, courriel, téléphone",
    NUMBER: "chiffre, numérique, entier, décimal, numéro, int",
    AMOUNT: "monnaie, prix, argent, somme, dollars",
    DATE: "jour, date et heure",
    YES_NO: "booléen, bool, vrai/faux, case à cocher, oui ou non",
    CHOICE: "menu, liste de choix, choix unique",
    MULTIPLE: "liste, choix multiples, cases à cocher, plusieurs choix, liste à choix multiples",
}
#: Another name, folded → the type.
TYPES_MEANT: Final = {
    key_of(one): name for name, some in _OTHER_NAMES.items() for one in some.split(", ")
}

#: As keys.
YES: Final = frozenset({"oui", "vrai", "yes", "1"})
NO: Final = frozenset({"non", "faux", "no", "0"})
