"""What the provider reports of a message: its status, posted to an address made for that message."""

from starlette.requests import Request
from starlette.responses import Response

from plugins.sms.happenings import CHANNEL, DELIVERED, UNDELIVERED
from plugins.sms.number import phone_number
from plugins.sms.settings import SmsSettings
from plugins.sms.signature import signed_fields
from relance.channel import Message
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.reach import Reach, Suppress
from relance.route import Guard, Route

PURPOSE = "sms-status"
_PATH = "/webhooks/sms/statut/"
_STATUSES = {"delivered": DELIVERED, "read": DELIVERED, "undelivered": UNDELIVERED}
_STATUSES["failed"] = UNDELIVERED
#: Numbers nobody will ever answer at: out of service, landlines; and those who left.
_LEFT = {"21610"}
_DEAD = {*_LEFT, "30005", "30006"}


async def status_url(host: Host, message: Message, name: str) -> str:
    """Where the provider tells what became of that message."""
    (number,) = await host.keep([name])
    token = host.sign(PURPOSE, message.lead_id, message.key, number)
    return f"{host.public_url}{_PATH}{token}"


class Receipts:
    """Records the reports of the provider."""

    def __init__(self, host: Host, settings: SmsSettings) -> None:
        self._host = host
        self._settings = settings

    def routes(self) -> list[Route]:
        """The address of reports."""
        path = _PATH + "{token}"
        return [Route(path, ("POST",), Guard.TOKEN, self._answer, purpose=PURPOSE)]

    async def _answer(self, request: Request) -> Response:
        url = self._host.public_url + request.scope["path"]
        fields = await signed_fields(request, url, self._settings.token)
        if fields is None:
            return Response(status_code=403)
        type_ = _STATUSES.get(fields.get("MessageStatus", ""))
        if type_ is not None:
            await self._record(type_, request, fields)
        return Response(status_code=204)

    async def _record(self, type_: str, request: Request, fields: dict[str, str]) -> None:
        lead, key, name = (request.path_params[str(at)] for at in range(3))
        code = fields.get("ErrorCode", "")[:10]
        number = phone_number(fields.get("To", ""), self._settings.region)
        reach: list[Reach] = []
        if code in _DEAD and number:
            reason = f"le fournisseur répond {code}"
            reach = [Suppress(CHANNEL, number, reason, asked=code in _LEFT)]
        properties = {"message": key, **({"code": code} if code else {})}
        event = NewEvent(type_, await self._host.kept(int(name)), properties=properties)
        # The number comes along: whoever answers from it is known to be this lead.
        who = Identities(lead_id=int(lead), phone=number)
        known = {"cellulaire": number} if number else {}
        once = f"{key}/{type_}"
        fact = Incoming("sms.status", who, known, [event], key=once, reach=reach)
        await self._host.record([fact])
