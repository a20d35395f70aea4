"""Small words that decide what the words around them say: when, how often, up to where."""

from typing import Final

from dsl.language.fr.fold import fold_word

#: Words that turn a meaning round: the same ones stand on both sides.
TURNING: Final = frozenset(
    fold_word(word)
    for word in [
        "avant",
        "après",
        "depuis",
        "jusqu'",
        "plus",
        "moins",
        "entre",
        "sous",
        "hors",
        "vers",
    ]
) | {"jusque"}
#: Words no name holds, when nothing marks them off as one: when, how often, what else.
BEYOND_NAMES: Final = frozenset(
    fold_word(word)
    for word in [
        "depuis",
        "pendant",
        "avant",
        "après",
        "fois",
        "et",
        "ou",
        "où",
        "si",
        "quand",
        "puis",
        "dans",
        "jusqu'",
    ]
)
#: What ends words written without parentheses: another condition, or more said of this one.
AFTER_VALUES: Final = frozenset(
    fold_word(word)
    for word in [
        "et",
        "ou",
        "non",
        "si",
        "depuis",
        "dans",
        "avant",
        "après",
        "pendant",
        "est",
        "au",
    ]
) | {"jusque"}
#: What leads to a value and is no part of it: « un courriel à Panier », « le formulaire de Salon ».
TO_A_VALUE: Final = frozenset(fold_word(word) for word in ["à", "de", "pour", "avec", "par", "sur"])
#: What may stand around the limit of a wait, and says nothing else.
OF_LIMIT: Final = frozenset({"pendant", "durant", "a", "jusque", "maximum", "max", "de"})
#: What is written before a duration that has gone by.
AGO: Final = ("il y a plus de", "il y a moins de")
#: « où montant > 50 »: its accent alone tells it from « ou ».
WHERE: Final = "où"
#: What « +5 points quand … » counts.
POINTS: Final = fold_word("points")
#: Before a day: « depuis le 1er mai ».
THE: Final = "le"
#: « fin du courriel ».
OF_THE: Final = "du"
