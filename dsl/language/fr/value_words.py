"""The words that values are written with, accents and all: what a slip in one of them was to be."""

from typing import Final

from dsl.language.fr import headers
from relance.french import MONTHS, WEEKDAYS

#: The units of time, singular and plural; those of one letter are nobody's slip.
UNITS_SPELT: Final = (
    *("an", "ans", "année", "années", "mois", "semaine", "semaines", "jour", "jours"),
    *("heure", "heures", "minute", "minutes", "seconde", "secondes"),
)
_COMPARED: Final = (
    *("supérieur", "supérieure", "inférieur", "inférieure", "égal", "égale", "exactement"),
    *("différent", "différente", "moins", "plus", "maximum", "minimum"),
)
_COUNTED: Final = ("deux", "trois", "quatre", "cinq", "sept", "huit", "neuf", "dix", "quinze")
#: What values are written with, and those of the head of a campaign.
VALUE_WORDS: Final = (
    *UNITS_SPELT,
    *WEEKDAYS,
    *MONTHS,
    *_COMPARED,
    *_COUNTED,
    *("avant", "après", "midi", "minuit", "pour", "cent", "priorité", "sortie"),
    *headers.HEADERS.values(),
    *headers.FAMILIES,
    *(headers.NEVER, headers.AFTER_EXIT, headers.IGNORE, headers.RESTART, headers.AUDIENCE),
)
