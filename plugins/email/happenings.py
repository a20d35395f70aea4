"""What can happen to an e-mail, and what each event is called."""

from relance.event_type import EventType

EVENT_TYPES = (
    EventType(
        "email_sent",
        "courriel envoyé",
        "Un courriel a été remis au serveur d’envoi.",
        told_by="email",
    ),
    EventType("email_delivered", "courriel livré", "Un courriel est arrivé.", told_by="email"),
    EventType("email_opened", "courriel lu", "Une personne a ouvert un courriel."),
    EventType("email_bounced", "courriel rebondi", "Un courriel est revenu."),
    EventType("email_unsubscribed", "désabonnement", "Le lead s’est désabonné par un courriel."),
    EventType("email_complained", "plainte", "Le lead a signalé un courriel comme indésirable."),
    # Visits of machines: kept beside those of people, under names that no rule counts.
    EventType("link_prefetched", "lien suivi par une machine", "Une machine a suivi un lien."),
    EventType("email_prefetched", "ouverture par une machine", "Une machine a ouvert un courriel."),
)
