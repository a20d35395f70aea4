"""Phrases on bookings and subscriptions: each names what it is about, or any."""

from plugins.bookings import happenings
from relance.events import EventPattern, PropertyTest
from relance.phrase import Kind, Phrase
from relance.values import Comparator


def card(card: str | None = None) -> EventPattern:
    """A card of classes of that name bought, whichever for None."""
    return EventPattern(happenings.CARD, card)


def class_booked(course: str | None = None) -> EventPattern:
    """A place booked in that class, whichever for None."""
    return EventPattern(happenings.CLASS_BOOKED, course)


def attendance(course: str | None = None) -> EventPattern:
    """At that class, or any; present or absent."""
    return EventPattern(happenings.ATTENDANCE, course)


def present(course: str | None = None) -> EventPattern:
    """The member came."""
    return _attended("présent", course)


def absent(course: str | None = None) -> EventPattern:
    """The member did not come."""
    return _attended("absent", course)


def _attended(how: str, course: str | None) -> EventPattern:
    test = PropertyTest("presence", Comparator.EQUAL, how)
    return EventPattern(happenings.ATTENDANCE, course, properties=(test,))


def appointment_booked(appointment: str | None = None) -> EventPattern:
    """That kind of appointment, or any."""
    return EventPattern(happenings.APPOINTMENT_BOOKED, appointment)


def appointment_cancelled(appointment: str | None = None) -> EventPattern:
    """That kind of appointment, or any."""
    return EventPattern(happenings.APPOINTMENT_CANCELLED, appointment)


def subscription_created(subscription: str | None = None) -> EventPattern:
    """That subscription begun, whichever for None."""
    return EventPattern(happenings.SUBSCRIPTION_CREATED, subscription)


def subscription_paused(subscription: str | None = None) -> EventPattern:
    """That subscription suspended for a time, whichever for None."""
    return EventPattern(happenings.SUBSCRIPTION_PAUSED, subscription)


def subscription_stopped(subscription: str | None = None) -> EventPattern:
    """That subscription ended for good, whichever for None."""
    return EventPattern(happenings.SUBSCRIPTION_STOPPED, subscription)


def subscription_renewed(subscription: str | None = None) -> EventPattern:
    """That subscription gone on with, whichever for None."""
    return EventPattern(happenings.SUBSCRIPTION_RENEWED, subscription)


PHRASES = (
    Phrase(
        id="bookings.card",
        kind=Kind.EVENT,
        pattern="Carte de cours [{card:carte}] achetée",
        means=card,
        help="Le membre a acheté cette carte de cours, ou une carte quelle qu’elle soit si aucune "
        "n’est nommée : seule, dans un forfait ou dans un abonnement. Les cartes de rendez-vous n’en sont pas.",
        example="Carte de cours (Dix séances) achetée",
        english="Class card [{card:carte}] bought",
    ),
    Phrase(
        id="bookings.class_booked",
        kind=Kind.EVENT,
        pattern="Cours collectif [{course:cours}] réservé",
        means=class_booked,
        help="Le membre a réservé une place à ce cours collectif, ou à un cours quel qu’il soit si "
        "aucun n’est nommé.",
        example="Cours collectif (Yoga) réservé",
        english="Group class [{course:cours}] booked",
    ),
    Phrase(
        id="bookings.attendance",
        kind=Kind.EVENT,
        pattern="Présence au cours collectif [{course:cours}] mise à jour",
        means=attendance,
        help="La présence du membre à un cours a été notée, qu’il soit venu ou non ; l’état par "
        "défaut, à l’inscription, n’en est pas une.",
        example="Présence au cours collectif (Yoga) mise à jour",
        english="Attendance at group class [{course:cours}] updated",
    ),
    Phrase(
        id="bookings.present",
        kind=Kind.EVENT,
        pattern="Présent au cours collectif [{course:cours}]",
        means=present,
        help="Le membre a été noté présent à ce cours, ou à un cours quel qu’il soit. Une présence "
        "corrigée ensuite en absence a bien été notée : les deux ont eu lieu.",
        example="Présent au cours collectif (Yoga)",
        english="Present at group class [{course:cours}]",
    ),
    Phrase(
        id="bookings.absent",
        kind=Kind.EVENT,
        pattern="Absent du cours collectif [{course:cours}]",
        means=absent,
        help="Le membre a été noté absent de ce cours, ou d’un cours quel qu’il soit.",
        example="Absent du cours collectif (Yoga)",
        english="Absent from group class [{course:cours}]",
    ),
    Phrase(
        id="bookings.appointment_booked",
        kind=Kind.EVENT,
        pattern="Rendez-vous [{appointment:rendez-vous}] réservé",
        means=appointment_booked,
        help="Le membre a pris un rendez-vous de ce genre, ou un rendez-vous quel qu’il soit.",
        example="Rendez-vous (Massage) réservé",
        english="Appointment [{appointment:rendez-vous}] booked",
    ),
    Phrase(
        id="bookings.appointment_cancelled",
        kind=Kind.EVENT,
        pattern="Rendez-vous [{appointment:rendez-vous}] annulé",
        means=appointment_cancelled,
        help="Un rendez-vous du membre a été annulé, par lui ou par la maison. La réservation n’en "
        "est pas effacée : elle a eu lieu.",
        example="Rendez-vous (Massage) annulé",
        english="Appointment [{appointment:rendez-vous}] cancelled",
    ),
    Phrase(
        id="bookings.subscription_created",
        kind=Kind.EVENT,
        pattern="Souscription [{subscription:souscription}] créée",
        means=subscription_created,
        help="Le membre s’est abonné à ceci, ou à quoi que ce soit si rien n’est nommé.",
        example="Souscription (Illimité) créée",
        english="Subscription [{subscription:souscription}] created",
    ),
    Phrase(
        id="bookings.subscription_paused",
        kind=Kind.EVENT,
        pattern="Souscription [{subscription:souscription}] mise en pause",
        means=subscription_paused,
        help="Un abonnement du membre a été suspendu.",
        example="Souscription (Illimité) mise en pause",
        english="Subscription [{subscription:souscription}] paused",
    ),
    Phrase(
        id="bookings.subscription_stopped",
        kind=Kind.EVENT,
        pattern="Souscription [{subscription:souscription}] arrêtée",
        means=subscription_stopped,
        help="Un abonnement du membre a pris fin.",
        example="Souscription (Illimité) arrêtée",
        english="Subscription [{subscription:souscription}] stopped",
    ),
    Phrase(
        id="bookings.subscription_renewed",
        kind=Kind.EVENT,
        pattern="Souscription [{subscription:souscription}] renouvelée",
        means=subscription_renewed,
        help="Un abonnement du membre a été reconduit.",
        example="Souscription (Illimité) renouvelée",
        english="Subscription [{subscription:souscription}] renewed",
    ),
)
