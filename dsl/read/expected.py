"""What the author is told when a line is out of place or incomplete: French nouns, no token names."""

from collections.abc import Iterable

from dsl.language.fr.keywords import CANONICAL
from dsl.tree.tokens import Token

_NOUNS = {
    "TEXT": "un nom entre « »",
    "URL": "une adresse, comme « https://www.exemple.ca/tarifs »",
    "PHRASE": "une condition",
    "DURATION": "une durée, comme « 30 jours »",
    "ATMOST": "une durée limite, comme « au plus 3 jours »",
    "TIMES": "un nombre de fois, comme « 2 fois au plus »",
    "_COLON": "le signe « : »",
    "_CLOSE": "le crochet « ] »",
    "END": "« fin »",
    "ITEM": "une condition par ligne, chacune précédée de « - »",
    "AS_SOON": "« dès que »",
    "SHARE": "une part, comme « 50 % »",
}
#: Most telling first; at most this many are listed.
_ORDER = tuple(_NOUNS)
_MOST = 3

OUT_OF_PLACE = {
    "ELSIF": "« sinon si » ne suit aucun « si » ouvert.",
    "ELSE": "« sinon » ne suit aucun « si » ouvert, ou vient après un autre « sinon ».",
    "AS_SOON": "« dès que » se place dans un bloc « attendre », avant « passé ce délai ».",
    "TIMEOUT": "« passé ce délai » se place une seule fois, à la fin d’un bloc « attendre ».",
    "WHEN": "« quand » se place sous « entrée », « sortie réussie » ou « sortie échouée ».",
    "AFTER": "« après » se place sous « sortie échouée ».",
    "SHARE": "Une part en pourcentage se place dans un bloc « répartir ».",
    "ITEM": "Une ligne qui commence par « - » se place sous « toutes ces conditions » ou"
    " « au moins une de ces conditions ».",
    "ENTRY": "« entrée » se place avant la première action de la campagne.",
    "EXIT_WON": "« sortie réussie » se place avant la première action de la campagne.",
    "EXIT_LOST": "« sortie échouée » se place avant la première action de la campagne.",
    "HEADER": "Les en-têtes se placent sous « campagne », avant la première action.",
    "POINT": "« +5 quand … » se place dans un bloc « pointage » ou « intérêt ».",
    "DETAIL": "Cette ligne se place dans un bloc « lien suivi ».",
    "END": "Ce « fin » n’est pas à sa place.",
}
OUTSIDE = (
    "Cette ligne n’est dans aucun bloc : commencez par « campagne « Nom » », « champs »,"
    " « liste « Nom » : … », « pointage », « intérêt « Nom » », « conversion « Nom » : … »,"
    " « lien suivi « Nom » : … » ou « scénario « Nom » »."
)


def out_of_place(token: Token, expected: Iterable[str]) -> str:
    """Why a line that begins with `token` cannot stand there."""
    wanted = set(expected)
    if "ITEM" in wanted:
        return "Il manque ici une condition par ligne, chacune précédée de « - »."
    if "SHARE" in wanted and "PHRASE" not in wanted:
        return "Dans un bloc « répartir », commencez par une part, comme « 50 % « Question » »."
    if "AS_SOON" in wanted and "PHRASE" not in wanted:
        return "Dans un bloc « attendre », commencez par « dès que … » ou « passé ce délai »."
    if "POINT" in wanted:
        return "Dans ce bloc, chaque ligne dit des points et quand : « +5 quand … »."
    if token.type in OUT_OF_PLACE:
        return OUT_OF_PLACE[token.type]
    word = CANONICAL.get(token.type)
    subject = f"« {word} »" if word else "Cette ligne"
    if "WHEN" in wanted and "PHRASE" not in wanted:
        return f"{subject} n’a pas sa place ici : une ligne « quand … » est attendue."
    return f"{subject} n’a pas sa place ici."


def incomplete(expected: Iterable[str], *, at_end: bool) -> str:
    """What is missing inside a line."""
    wanted = set(expected)
    nouns = [_NOUNS[kind] for kind in _ORDER if kind in wanted][:_MOST]
    if not nouns:
        return "Cette ligne n’est pas complète." if at_end else "Je ne comprends pas cette ligne."
    listed = nouns[0] if len(nouns) == 1 else f"{', '.join(nouns[:-1])} ou {nouns[-1]}"
    if at_end:
        return f"Il manque {listed} à la fin de cette ligne."
    return f"J’attends ici {listed}."
