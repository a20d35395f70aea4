"""What every project's messages may speak of: the hour it is, and what let the lead in."""

from collections.abc import Sequence

from relance.channel import Message
from relance.host import Host
from relance.variable import DETAILS, Named, Variable, parts
from server.reports.glossary import Glossary


async def _now(host: Host, message: Message) -> object:
    return host.clock.now().astimezone(await host.zone_of(message))


async def _today(host: Host, message: Message) -> object:
    return host.clock.now().astimezone(await host.zone_of(message)).date()


def core_variables(glossary: Glossary) -> Sequence[Variable]:
    """Ours; the glossary says what events are called."""

    async def entrance(host: Host, message: Message) -> object:
        event = await host.entrance(message)
        if event is None:
            return None
        amount = event.amount
        return Named(
            {
                "événement": glossary.event_label(event.type),
                "sujet": event.subject,
                "contexte": event.context,
                "adresse": event.address,
                "date": event.occurred_at,
                "montant": amount and amount.value,
                "devise": amount and amount.currency,
                "détails": Named(event.properties),
            }
        )

    shape = parts(
        *("événement", "sujet", "contexte", "adresse", "date", "montant", "devise"),
        détails=DETAILS,
    )
    return (
        Variable(("maintenant", "now"), "L’instant de l’envoi, à l’heure du lead.", _now),
        Variable(("aujourdhui", "today"), "Le jour de l’envoi, à l’heure du lead.", _today),
        Variable(("entrée", "entree"), "L’événement qui a fait entrer le lead.", entrance, shape),
    )
