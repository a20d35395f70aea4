"""What a lead does on a web site: forms sent, pages seen, links followed."""

from collections.abc import Sequence

from plugins.web.phrases import FORM, PAGE, PHRASES
from plugins.web.recency import RECENCY
from plugins.web.visits import VISIT_PHRASES
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Forms, pages and links; visits."""
    return (*PHRASES, *VISIT_PHRASES)


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What a site may tell by itself, beside its forms and its script."""
    return (
        EventType(FORM, "formulaire rempli", "Un formulaire a été rempli.", public=True),
        EventType(PAGE, "page visitée", "Une page du site a été vue.", public=True),
    )


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """References are all open: the site makes them."""
    return (
        RECENCY,
        SlotType("formulaire", "Le nom d’un formulaire, tel que le site l’envoie."),
        SlotType("page", "Le chemin d’une page (/tarifs) ou son adresse ; * vaut n’importe quoi."),
        # The e-mail plugin says the very same, so that either can be there without the other.
        SlotType("lien", "Le nom d’un lien (son titre ou son texte), ou son adresse."),
        SlotType("section", "Le début du chemin des pages d’une section (/blogue)."),
    )
