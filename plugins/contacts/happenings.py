"""The events of conversations, and the details the indicators are counted from."""

from relance.event_type import EventType
from relance.events import (
    CONTACT_ENDED,
    CONTACT_MADE,
    CONTACT_MISSED,
    CONTACT_RATED,
    CONTACT_UNANSWERED,
)

_ROWS = (
    (
        CONTACT_MADE,
        "contact établi",
        "Une conversation a commencé ; « delai_reponse » : secondes avant le premier message.",
    ),
    (
        CONTACT_MISSED,
        "contact manqué",
        "Personne n’a pu prendre le visiteur ; « sujet » dit pourquoi : absents ou occupés.",
    ),
    (CONTACT_UNANSWERED, "contact sans réponse", "Le visiteur a écrit et personne n’a répondu."),
    (
        CONTACT_ENDED,
        "contact terminé",
        "La conversation est finie ; « duree_traitement » : secondes qu’elle a prises.",
    ),
    (
        CONTACT_RATED,
        "satisfaction donnée",
        "Le visiteur a dit ce qu’il en pense ; « note » : de 1 à 5.",
    ),
)

TYPES = tuple(
    EventType(
        type_,
        label,
        said,
        public=True,
        sentence=f"{label[:1].upper()}{label[1:]}{'[ ({subject})]' if type_ == CONTACT_MISSED else ''}",
        icon="☏",
        reaches=type_ == CONTACT_MADE,
    )
    for type_, label, said in _ROWS
)
