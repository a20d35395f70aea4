"""What the store's codes are called in French: events, exits, refusals, states of a message."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from dsl.program import Exit
from relance.french import NBSP, quoted

_EVENTS: Mapping[str, str] = {
    "form_submitted": "Formulaire{subject} rempli",
    "page_visited": "Page web{subject} visitée",
    "link_clicked": "Lien{subject} cliqué{context}",
    "link_prefetched": "Lien{subject} suivi par une machine{context}",
    "page_prefetched": "Page web{subject} chargée par une machine",
    "email_prefetched": "Courriel{subject} ouvert par une machine",
    "email_sent": "Courriel{subject} envoyé",
    "email_delivered": "Courriel{subject} livré",
    "email_opened": "Courriel{subject} lu",
    "email_bounced": "Courriel{subject} rebondi",
    "email_unsubscribed": "Désabonné du courriel{subject}",
    "email_complained": "Courriel{subject} signalé comme indésirable",
    "sms_sent": "SMS{subject} envoyé",
    "sms_delivered": "SMS{subject} livré",
    "sms_undelivered": "SMS{subject} non livré",
    "sms_replied": "Réponse reçue par SMS{subject}",
    "sms_unsubscribed": "Désabonné des SMS",
    "sms_subscribed": "Réabonné aux SMS",
    "push_sent": "Notification{subject} envoyée",
    "push_clicked": "Notification{subject} cliquée",
    "push_subscribed": "Abonné aux notifications",
    "push_unsubscribed": "Désabonné des notifications",
    "alert_sent": "Alerte{subject} envoyée",
    "assigned": "Assigné à{subject}",
    "not_assigned": "Personne à qui assigner le lead : l’équipe est vide",
    "crm_synced": "Synchronisé au CRM",
    "crm_changed": "Changé dans le CRM",
    "purchase": "Achat effectué{subject}",
    "refund": "Remboursement effectué{subject}",
    "purchase_corrected": "Achat corrigé{subject}",
    "item_purchased": "Item avec nom{subject} acheté",
    "sku_purchased": "Item avec SKU{subject} acheté",
    "category_purchased": "Item avec catégorie{subject} acheté",
    "purchase_info": "Transaction avec info{subject} effectuée",
    "cart_added": "Produit{subject} ajouté au panier",
    "cart_paid": "Panier payé",
    "invoice_created": "Facture créée{subject}",
    "class_card_bought": "Carte de cours{subject} achetée",
    "group_class_booked": "Cours collectif{subject} réservé",
    "attendance_updated": "Présence au cours collectif{subject} mise à jour",
    "appointment_booked": "Rendez-vous{subject} réservé",
    "appointment_cancelled": "Rendez-vous{subject} annulé",
    "subscription_created": "Souscription{subject} créée",
    "subscription_paused": "Souscription{subject} mise en pause",
    "subscription_stopped": "Souscription{subject} arrêtée",
    "subscription_renewed": "Souscription{subject} renouvelée",
    "contact_made": "Contact établi",
    "contact_missed": "Contact manqué{subject}",
    "contact_unanswered": "Contact sans réponse",
    "contact_ended": "Contact terminé",
    "contact_rated": "Satisfaction donnée",
    "custom": "Événement{subject} survenu",
    "lead_updated": "Fiche du lead modifiée",
    "lead_created": "Lead créé",
    "lead_merged": "Fiche réunie à une autre",
    "score_changed": "Pointage changé",
    "interest_changed": "Intérêt{subject} changé",
    "converted": "Conversion{subject} réalisée",
    "list_added": "Ajouté à la liste{subject}",
    "list_removed": "Enlevé de la liste{subject}",
    "tag_added": "Étiquette{subject} ajoutée",
    "tag_removed": "Étiquette{subject} retirée",
    "campaign_entered": "Entré dans la campagne{subject}",
    # What the engine tells itself: its subject is a number or a key, of no use to a reader.
    "schedule_due": "Moment prévu par la règle",
    "state_stands": "Condition déjà remplie",
    "campaign_requested": "Envoyé ici par une autre campagne",
}

#: A state that held before it was asked, by when it was.
_STANDING: Mapping[str, str] = {
    "publication": "La condition était remplie à la publication",
    "période": "La condition était remplie à l’ouverture de la période",
    "sortie": "La condition est encore remplie à la sortie",
}

#: Events whose properties say why.
_SAYING = frozenset(
    {
        "link_prefetched",
        "page_prefetched",
        "email_prefetched",
        "email_bounced",
        "email_complained",
    }
)

_EXITS: Mapping[Exit, str] = {
    Exit.FINISHED: "parcours terminé",
    Exit.SUCCESS: "sortie réussie",
    Exit.FAILURE: "sortie échouée",
    Exit.TIMEOUT: "sortie échouée, délai écoulé",
    Exit.PERIOD_OVER: "la période de la campagne est terminée",
    Exit.REMOVED: "enlevé de la campagne",
    Exit.MERGED: "réuni à une autre fiche déjà dans la campagne",
}

_REFUSALS: Mapping[str, str] = {
    "already_in": "il était déjà dans la campagne",
    "once_only": "la campagne n’accepte un lead qu’une fois (réentrée : jamais)",
    "too_soon": "il est entré trop récemment (réentrée)",
    "too_often": "il est entré mille fois en une heure : des campagnes semblent se le renvoyer",
    "out_of_period": "la campagne n’était pas dans sa période",
}

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
    "cancelled": "annulé",
}


#: The same in a word or two, for the lines of a table.
_EVENT_LABELS: Mapping[str, str] = {
    "form_submitted": "formulaire rempli",
    "page_visited": "page visitée",
    "link_clicked": "lien cliqué",
    "link_prefetched": "lien suivi par une machine",
    "page_prefetched": "page chargée par une machine",
    "email_prefetched": "courriel ouvert par une machine",
    "email_sent": "courriel envoyé",
    "email_delivered": "courriel livré",
    "email_opened": "courriel lu",
    "email_bounced": "courriel rebondi",
    "email_unsubscribed": "désabonnement",
    "email_complained": "plainte",
    "sms_sent": "SMS envoyé",
    "sms_delivered": "SMS livré",
    "sms_undelivered": "SMS non livré",
    "sms_replied": "réponse par SMS",
    "sms_unsubscribed": "désabonnement des SMS",
    "sms_subscribed": "retour aux SMS",
    "push_sent": "notification envoyée",
    "push_clicked": "notification cliquée",
    "push_subscribed": "abonnement aux notifications",
    "push_unsubscribed": "désabonnement des notifications",
    "alert_sent": "alerte envoyée",
    "not_assigned": "équipe vide",
    "crm_synced": "synchronisé au CRM",
    "crm_changed": "changé dans le CRM",
    "purchase": "achat",
    "refund": "remboursement",
    "purchase_corrected": "achat corrigé",
    "item_purchased": "article acheté",
    "sku_purchased": "code acheté",
    "category_purchased": "catégorie achetée",
    "purchase_info": "info de transaction",
    "cart_added": "ajout au panier",
    "cart_paid": "panier payé",
    "invoice_created": "facture créée",
    "class_card_bought": "carte de cours achetée",
    "group_class_booked": "cours réservé",
    "attendance_updated": "présence notée",
    "appointment_booked": "rendez-vous réservé",
    "appointment_cancelled": "rendez-vous annulé",
    "subscription_created": "souscription créée",
    "subscription_paused": "souscription en pause",
    "subscription_stopped": "souscription arrêtée",
    "subscription_renewed": "souscription renouvelée",
    "contact_made": "contact établi",
    "contact_missed": "contact manqué",
    "contact_unanswered": "contact sans réponse",
    "contact_ended": "contact terminé",
    "contact_rated": "satisfaction donnée",
    "custom": "événement",
    "lead_updated": "fiche modifiée",
    "lead_created": "lead créé",
    "lead_merged": "fiches réunies",
    "score_changed": "pointage changé",
    "list_added": "ajout à une liste",
    "list_removed": "retrait d’une liste",
    "tag_added": "étiquette ajoutée",
    "tag_removed": "étiquette retirée",
    "interest_changed": "intérêt changé",
    "converted": "conversion",
    "assigned": "lead assigné",
    "campaign_entered": "entrée dans une campagne",
    "schedule_due": "moment prévu",
    "state_stands": "condition déjà remplie",
    "campaign_requested": "envoi d’une campagne à une autre",
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
    "cancelled": "annulé",
}


def event(
    type_: str,
    subject: str | None,
    context: str | None = None,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """An event as a phrase of the language reads it: « Formulaire (Infolettre) rempli ».

    `labels`: what plugins call their own types (`EventType.name`).
    """
    pattern = _STANDING.get(context or "") if type_ == "state_stands" else None
    pattern = pattern or _EVENTS.get(type_)
    if pattern is None:
        label = labels.get(type_)
        told = f"{label[:1].upper()}{label[1:]}" if label else f"Événement {quoted(type_)}"
        return told + (f" ({subject})" if subject else "")
    return pattern.format(
        subject=f" ({subject})" if subject else "",
        context=f" dans courriel ({context})" if context else "",
    )


def why(type_: str, properties: str | None) -> str:
    """What an event about an e-mail says of itself: why a visit does not count, why it bounced."""
    if not properties or type_ not in _SAYING:
        return ""
    said = json.loads(properties)
    if said.get("machine"):
        signs = ", ".join(map(str, said.get("signes", ()))) or "lien caché suivi"
        surely = said.get("probabilite")
        sure = f", une machine à {surely}{NBSP}%" if surely is not None else ""
        return f"ne compte pas : {signs}{sure}"
    kind = {"dur": "définitif", "mou": "passager"}.get(str(said.get("genre")), "")
    return " : ".join(part for part in (kind, str(said.get("raison") or "")) if part)


def outcome(code: str | None) -> str:
    """How an enrolment ended."""
    try:
        return _EXITS[Exit(code)]
    except ValueError:
        return "parcours terminé"


def refusal(code: str) -> str:
    """Why an entry was refused."""
    return _REFUSALS.get(code, code)


def outbox_state(code: str) -> str:
    """What became of a message."""
    return _OUTBOX.get(code, code)


def event_label(type_: str, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """A type of event, in a table."""
    return _EVENT_LABELS.get(type_) or labels.get(type_, type_)


#: What is sent to somebody else than the lead has a name of its own, of the feminine.
_OTHERS: Mapping[str, str] = {
    "alert": "Alerte {message}{recipient}",
    "crm": "Synchronisation au CRM",
    "push": "Notification {message}",
    "sms": "SMS {message}",
}
#: What the channels of the house send, as a person calls it; a vendor's keeps its own name.
_CHANNELS: Mapping[str, str] = {
    "alert": "alerte",
    "crm": "CRM",
    "email": "courriel",
    "push": "notification",
    "sms": "SMS",
}
_FEMININE: Mapping[str, str] = {
    "sent": "envoyée",
    "refused": "refusée",
    "unreachable": "sans adresse qui la reçoive",
    "failed": "abandonnée après plusieurs essais",
    "doubtful": "incertaine : partie ou non, personne ne peut le dire",
    "cancelled": "annulée",
}


def message(channel: str, name: str, recipient: str | None, state: str) -> str:
    """What became of one message, by its channel."""
    other = _OTHERS.get(channel)
    if other is None:
        return f"Message {quoted(name)} : {outbox_state(state)}"
    to = f" à {recipient}" if recipient else ""
    what = other.format(message=quoted(name), recipient=to)
    if (channel, state) == ("crm", "sent"):
        return f"{what} : faite"
    said = None if channel == "sms" else _FEMININE.get(state)
    return f"{what} : {said or outbox_state(state)}"


def channel(name: str) -> str:
    """A channel, in a table."""
    return _CHANNELS.get(name, name)


def outbox_label(code: str) -> str:
    """The state of a message, in a table."""
    return _OUTBOX_LABELS.get(code, code)


def set_aside(reason: str) -> str:
    """Why nothing moves in a campaign, and what is to be done."""
    return (
        "La campagne est mise de côté, car son script a échoué en marche "
        f"({reason}). Corrigez-le puis publiez-le : rien de ce qui arrive entre-temps "
        "n’est perdu."
    )
