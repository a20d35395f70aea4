"""What each phrase on notifications means."""

from relance.effects import Send
from relance.events import EventPattern

MEANINGS = {
    "push.send": [
        ("Envoyer notification (Panier)", (Send("push", "Panier"),)),
        ("Envoyer la notification (Panier)", (Send("push", "Panier"),)),
    ],
    "push.sent": [("Notification (Panier) envoyée", EventPattern("push_sent", "Panier"))],
    "push.clicked": [("Notification (Panier) cliquée", EventPattern("push_clicked", "Panier"))],
    "push.subscribed": [("Abonné aux notifications", EventPattern("push_subscribed"))],
    "push.unsubscribed": [("Désabonné des notifications", EventPattern("push_unsubscribed"))],
}
