"""What a click on a notification tells, and where it leads."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plugins.push.happenings import CLICKED
from plugins.push.messages import leads_somewhere
from relance.channel import Message
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.route import Guard, Route
from relance.tracking.answers import DISCREET

PURPOSE = "push-click"
_NOWHERE = "-"


class Clicks:
    """Makes the addresses that notifications carry, and answers them."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def url(self, message: Message, name: str, link: str | None) -> str:
        """The address that tells the click, then leads to `link`."""
        (number,) = await self._host.keep([name])
        where: str | int = _NOWHERE
        if link:  # which may say something of the lead
            (where,) = await self._host.keep([link], message.lead_id)
        token = self._host.sign(PURPOSE, message.lead_id, message.key, number, where)
        return f"{self._host.public_url}/n/{token}"

    def routes(self) -> list[Route]:
        """The address of clicks: gone to when it leads somewhere, else told in passing."""
        methods = ("GET", "POST")
        return [Route("/n/{token}", methods, Guard.TOKEN, self._clicked, purpose=PURPOSE)]

    async def _clicked(self, request: Request) -> Response:
        lead, key, name, where = (request.path_params[str(at)] for at in range(4))
        target = None if where == _NOWHERE else await self._host.kept(int(where))
        event = NewEvent(
            CLICKED,
            await self._host.kept(int(name)),
            address=target,
            properties={"message": key},
        )
        click = Incoming("push", Identities(lead_id=int(lead)), events=[event], key=f"click/{key}")
        try:
            await self._host.note([click])
        except StoreUnavailable:
            if target is None:
                raise
        if target is None or not leads_somewhere(target):
            return Response(status_code=204, headers=DISCREET)
        return RedirectResponse(target, 302, DISCREET)
