"""The words of the structure, in French: which terminal of the grammar they stand for.

Plain data, so that another language is another table. A phrase of the catalogue that takes a
whole line wins over a keyword: « Attendre pendant 3 jours » is a phrase.
"""

from typing import Final

#: Terminal → its writings at the beginning of a line, the canonical one first.
LEADING: Final[dict[str, tuple[str, ...]]] = {
    "CAMPAIGN": ("campagne",),
    "FIELDS": ("champs",),
    "LIST": ("liste",),
    "SCENARIO": ("scénario",),
    "POINTS": ("pointage",),
    "INTEREST": ("intérêt",),
    "CONVERSION": ("conversion",),
    "LINK": ("lien suivi",),
    "ENTRY": ("entrée", "entrées"),
    "EXIT_WON": ("sortie réussie", "sorties réussies"),
    "EXIT_LOST": ("sortie échouée", "sorties échouées"),
    "WHEN": ("quand", "lorsque", "lorsqu'"),
    "AFTER": ("après",),
    "IF": ("si",),
    "ELSIF": ("sinon si", "sinon, si"),
    "ELSE": ("sinon",),
    "END": ("fin",),
    "WAIT": ("attendre",),
    "WAIT_THAT": ("attendre que",),
    "AS_SOON": ("dès que",),
    "TIMEOUT": ("passé ce délai", "passé le délai", "après ce délai", "après le délai"),
    "STEP": ("étape",),
    "GOTO": ("aller à l’étape", "aller à"),
    "REPEAT": ("répéter",),
    "QUIT": ("sortir", "sortir de la campagne", "quitter la campagne"),
    "SPLIT": ("répartir",),
    # A word processor makes its own dashes and bullets of « - ».
    "ITEM": ("-", "–", "—", "−", "•", "·", "*"),
}
#: In a scenario, lines begin with these, with a moment or with a name.
IN_SCENARIO: Final[dict[str, tuple[str, ...]]] = {"LEAD": ("lead",), "VERIFY": ("vérifier",)}
CANONICAL: Final[dict[str, str]] = {
    terminal: forms[0] for terminal, forms in (LEADING | IN_SCENARIO).items()
}

#: Folded name of a header line → its canonical name.
HEADERS: Final[dict[str, str]] = {
    "description": "description",
    "periode": "période",
    "fuseau": "fuseau",
    "reentree": "réentrée",
    "anciennement": "anciennement",
}

#: Opener → the words that may follow its « fin », the canonical one first.
CLOSES: Final[dict[str, tuple[str, ...]]] = {
    "CAMPAIGN": ("campagne",),
    "FIELDS": ("champs",),
    "SCENARIO": ("scénario",),
    "POINTS": ("pointage",),
    "INTEREST": ("intérêt",),
    "LINK": ("lien suivi", "lien"),
    "IF": ("si",),
    "WAIT": ("attendre", "attente"),
    "REPEAT": ("répéter", "répétition"),
    "SPLIT": ("répartir", "répartition"),
}
TOP: Final = frozenset(
    {"CAMPAIGN", "FIELDS", "LIST", "SCENARIO", "POINTS", "INTEREST", "CONVERSION", "LINK"}
)
#: What stands on one line, with its condition after « : », and has no « fin ».
ONE_LINE: Final = frozenset({"LIST", "CONVERSION"})

#: How a lead left a campaign → how a scenario says it, the canonical one first.
EXITED: Final[dict[str, tuple[str, ...]]] = {
    "success": ("sortie réussie", "sorti en réussite", "sortie en réussite"),
    "failure": ("sortie échouée", "sorti en échec", "sortie en échec"),
    "finished": ("parcours terminé", "sorti à la fin du parcours"),
    "removed": ("enlevé de la campagne",),
    "over": ("période terminée",),
    "left": ("sorti",),
}

_OF_CAMPAIGN = "{} [de la campagne {{campaign:texte}}]"

#: Terminal → patterns of what stands inside a line.
INSIDE: Final[dict[str, tuple[str, ...]]] = {
    "ATMOST": (
        "au plus {d:durée}",
        "{d:durée} au plus",
        "pendant {d:durée} au plus",
        "pendant au plus {d:durée}",
        "[au] maximum {d:durée}",
        "{d:durée} [au] maximum",
        "jusqu’à {d:durée}",
    ),
    "TIMES": (
        "{n:nombre} fois au plus",
        "au plus {n:nombre} fois",
        "{n:nombre} fois",
        "[au] maximum {n:nombre} fois",
        "{n:nombre} fois [au] maximum",
        "jusqu’à {n:nombre} fois",
    ),
    "entry": ("depuis l’entrée", "depuis son entrée"),
    "step": ("depuis l’étape {step:texte}",),
    "since": ("depuis le {date:date}",),
    "last_days": ("dans les {n:nombre} derniers jours",),
    "times": ("au moins {n:nombre} fois",),
    "where": (
        # What is a number or an amount is read as such first: the last of those that fit is taken.
        "où [le champ] {field:champ} [est] {comparator:comparateur} {value:mots}",
        "où [le champ] {field:champ} [est] {comparator:comparateur} {value:valeur}",
        "où [le champ] {field:nom nu} [est] {comparator:comparateur} {value:mots}",
        "où [le champ] {field:nom nu} [est] {comparator:comparateur} {value:valeur}",
    ),
    "EVERY": (
        "chaque jour [à {at:heure}]",
        "tous les jours [à {at:heure}]",
        "chaque {day:jour} [à {at:heure}]",
        "tous les {day:jour} [à {at:heure}]",
    ),
    "AT_STEP": ("à l’étape {step:texte}",),
    **{
        f"exited {how}": tuple(
            f"{one} {{campaign:texte}}" if one.endswith("campagne") else _OF_CAMPAIGN.format(one)
            for one in forms
        )
        for how, forms in EXITED.items()
    },
    "all": ("toutes (ces|les) conditions [sont (vraies|réunies|remplies)]",),
    "any": ("[au moins] l’une de ces conditions [est (vraie|réunie|remplie)]",),
    "at": ("le {day:date} [à {at:heure}]",),
    "later": (
        "{later:durée} plus tard",
        "{later:durée} après",
        "après {later:durée}",
        "dans {later:durée}",
    ),
    "DURATION": ("{d:durée}",),
    "SHARE": ("{p:pourcentage}",),
}
