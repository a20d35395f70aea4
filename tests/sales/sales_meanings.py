"""What each phrase on the team and on the CRM means."""

from relance.effects import Assign, Owner, Send
from relance.events import EventPattern

MEANINGS = {
    "sales.alert_sent": [("Alerte (Chaud) envoyée", EventPattern("alert_sent", "Chaud"))],
    "sales.assign_in_turn": [
        (
            "Assigner à l’équipe de vente, envoyer alerte de type (Chaud)",
            (Assign(), Send("alert", "Chaud", Owner())),
        )
    ],
    "sales.assign_to": [
        (
            "Assigner à (Luc Roy), envoyer alerte de type (Chaud)",
            (Assign("Luc Roy"), Send("alert", "Chaud", "Luc Roy")),
        )
    ],
    "sales.alert": [
        (
            "Envoyer alerte (Chaud) à (ventes@exemple.ca)",
            (Send("alert", "Chaud", "ventes@exemple.ca"),),
        )
    ],
    "sales.notify": [
        (
            "Notifier le vendeur assigné, envoyer type d’alerte (Chaud)",
            (Send("alert", "Chaud", Owner()),),
        )
    ],
    "crm.synced": [("Synchronisé au CRM", EventPattern("crm_synced"))],
    "crm.sync": [("Synchronisation au CRM", (Send("crm", "lead"),))],
}
