"""What rules say to the sales team and of it."""

from collections.abc import Sequence

from relance.effects import Assign, Effect, Owner, Send
from relance.events import EventPattern
from relance.phrase import Kind, Phrase

#: The channel alerts leave by.
CHANNEL = "alert"


def sent(alert: str) -> EventPattern:
    """An alert of that type left."""
    return EventPattern("alert_sent", alert)


def in_turn(alert: str) -> Sequence[Effect]:
    """Whoever's turn it is; the alert goes to the owner the lead has afterwards."""
    return (Assign(), Send(CHANNEL, alert, Owner()))


def to_person(person: str, alert: str) -> Sequence[Effect]:
    """That person, who is told."""
    return (Assign(person), Send(CHANNEL, alert, person))


def alert_to(alert: str, to: str) -> Sequence[Effect]:
    """An alert, the owner unchanged."""
    return (Send(CHANNEL, alert, to),)


def notify(alert: str) -> Sequence[Effect]:
    """An alert to the owner."""
    return (Send(CHANNEL, alert, Owner()),)


PHRASES = (
    Phrase(
        id="sales.alert_sent",
        kind=Kind.EVENT,
        pattern="Alerte {alert:alerte} envoyée",
        means=sent,
        help="Une alerte de ce type a été envoyée au sujet du lead, à qui que ce soit. Une alerte refusée (personne à qui l’envoyer) ne compte pas.",
        example="Alerte (Chaud) envoyée",
        english="Alert {alert:alerte} sent",
    ),
    Phrase(
        id="sales.assign_in_turn",
        kind=Kind.ACTIVITY,
        pattern="Assigner à l’équipe de vente, envoyer alerte de type {alert:alerte}",
        means=in_turn,
        help="Donne le lead à la personne de l’équipe dont c’est le tour, dans l’ordre d’equipe.toml, et l’avertit. Un lead qui a déjà un vendeur le garde, ne prend le tour de personne, et c’est ce vendeur qui est averti.",
        example="Assigner à l’équipe de vente, envoyer alerte de type (Chaud)",
        english="Assign to the sales team, send alert of type {alert:alerte}",
    ),
    Phrase(
        id="sales.assign_to",
        kind=Kind.ACTIVITY,
        pattern="Assigner à {person:vendeur}, envoyer alerte de type {alert:alerte}",
        means=to_person,
        help="Donne le lead à cette personne de l’équipe, même s’il avait un autre vendeur, et l’avertit.",
        example="Assigner à (Marc Tremblay), envoyer alerte de type (Chaud)",
        english="Assign to {person:vendeur}, send alert of type {alert:alerte}",
    ),
    Phrase(
        id="sales.alert",
        kind=Kind.ACTIVITY,
        pattern="Envoyer alerte {alert:alerte} à {to:destinataire}",
        means=alert_to,
        help="Envoie une alerte au sujet du lead à une personne de l’équipe ou à une adresse. Le vendeur du lead ne change pas.",
        example="Envoyer alerte (Chaud) à (ventes@exemple.ca)",
        english="Send alert {alert:alerte} to {to:destinataire}",
    ),
    Phrase(
        id="sales.notify",
        kind=Kind.ACTIVITY,
        pattern="Notifier le vendeur assigné, envoyer type d’alerte {alert:alerte}",
        means=notify,
        help="Avertit le vendeur du lead. Si personne ne lui est assigné, rien ne part, et le parcours continue : « relance explain » le dit.",
        example="Notifier le vendeur assigné, envoyer type d’alerte (Chaud)",
        english="Notify the assigned salesperson, send alert type {alert:alerte}",
    ),
)
