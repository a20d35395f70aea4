"""A small catalogue for the parser's tests: one phrase of every shape a plugin may write."""

from typing import Any

from dsl.phrases.catalogue import Catalogue, PluginPhrases
from relance.phrase import Kind, Phrase
from relance.slot import InPlace, SlotType


def nothing(**slots: Any) -> Any:
    """Meaning is the checker's affair."""


def phrase(kind: Kind, pattern: str, example: str, *aliases: str) -> Phrase:
    return Phrase(f"essai.{pattern}", kind, pattern, nothing, "Aide.", example, aliases)


PHRASES = (
    phrase(Kind.EVENT, "Formulaire {form:formulaire} rempli", "Formulaire (Tarif) rempli"),
    phrase(Kind.EVENT, "Formulaire rempli", "Formulaire rempli"),
    phrase(Kind.EVENT, "Page web {page:page} visitée", "Page web (/tarifs) visitée"),
    phrase(Kind.EVENT, "Lien {link:lien} cliqué", "Lien (Essai) cliqué"),
    phrase(
        Kind.EVENT,
        "Lien {link:lien} cliqué dans courriel {message:courriel}",
        "Lien (Essai) cliqué dans courriel (Tarifs)",
    ),
    phrase(
        Kind.EVENT,
        "Courriel {message:courriel} lu",
        "Courriel (Tarifs) lu",
        "Courriel {message:courriel} lu (ouvert)",
        "Courriel {message:courriel} ouvert",
    ),
    phrase(
        Kind.STATE, "Lead membre de la liste {list:liste}", "Lead membre de la liste (Prospects)"
    ),
    phrase(
        Kind.STATE,
        "Pointage lead entre {low:nombre} et {high:nombre}",
        "Pointage lead entre (5) et (10)",
    ),
    phrase(Kind.STATE, "Pointage lead au-dessus de {n:nombre}", "Pointage lead au-dessus de (5)"),
    phrase(
        Kind.STATE,
        'Intérêt "{topic:texte}" au-dessous de "{score:nombre}"?',
        'Intérêt "Vélo" au-dessous de "5"?',
    ),
    phrase(
        Kind.STATE,
        "Champ (num) {field:champ} est ({comparator:comparateur} {value:nombre})",
        "Champ (num) (pointure) est ((supérieur à) (40))",
    ),
    phrase(Kind.STATE, "Champ lead {field:champ} est vide", "Champ lead (ville) est vide"),
    phrase(
        Kind.STATE,
        "Champ {field:champ} est entre {days:nombre} jours {side:direction} et aujourd'hui",
        "Champ (naissance) est entre (3) jours (avant) et aujourd'hui",
    ),
    phrase(Kind.STATE, "Split {share:pourcentage}", "Split 50%"),
    phrase(Kind.ACTIVITY, "Envoyer courriel {message:courriel}", "Envoyer courriel (Tarifs)"),
    phrase(Kind.ACTIVITY, "Changer pointage {change:changement}", "Changer pointage (+10)"),
    phrase(
        Kind.ACTIVITY,
        "Assigner à l'équipe de vente, envoyer alerte de type {kind:alerte}",
        "Assigner à l'équipe de vente, envoyer alerte de type (Chaud)",
    ),
    phrase(
        Kind.WAIT,
        "Attendre pendant {duration:durée}",
        "Attendre pendant (3) jour(s)",
        "Attendre {duration:délai}",
    ),
    phrase(
        Kind.WAIT,
        "Attendre un jour de la semaine de {first:jour} à {last:jour}",
        "Attendre un jour de la semaine de lundi à vendredi",
    ),
    phrase(
        Kind.WAIT,
        "Attendre jusqu'au {day:moment} [à {at:heure}]",
        "Attendre jusqu'au 24 décembre 2026 à 9 h 30",
    ),
)
_MAIL = InPlace("courriels", ".md", lambda words: f"{words}\n")
SLOT_TYPES = (
    *(SlotType(name, "Un nom.") for name in ("formulaire", "page", "lien", "liste", "alerte")),
    SlotType("courriel", "Un nom.", in_place=_MAIL),
)
SMS = PluginPhrases(
    "sms",
    (phrase(Kind.ACTIVITY, "Envoyer SMS {message:sms}", "Envoyer SMS (Rappel)"),),
    (SlotType("sms", "Un SMS."),),
)
CATALOGUE = Catalogue([PluginPhrases("essai", PHRASES, SLOT_TYPES)], disabled=[SMS])
