"""What people write back: STOP, START and HELP are obeyed at once, anything else is an event of the lead."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from plugins.sms.happenings import CHANNEL, REPLIED, SUBSCRIBED, UNSUBSCRIBED
from plugins.sms.keywords import KeywordKind, answer, asked
from plugins.sms.number import phone_number
from plugins.sms.phrases import heard
from plugins.sms.settings import SmsSettings
from plugins.sms.signature import signed_fields
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming, Receipt
from relance.proof import Proof
from relance.reach import Reach, Suppress, Welcome
from relance.route import Guard, Route

PATH = "/webhooks/sms"
#: What an event's subject may hold; the whole text stands beside.
_MAX_SUBJECT, _MAX_TEXT = 500, 4_000


class Replies:
    """Answers the provider when somebody wrote."""

    def __init__(self, host: Host, settings: SmsSettings) -> None:
        self._host = host
        self._settings = settings

    def routes(self) -> list[Route]:
        """The address to give to the provider."""
        return [Route(PATH, ("POST",), Guard.PUBLIC, self._received, counted=False)]

    async def _received(self, request: Request) -> Response:
        fields = await signed_fields(request, self._host.public_url + PATH, self._settings.token)
        if fields is None:
            return Response(status_code=403)
        number = phone_number(fields.get("From", ""), self._settings.region)
        if number is None:
            return _reply("")  # a short code or a name wrote: nobody can be answered there
        text = fields.get("Body", "").replace("\0", "")[:_MAX_TEXT]
        wish = asked(text)
        if wish is None:
            await self._record(number, _answered(text), fields)
            return _reply("")
        return await self._obey(*wish, number, text, fields)

    async def _obey(
        self, wish: KeywordKind, language: str, number: str, text: str, fields: dict[str, str]
    ) -> Response:
        lead = None
        if wish is KeywordKind.LEAVE:
            event = NewEvent(UNSUBSCRIBED, properties={"texte": text})
            leaves = Suppress(CHANNEL, number, f"a répondu {text.strip()[:20]}")
            lead = (await self._record(number, event, fields, leaves)).lead_id
        elif wish is KeywordKind.RETURN and await self._host.suppressed(CHANNEL, number):
            event = NewEvent(SUBSCRIBED, properties={"texte": text})
            back = Welcome(CHANNEL, number)
            lead = (await self._record(number, event, fields, back)).lead_id
        if fields.get("OptOutType"):
            return _reply("")  # the provider answered by itself
        language = await self._language(lead, language)
        return _reply(answer(wish, language, self._settings.help))

    async def _language(self, lead: int | None, asked_in: str) -> str:
        """The language of the word; « STOP » is as much French where the lead speaks French."""
        known = await self._host.fields(lead) if lead is not None else None
        spoken = str((known or {}).get("langue") or "").lower()
        return "fr" if spoken.startswith("fr") else asked_in

    async def _record(
        self, number: str, event: NewEvent, fields: dict[str, str], *reach: Reach
    ) -> Receipt:
        (receipt,) = await self._host.record(
            [
                Incoming(
                    "sms",
                    Identities(phone=number),
                    {"cellulaire": number},
                    [event],
                    key=fields.get("MessageSid", "")[:64] or None,
                    proof=Proof.CONFIRMED,
                    reach=reach,
                )
            ]
        )
        return receipt


def _answered(text: str) -> NewEvent:
    subject = heard(heard(text)[:_MAX_SUBJECT])
    return NewEvent(REPLIED, subject or None, properties={"texte": text})


def _reply(text: str) -> Response:
    """TwiML: what the provider writes back to the person, nothing when empty."""
    said = f"<Message>{escape(text, quote=False)}</Message>" if text else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
    return Response(body, media_type="text/xml; charset=utf-8")
