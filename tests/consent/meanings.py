"""What each phrase on consents means."""

from relance.events import EventPattern

MEANINGS = {
    "consent.given": [
        ("Consentement donné", EventPattern("consent_given")),
        ("Le lead consent à recevoir nos messages", EventPattern("consent_given")),
    ],
    "consent.express": [
        ("Consentement exprès donné", EventPattern("consent_given", "exprès")),
        ("Le lead donne son consentement exprès", EventPattern("consent_given", "exprès")),
    ],
    "consent.implied": [
        ("Consentement implicite donné", EventPattern("consent_given", "implicite")),
    ],
    "consent.withdrawn": [
        ("Consentement retiré", EventPattern("consent_withdrawn")),
        ("Le lead retire son consentement", EventPattern("consent_withdrawn")),
    ],
}
