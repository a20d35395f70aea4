"""What stands inside a line in French, besides phrases: bounds, qualifiers, moments, what scenarios verify."""

from typing import Final

from dsl.language.construct import Piece
from dsl.language.fr.intentions import HAPPENED, NARROW, TOGETHER

_OF_CAMPAIGN = "{} [de la campagne {{campaign:texte}}]"
#: How a lead left a campaign → how a scenario says it, the canonical one first.
EXITED = {
    "success": ("sortie réussie", "sorti en réussite", "sortie en réussite"),
    "failure": ("sortie échouée", "sorti en échec", "sortie en échec"),
    "finished": ("parcours terminé", "sorti à la fin du parcours"),
    "removed": ("enlevé de la campagne",),
    "suppressed": ("sorti par suppression", "sortie par suppression"),
    "over": ("période terminée",),
    "left": ("sorti",),
}
#: What a lead does with a message → how a goal says that one of its campaign's had it.
MEASURES = {
    "read": ("au moins un message lu", "au moins un message ouvert"),
    "clicked": ("au moins un message cliqué",),
}
_OF_GOAL = "{} [(de|dans) la campagne {{campaign:texte}}]"
#: What some are called among what may be written.
_LIMIT, _VERIFIED, _LISTED = "limite", "scénario", "liste"

PIECES: Final = (
    Piece("TEXT", "name", (), "un nom entre « »"),
    Piece("URL", "address", (), "une adresse, comme « https://www.exemple.ca/tarifs »"),
    Piece("REST", "rest", (), "ce qui est demandé, comme « nombre de contacts au moins 1000 »"),
    Piece("PHRASE", "phrase", (), "une condition"),
    Piece("DURATION", "duration", ("{d:durée}",), "une durée, comme « 30 jours »"),
    Piece(
        "ATMOST",
        "limit",
        (
            "au plus {d:durée}",
            "{d:durée} au plus",
            "pendant {d:durée} au plus",
            "pendant au plus {d:durée}",
            "[au] maximum {d:durée}",
            "{d:durée} [au] maximum",
            "jusqu’à {d:durée}",
        ),
        "une durée limite, comme « au plus 3 jours »",
    ),
    Piece(
        "TIMES",
        "bound",
        (
            "{n:nombre} fois au plus",
            "au plus {n:nombre} fois",
            "{n:nombre} fois",
            "[au] maximum {n:nombre} fois",
            "{n:nombre} fois [au] maximum",
            "jusqu’à {n:nombre} fois",
        ),
        "un nombre de fois, comme « 2 fois au plus »",
    ),
    Piece("_COLON", "colon", (), "le signe « : »"),
    Piece("_CLOSE", "bracket", (), "le crochet « ] »"),
    Piece(
        "BY_GOAL",
        "by_goal",
        (
            "selon l’objectif",
            "selon l’objectif, au moins {p:pourcentage} par part",
            "selon l’objectif[,] [avec] au moins {p:pourcentage} [par part]",
        ),
        "« selon l’objectif »",
        intention=NARROW,
    ),
    Piece("SHARE", "share", ("{p:pourcentage}",)),
    Piece("QUALIFIER", "entry", ("depuis l’entrée", "depuis son entrée"), intention=NARROW),
    Piece("QUALIFIER", "step", ("depuis l’étape {step:texte}",), intention=NARROW),
    Piece("QUALIFIER", "since", ("depuis le {date:date}",), intention=NARROW),
    Piece("QUALIFIER", "last_days", ("dans les {n:nombre} derniers jours",), intention=NARROW),
    Piece("QUALIFIER", "times", ("au moins {n:nombre} fois",), intention=NARROW),
    Piece(
        "QUALIFIER",
        "where",
        (
            # What is a number or an amount is read as such first: the last that fits is taken.
            "où [le champ] {field:champ} [est] {comparator:comparateur} {value:mots}",
            "où [le champ] {field:champ} [est] {comparator:comparateur} {value:valeur}",
            "où [le champ] {field:nom nu} [est] {comparator:comparateur} {value:mots}",
            "où [le champ] {field:nom nu} [est] {comparator:comparateur} {value:valeur}",
        ),
        intention=NARROW,
    ),
    Piece(
        "EVERY",
        "every",
        (
            "chaque jour [à {at:heure}]",
            "tous les jours [à {at:heure}]",
            "chaque {day:jour} [à {at:heure}]",
            "tous les {day:jour} [à {at:heure}]",
        ),
        what="horaire",
        intention=HAPPENED,
    ),
    Piece("AT_STEP", "at_step", ("à l’étape {step:texte}",), what=_VERIFIED),
    *(
        Piece(
            "EXITED",
            how,
            tuple(
                f"{one} {{campaign:texte}}"
                if one.endswith("campagne")
                else _OF_CAMPAIGN.format(one)
                for one in forms
            ),
            what=_VERIFIED,
        )
        for how, forms in EXITED.items()
    ),
    Piece(
        "REACHED",
        "reached",
        (_OF_GOAL.format("objectif {goal:texte} atteint"),),
        what=_VERIFIED,
    ),
    *(
        Piece("MEASURE", how, forms, what="mesure", intention=HAPPENED)
        for how, forms in MEASURES.items()
    ),
    Piece(
        "LISTED",
        "all",
        (
            "toutes ces conditions",
            "toutes (ces|les) conditions [sont (vraies|réunies|remplies)]",
        ),
        what=_LISTED,
        intention=TOGETHER,
    ),
    Piece(
        "LISTED",
        "any",
        (
            "au moins une de ces conditions",
            "[au moins] l’une de ces conditions [est (vraie|réunie|remplie)]",
        ),
        what=_LISTED,
        intention=TOGETHER,
    ),
    Piece("MOMENT", "at", ("le {day:date} [à {at:heure}]",)),
    Piece(
        "MOMENT",
        "later",
        (
            "{later:durée} plus tard",
            "{later:durée} après",
            "après {later:durée}",
            "dans {later:durée}",
        ),
    ),
)
