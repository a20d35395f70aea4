"""« Envoyer un essai »: to oneself first; to another address, by who may publish; each in the log."""

import math

from starlette.requests import Request

from server.access.callers import Requester
from server.access.register import AccessRegister
from server.http.rate import RateLimit
from server.preview.messages import ProjectMessages
from server.web.frame import Flash, viewer_of
from server.web.messages.desk import MessageDesk
from server.web.page import Access

#: Enough for whoever writes; a door for nobody who would write to the world by it.
_EACH_SECONDS, _AT_ONCE = 20.0, 10
_LONGEST = 254


class MessageTries:
    """Sends what is tried."""

    def __init__(self, desk: MessageDesk, register: AccessRegister) -> None:
        self._desk, self._register = desk, register
        self._limit = RateLimit(1 / _EACH_SECONDS, _AT_ONCE)

    def own_address(self, request: Request, channel: str) -> str:
        """The address of who looks, on that channel; empty when the account has none."""
        caller: Requester = request.state.caller
        types = {one.channel: one for one in self._desk.office.plugins.channel_types()}
        known = types.get(channel)
        mailed = known is not None and known.address_field == "courriel"
        return caller.account.email if mailed and caller.account is not None else ""

    async def send(
        self, request: Request, messages: ProjectMessages, file: str, lead: str | None, to: str
    ) -> Flash:
        """Send it there; what is said of it."""
        one, to = messages.at(file), to.strip()[:_LONGEST]
        own = self.own_address(request, one.channel)
        if not to:
            return Flash("Dites à quelle adresse envoyer cet essai.", refused=True)
        if to != own and Access.PUBLISH not in viewer_of(request).may:
            said = "Le rôle «\u00a0publication\u00a0» permet de l’envoyer à une autre adresse que la vôtre."
            return Flash(said, refused=True)
        caller: Requester = request.state.caller
        if wait := self._limit.wait(caller.actor.who.replace(":", " ")):
            said = f"Assez d’essais pour l’instant : recommencez dans {math.ceil(wait)} s."
            return Flash(said, refused=True)
        refused = await self._desk.try_out(messages, file, lead, to)
        if refused is not None:
            return Flash(refused.reason, refused=True)
        async with self._register.store.write() as conn:
            audit = self._register.audit
            await audit.note(
                conn, caller.actor, "message.essai", one.name, after={"à": audit.masked(to)}
            )
        return Flash(f"L’essai est parti à {to}.")
