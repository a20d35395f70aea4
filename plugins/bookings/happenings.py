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

_TOLD = (
    (CARD, "carte de cours achetée", "Une carte de cours a été achetée, seule ou dans un forfait."),
    (CLASS_BOOKED, "cours collectif réservé", "Une place a été réservée à un cours collectif."),
    (
        ATTENDANCE,
        "présence au cours collectif mise à jour",
        "La présence à un cours a été notée ; sa propriété « presence » dit présent ou absent.",
    ),
    (APPOINTMENT_BOOKED, "rendez-vous réservé", "Un rendez-vous a été pris."),
    (
        APPOINTMENT_CANCELLED,
        "rendez-vous annulé",
        "Un rendez-vous a été annulé, par le membre ou par la maison.",
    ),
    (SUBSCRIPTION_CREATED, "souscription créée", "Un abonnement commence."),
    (SUBSCRIPTION_PAUSED, "souscription mise en pause", "Un abonnement est suspendu."),
    (SUBSCRIPTION_STOPPED, "souscription arrêtée", "Un abonnement a pris fin."),
    (SUBSCRIPTION_RENEWED, "souscription renouvelée", "Un abonnement a été reconduit."),
)

TYPES = tuple(EventType(type_, name, said, public=True) for type_, name, said in _TOLD)
