"""What the store's codes are called in French: exits, refusals, states of a message."""

from collections.abc import Mapping

from dsl.program import Exit
from relance.french import quoted

_EXITS: Mapping[Exit, str] = {
    Exit.FINISHED: "parcours terminé",
    Exit.SUCCESS: "sortie réussie",
    Exit.FAILURE: "sortie échouée",
    Exit.TIMEOUT: "sortie échouée, délai écoulé",
    Exit.SUPPRESSED: "supprimé",
    Exit.PERIOD_OVER: "la période de la campagne est terminée",
    Exit.REMOVED: "enlevé de la campagne",
    Exit.RESTARTED: "entré de nouveau, il recommence",
    Exit.ARCHIVED: "la campagne a été archivée",
    Exit.MERGED: "réuni à une autre fiche déjà dans la campagne",
    Exit.OUTRANKED: "réuni à une fiche qui est dans une autre campagne du même groupe exclusif",
    Exit.FORGOTTEN: "la personne a demandé à être oubliée",
}

_REFUSALS: Mapping[str, str] = {
    "already_in": "il était déjà dans la campagne",
    "excluded": "la campagne l’exclut (exclusion)",
    "suppressed": "la campagne l’écarte (suppression)",
    "in_group": "il était dans une autre campagne du groupe exclusif",
    "once_only": "la campagne n’accepte un lead qu’une fois (réentrée : jamais)",
    "value_came": "la campagne l’a déjà accepté pour cette valeur (réentrée : par ({value}))",
    "no_value": "ce qui le faisait entrer ne dit pas «\u00a0{value}\u00a0» (réentrée : par ({value}))",
    "too_soon": "il est entré trop récemment (réentrée)",
    "too_often": "il est entré mille fois en une heure : des campagnes semblent se le renvoyer",
    "out_of_period": "la campagne n’était pas dans sa période",
}

#: The refusals that the campaign's own clauses are the reason of.
BARRED = ("excluded", "suppressed")
#: Those that the value of each stay is the reason of.
VALUED = ("value_came", "no_value")

_OUTBOX: Mapping[str, str] = {
    "pending": "en attente d’envoi",
    "sending": "envoi en cours",
    "sent": "envoyé",
    "refused": "refusé",
    "unreachable": "sans adresse qui le reçoive",
    "failed": "abandonné après plusieurs essais",
    "doubtful": "incertain : parti ou non, personne ne peut le dire",
    "held": "retenu depuis la restauration de la base",
    "limited": "retenu par les limites par destinataire",
    "suppressed": "non envoyé",
    "unconsented": "non envoyé, faute de consentement",
    "cancelled": "annulé",
    "gathered": "réuni à un autre envoi, qui le dira",
    "expired": "non envoyé : il était trop tard",
    "skipped": "non envoyé : une règle d’envoi l’interdisait",
}

_OUTBOX_LABELS: Mapping[str, str] = {
    "pending": "à envoyer",
    "sending": "en cours d’envoi",
    "sent": "envoyé",
    "refused": "refusé",
    "unreachable": "sans adresse qui le reçoive",
    "failed": "échoué",
    "doubtful": "incertain",
    "held": "retenu",
    "limited": "retenu (limites)",
    "suppressed": "non envoyé (adresse écartée)",
    "unconsented": "non envoyé (consentement)",
    "cancelled": "annulé",
    "gathered": "réuni à un autre",
    "expired": "non envoyé (trop tard)",
    "skipped": "non envoyé (règle d’envoi)",
}


def outcome(code: str | None) -> str:
    """How an enrolment ended."""
    try:
        return _EXITS[Exit(code)]
    except ValueError:
        return "parcours terminé"


def refusal(code: str, by: str | None = None) -> str:
    """Why an entry was refused; `by`: what tells its stays apart, when that is still known."""
    return _REFUSALS.get(code, code).format(value=by or "…")


def parenthesis(*parts: str) -> str:
    """« (fois n° 2, numéro : a-1) », after a space; '' when there is nothing to say."""
    said = ", ".join(filter(None, parts))
    return f" ({said})" if said else ""


def stay_value(by: str | None, value: str) -> str:
    """Which of the stays of one lead it is: « numéro : a-1 »; '' where there is one at a time."""
    return f"{by or 'pour'}\u00a0: {value}" if value else ""


def held_by(campaign: str) -> str:
    """Why an entry was refused, when that campaign of the group had it."""
    return f"il était dans la campagne {quoted(campaign)}, du même groupe exclusif"


def outbox_state(code: str) -> str:
    """What became of a message."""
    return _OUTBOX.get(code, code)


_FEMININE: Mapping[str, str] = {
    "sent": "envoyée",
    "refused": "refusée",
    "unreachable": "sans adresse qui la reçoive",
    "failed": "abandonnée après plusieurs essais",
    "doubtful": "incertaine : partie ou non, personne ne peut le dire",
    "held": "retenue depuis la restauration de la base",
    "limited": "retenue par les limites par destinataire",
    "suppressed": "non envoyée",
    "unconsented": "non envoyée, faute de consentement",
    "cancelled": "annulée",
    "gathered": "réunie à une autre, qui la dira",
    "expired": "non envoyée : il était trop tard",
    "skipped": "non envoyée : une règle d’envoi l’interdisait",
}


def message_state(code: str, *, feminine: bool) -> str:
    """What became of a message, agreeing with what it is called."""
    return (_FEMININE.get(code) if feminine else None) or outbox_state(code)


def outbox_label(code: str) -> str:
    """The state of a message, in a table."""
    return _OUTBOX_LABELS.get(code, code)


def quarantined(reason: str) -> str:
    """Why nothing moves in a campaign, and what is to be done."""
    return (
        "La campagne est mise de côté, car son script a échoué en marche "
        f"({reason}). Corrigez-le puis publiez-le : rien de ce qui arrive entre-temps "
        "n’est perdu."
    )
