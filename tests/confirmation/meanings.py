"""What each phrase on confirmations means."""

from relance.events import EventPattern

MEANINGS = {
    "confirmation.email": [
        ("Adresse de courriel confirmée", EventPattern("email_confirmed")),
        ("Le lead confirme son adresse de courriel", EventPattern("email_confirmed")),
        ("Adresse courriel confirmée", EventPattern("email_confirmed")),
    ],
    "confirmation.phone": [
        ("Numéro de téléphone confirmé", EventPattern("phone_confirmed")),
        ("Le lead confirme son numéro de téléphone", EventPattern("phone_confirmed")),
    ],
}
