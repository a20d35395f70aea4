"""Unsubscribing: by one click of the mail reader (RFC 8058), or by a page with one button.

Looking never unsubscribes, since scanners look at everything; only a POST does, without cookie,
login or redirect, and doing it twice is doing it once.
"""

import html

from starlette.requests import Request
from starlette.responses import Response

from plugins.email.tracking import MailTracking
from plugins.kit.own_pages import UNSUBSCRIBE
from plugins.kit.page import page
from relance.channel import Message
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.reach import Suppress
from relance.route import Guard, Route

PURPOSE = "unsubscribe"
CHANNEL = "email"

_ASK = """\
<p>L’adresse <strong>{address}</strong> ne recevra plus nos courriels.</p>
<form method="post"><button type="submit">Me désabonner</button></form>
<p>Si vous êtes ici par erreur, fermez simplement cette page : rien n’aura changé.</p>
"""
_DONE = """\
<p>C’est fait : l’adresse <strong>{address}</strong> ne recevra plus nos courriels.</p>
"""


class Unsubscribing:
    """Makes the addresses by which people leave, and answers them."""

    def __init__(self, host: Host, tracking: MailTracking) -> None:
        self._host = host
        self._tracking = tracking

    async def url(self, name: str, message: Message, address: str) -> str:
        """The address that unsubscribes this lead's address from messages like this one."""
        (number,) = await self._tracking.numbers([name])
        token = self._host.seal(PURPOSE, message.lead_id, message.key, number, address)
        return f"{self._host.public_url}{UNSUBSCRIBE}{token}"

    def routes(self) -> list[Route]:
        """The page, and the one click."""
        methods = ("GET", "HEAD", "POST")
        return [Route(UNSUBSCRIBE + "{token}", methods, Guard.TOKEN, self._answer, purpose=PURPOSE)]

    async def _answer(self, request: Request) -> Response:
        lead, key, name, address = (request.path_params[str(at)] for at in range(4))
        if request.method == "POST":
            await left(self._host, int(lead), key, int(name), address)
        elif not await self._host.suppressed(CHANNEL, address):
            return page("Se désabonner", _ASK.format(address=html.escape(address)))
        return page("Vous êtes désabonné·e", _DONE.format(address=html.escape(address)))


async def left(host: Host, lead: int, key: str, name: int, address: str | None) -> None:
    """The address is left alone each time it is asked, the event stored once a message."""
    leaves = [] if address is None else [Suppress(CHANNEL, address, "désabonnement")]
    event = NewEvent("email_unsubscribed", await host.kept(name), properties={"message": key})
    who = Identities(lead_id=lead)
    fact = Incoming("email.unsubscribe", who, events=[event], key=key, reach=leaves)
    await host.record([fact])
