"""The channel `sms`: finds the message, writes it for the lead, hands it to the provider.

At most once: the provider knows no idempotency key, so a message in doubt is held for a person to
decide, and what may have been taken before an error is in doubt.
"""

import base64
import json
from dataclasses import replace
from urllib.parse import urlencode

from plugins.kit.calls import Called, Caller, ProviderAnswer, Unanswered, Unreached
from plugins.sms.happenings import CHANNEL, SENT, UNDELIVERED
from plugins.sms.messages import MESSAGES, MOST_PARTS
from plugins.sms.number import barred, phone_number
from plugins.sms.parts import simplified, size_of
from plugins.sms.receipts import status_url
from plugins.sms.settings import SmsSettings
from relance.channel import (
    ChannelTrial,
    Doubt,
    Doubtful,
    Limits,
    Message,
    Outcome,
    Preview,
    Refused,
    Retry,
    Sent,
)
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.french import quoted
from relance.host import Host
from relance.reach import Suppress
from relance.templates import PlainText

#: The provider's codes for numbers that asked not to be written to.
_LEFT = {21610}
#: Codes that blame the number alone: it is none, it is no mobile, its owner said no.
_NUMBER = {21211, 21614, *_LEFT}
#: Answers after which nothing was taken, and that may be better later.
_LATER = {401, 403, 404, 408, 425, 429, 503}


class SmsChannel:
    """Sends the project's SMS."""

    name = CHANNEL
    address_field = "cellulaire"
    doubt = Doubt.HOLD

    def __init__(self, host: Host, settings: SmsSettings) -> None:
        self.limits = Limits(
            concurrency=settings.connections,
            per_second=settings.per_second,
            timeout=2 * settings.timeout + 10,
            max_attempts=settings.attempts,
            announced=True,
        )
        self._host = host
        self._settings = settings
        self._caller = Caller(host.network, settings.timeout)
        token = base64.b64encode(f"{settings.account}:{settings.token}".encode()).decode()
        self._headers = {
            "authorization": f"Basic {token}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        self._url = f"{settings.url}/2010-04-01/Accounts/{settings.account}/Messages.json"

    async def attempt(self) -> ChannelTrial:
        """Whether the provider answers and takes the account."""
        if self._settings.lacking:
            return ChannelTrial(False, f"{quoted(self._settings.lacking)} manque dans [sms].")
        where = self._url.removesuffix("/Messages.json") + ".json"
        called = await self._caller.call("GET", where, self._headers)
        if not isinstance(called, ProviderAnswer):
            return ChannelTrial(False, f"{self._settings.url}\u00a0: {called.reason}.")
        if called.status in (401, 403, 404):
            return ChannelTrial(False, f"{self._settings.url} refuse ce compte ou ce jeton.")
        if called.status >= 400:
            return ChannelTrial(False, f"{self._settings.url} répond {called.status}.")
        return ChannelTrial(
            True, f"{self._settings.url} répond et accepte le compte. Rien n’a été envoyé."
        )

    async def send(self, message: Message) -> Outcome:
        """Write the message for its lead and hand it over."""
        if self._settings.lacking:
            return Retry(f"{quoted(self._settings.lacking)} manque dans [sms]")
        template = await self._template(message)
        if not isinstance(template, PlainText):
            return template
        number = phone_number(message.address, self._settings.region)
        if number is None:
            no_number = "ce numéro de cellulaire n’est pas valide"
            return self._refused(message, template.name, no_number, unreachable=True)
        if why := barred(number, self._settings.countries):
            return self._refused(message, template.name, why, unreachable=True)
        if number != message.address and await self._host.suppressed(CHANNEL, number):
            return Refused("cette personne ne veut plus recevoir de SMS", unreachable=True)
        text = await self._filled(template, message)
        if not isinstance(text, str):
            return text
        try:
            back = await status_url(self._host, message, template.name)
        except StoreUnavailable:
            return Retry("rien ne peut être enregistré pour le moment")
        asked = {"To": number, "Body": text, "StatusCallback": back, **self._sender()}
        message.leaving()
        called = await self._caller.post(self._url, urlencode(asked).encode(), self._headers)
        return self._outcome(called, message, template.name, size_of(text).parts)

    async def compose(self, message: Message) -> str | Outcome:
        """The text that lead would read."""
        template = await self._template(message)
        if not isinstance(template, PlainText):
            return template
        return await self._filled(template, message)

    async def preview(self, message: Message) -> Preview | Outcome:
        """The text that lead would read, and how many parts it takes."""
        text = await self.compose(message)
        return Preview(text, size=size_of(text).said()) if isinstance(text, str) else text

    async def try_out(self, message: Message) -> Outcome:
        """Send it to a number of the house: no word of it comes back."""
        if self._settings.lacking:
            return Refused(f"{quoted(self._settings.lacking)} manque dans [sms]")
        number = phone_number(message.address, self._settings.region)
        if number is None:
            return Refused("ce numéro de cellulaire n’est pas valide")
        if why := barred(number, self._settings.countries):
            return Refused(why)
        text = await self.compose(message)
        if not isinstance(text, str):
            return text
        asked = {"To": number, "Body": text, **self._sender()}
        called = await self._caller.post(self._url, urlencode(asked).encode(), self._headers)
        return self._outcome(called, message, message.template, size_of(text).parts)

    async def _template(self, message: Message) -> PlainText | Outcome:
        """The message of that name, or why it cannot leave yet."""
        return await MESSAGES.template(self._host.files, message.template)

    async def _filled(self, template: PlainText, message: Message) -> str | Outcome:
        """The words for that lead, or why there are none."""
        words = await MESSAGES.filled(self._host, message, template.names, template.written)
        if not isinstance(words, str):
            return words
        text = self._noted(words)
        size, name = size_of(text), quoted(template.name)
        if not text or size.parts > MOST_PARTS:
            fault = f"trop long ({size.said()})" if text else "vide"
            return Refused(f"le SMS {name} serait {fault} pour ce lead")
        return text

    def _noted(self, text: str) -> str:
        """The text with the project's notice, in the letters of phones if it wants them."""
        if text and self._settings.notice:
            text = f"{text}\n{self._settings.notice}"
        return simplified(text) if self._settings.simplify else text

    def _sender(self) -> dict[str, str]:
        sender = self._settings.sender
        service = sender.startswith("MG") and len(sender) == 34
        return {"MessagingServiceSid" if service else "From": sender}

    def _outcome(self, called: Called, message: Message, name: str, parts: int) -> Outcome:
        match called:
            case Unreached(reason):
                return Retry(reason)
            case Unanswered(reason):
                return Doubtful(reason)
            case ProviderAnswer(status) if 200 <= status < 300:
                event = NewEvent(SENT, name, properties={"message": message.key, "parties": parts})
                return Sent(_reference(called), (event,))
            case ProviderAnswer(status) if status in _LATER:
                return Retry(_reason(called), called.after)
            case ProviderAnswer(status) if status >= 500:
                return Doubtful(f"le fournisseur a échoué en chemin (réponse {status})")
        code = _code(called)
        refused = self._refused(message, name, _reason(called), code, unreachable=code in _NUMBER)
        if code in _LEFT:
            left = Suppress(CHANNEL, message.address, "refusé par le fournisseur")
            return replace(refused, reach=(left,))
        return refused

    def _refused(
        self, message: Message, name: str, reason: str, code: int = 0, *, unreachable: bool
    ) -> Refused:
        properties = {"message": message.key, "raison": reason, **({"code": code} if code else {})}
        events = (NewEvent(UNDELIVERED, name, properties=properties),)
        return Refused(reason, events, unreachable=unreachable)

    async def lookup(self, key: str) -> Outcome | None:
        """The provider cannot tell: it never saw our key."""
        return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()


def _json(answer: ProviderAnswer) -> dict[str, object]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _reference(answer: ProviderAnswer) -> str | None:
    sid = _json(answer).get("sid")
    return sid[:64] if isinstance(sid, str) else None


def _code(answer: ProviderAnswer) -> int:
    code = _json(answer).get("code")
    return code if isinstance(code, int) else 0


#: What is wrong, for those who can put it right; anything else is told by its number.
_REASONS = {
    20003: "le fournisseur refuse le compte ou le jeton de [sms]",
    21211: "ce numéro n’est pas valide",
    21408: "le compte n’a pas le droit d’écrire à ce pays",
    21606: "le numéro de l’expéditeur ne peut pas envoyer de SMS",
    21610: "cette personne a répondu STOP au fournisseur",
    21612: "ce numéro ne peut pas être joint depuis l’expéditeur",
    21614: "ce numéro n’est pas celui d’un cellulaire",
    21617: "ce SMS est trop long pour le fournisseur",
}


def _reason(answer: ProviderAnswer) -> str:
    code = _code(answer)
    if answer.status == 429:
        return "le fournisseur demande d’aller moins vite"
    if answer.status in (401, 403, 404) and code not in _REASONS:
        return _REASONS[20003]
    if code in _REASONS:
        return _REASONS[code]
    return f"le fournisseur répond {answer.status}" + (f", erreur {code}" if code else "")
