"""The events of a booking site; the subject of each is the name of what it is about."""

from relance.event_type import EventType

CARD = "class_card_bought"
CLASS_BOOKED = "group_class_booked"
ATTENDANCE = "attendance_updated"  # its property « presence »: présent, absent
APPOINTMENT_BOOKED = "appointment_booked"
APPOINTMENT_CANCELLED = "appointment_cancelled"
SUBSCRIPTION_CREATED = "subscription_created"
SUBSCRIPTION_PAUSED = "subscription_paused"
SUBSCRIPTION_STOPPED = "subscription_stopped"
SUBSCRIPTION_RENEWED = "subscription_renewed"

TYPES = tuple(
    EventType(type_, label, said, public=True, sentence=sentence, icon="◷")
    for type_, label, said, sentence in (
        (
            CARD,
            "carte de cours achetée",
            "Une carte de cours a été achetée, seule ou dans un forfait.",
            "Carte de cours[ ({subject})] achetée",
        ),
        (
            CLASS_BOOKED,
            "cours collectif réservé",
            "Une place a été réservée à un cours collectif.",
            "Cours collectif[ ({subject})] réservé",
        ),
        (
            ATTENDANCE,
            "présence au cours collectif mise à jour",
            "La présence à un cours a été notée ; sa propriété «\u00a0presence\u00a0» dit présent ou absent.",
            "Présence au cours collectif[ ({subject})] mise à jour",
        ),
        (
            APPOINTMENT_BOOKED,
            "rendez-vous réservé",
            "Un rendez-vous a été pris.",
            "Rendez-vous[ ({subject})] réservé",
        ),
        (
            APPOINTMENT_CANCELLED,
            "rendez-vous annulé",
            "Un rendez-vous a été annulé, par le membre ou par la maison.",
            "Rendez-vous[ ({subject})] annulé",
        ),
        (
            SUBSCRIPTION_CREATED,
            "souscription créée",
            "Un abonnement commence.",
            "Souscription[ ({subject})] créée",
        ),
        (
            SUBSCRIPTION_PAUSED,
            "souscription mise en pause",
            "Un abonnement est suspendu.",
            "Souscription[ ({subject})] mise en pause",
        ),
        (
            SUBSCRIPTION_STOPPED,
            "souscription arrêtée",
            "Un abonnement a pris fin.",
            "Souscription[ ({subject})] arrêtée",
        ),
        (
            SUBSCRIPTION_RENEWED,
            "souscription renouvelée",
            "Un abonnement a été reconduit.",
            "Souscription[ ({subject})] renouvelée",
        ),
    )
)
