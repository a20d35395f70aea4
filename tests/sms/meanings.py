"""What each phrase on SMS means."""

from relance.effects import Send
from relance.events import EventPattern

MEANINGS = {
    "sms.send": [
        ("Envoyer SMS (Rappel)", (Send("sms", "Rappel"),)),
        ("envoyer le texto (Rappel)", (Send("sms", "Rappel"),)),
    ],
    "sms.sent": [("SMS (Rappel) envoyé", EventPattern("sms_sent", "Rappel"))],
    "sms.delivered": [("SMS (Rappel) livré", EventPattern("sms_delivered", "Rappel"))],
    "sms.undelivered": [("SMS (Rappel) non livré", EventPattern("sms_undelivered", "Rappel"))],
    "sms.any_reply": [("Réponse reçue par SMS", EventPattern("sms_replied"))],
    "sms.reply": [("Réponse reçue par SMS (oui*)", EventPattern("sms_replied", "oui*"))],
    "sms.subscribed": [("Réabonné aux SMS", EventPattern("sms_subscribed"))],
    "sms.unsubscribed": [("Désabonné des SMS", EventPattern("sms_unsubscribed"))],
}
