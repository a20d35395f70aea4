"""The channel `push`: the notification, sealed for each browser of the lead that takes them.

At most once a browser: what may have left without an answer is held for a person to decide.
"""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field

from plugins.kit.calls import Caller, ProviderAnswer, Unanswered, Unreached
from plugins.push.clicks import Clicks
from plugins.push.encryption import MOST_BYTES, encoded, sealed
from plugins.push.happenings import CHANNEL, SENT, UNSUBSCRIBED
from plugins.push.messages import MESSAGES, NotificationWords, PushTemplate
from plugins.push.settings import PushSettings
from plugins.push.subscriptions import Subscription, kept_subscription
from plugins.push.vapid import Vapid
from relance.channel import Doubt, Doubtful, Limits, Message, Outcome, Refused, Retry, Sent
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.french import quoted
from relance.host import Host
from relance.reach import Detach

#: Answers of a service that has forgotten the browser.
_GONE = {404, 410}
#: Answers after which nothing was taken, and that may be better later.
_LATER = {408, 425, 429, 503}


@dataclass(slots=True)
class _Tally:
    """What the services answered, browser by browser."""

    taken: int = 0
    gone: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    later: list[Retry] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


class PushChannel:
    """Sends the project's notifications."""

    name = CHANNEL
    address_field: str | None = None
    doubt = Doubt.HOLD

    def __init__(self, host: Host, settings: PushSettings, vapid: Vapid, clicks: Clicks) -> None:
        self.limits = Limits(
            concurrency=settings.connections,
            per_second=settings.per_second,
            timeout=2 * settings.timeout + 10,
            max_attempts=settings.attempts,
            announced=True,
            counted=True,
        )
        self._host = host
        self._settings = settings
        self._vapid = vapid
        self._clicks = clicks
        self._caller = Caller(host.network, settings.timeout)

    async def send(self, message: Message) -> Outcome:
        """Write the notification for its lead and hand it to each browser's service."""
        try:
            return await self._send(message)
        except StoreUnavailable:
            # The store is asked before anything leaves.
            return Retry("rien ne peut être enregistré pour le moment")

    async def _send(self, message: Message) -> Outcome:
        template = await self._template(message)
        if not isinstance(template, PushTemplate):
            return template
        browsers = await self._host.attached(CHANNEL, message.lead_id)
        if not browsers:
            nobody = "aucun navigateur de ce lead n’accepte les notifications"
            return Refused(nobody, unreachable=True)
        words = await self._words(template, message)
        if not isinstance(words, NotificationWords):
            return words
        click = await self._clicks.url(message, template.name, words.link)
        plain = _payload(words.title, words.text, click, words.link is not None, message.key)
        if len(plain) > MOST_BYTES:
            return Refused(
                f"la notification {quoted(template.name)} serait trop longue pour ce lead"
            )
        tally = _Tally()
        # All at once: one service that is slow to answer keeps no other browser waiting.
        kept = [kept_subscription(one) for one in browsers.values()]
        await asyncio.gather(*(self._one(one, plain, message, tally) for one in kept))
        return self._outcome(message, template.name, tally)

    async def compose(self, message: Message) -> str | Outcome:
        """The title and the text that lead would read."""
        template = await self._template(message)
        if not isinstance(template, PushTemplate):
            return template
        words = await self._words(template, message)
        return f"{words.title}\n\n{words.text}" if isinstance(words, NotificationWords) else words

    async def _template(self, message: Message) -> PushTemplate | Outcome:
        """The notification of that name, or why it cannot leave yet."""
        return await MESSAGES.template(self._host.files, message.template)

    async def _words(self, template: PushTemplate, message: Message) -> NotificationWords | Outcome:
        """The words for that lead, or why there are none."""
        return await MESSAGES.filled(self._host, message, template.names, template.written)

    async def _one(
        self, browser: Subscription, plain: bytes, message: Message, tally: _Tally
    ) -> None:
        headers = {
            "authorization": self._vapid.authorization(browser.endpoint),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(self._settings.seconds),
            "urgency": "normal",
            "topic": _topic(message.key),
        }
        body = sealed(plain, browser.key, browser.auth)
        message.leaving()
        called = await self._caller.post(browser.endpoint, body, headers)
        match called:
            case Unreached(reason):
                tally.later.append(Retry(reason))
            case Unanswered(reason):
                tally.doubts.append(reason)
            case ProviderAnswer(status) if 200 <= status < 300:
                tally.taken += 1
            case ProviderAnswer(status) if status in _GONE:
                tally.gone.append(browser.endpoint)
            case ProviderAnswer(status) if status in _LATER:
                tally.later.append(Retry(f"le service répond {status}", called.after))
            case ProviderAnswer(status) if status >= 500:
                tally.doubts.append(f"le service a échoué en chemin (réponse {status})")
            case ProviderAnswer(status):
                tally.refusals.append(f"le service refuse (réponse {status})")

    def _outcome(self, message: Message, name: str, tally: _Tally) -> Outcome:
        """One browser is enough; else what leaves most hope, and never a second copy."""
        # Those not forgotten now, when nothing is settled yet, will be gone next time as well.
        gone = tuple(Detach(CHANNEL, one, last=UNSUBSCRIBED) for one in tally.gone)
        if tally.taken:
            properties = {"message": message.key, "navigateurs": tally.taken}
            return Sent(events=(NewEvent(SENT, name, properties=properties),), reach=gone)
        if tally.doubts:
            return Doubtful(tally.doubts[0])
        if tally.later:
            return max(tally.later, key=lambda one: one.after or 0)
        if tally.refusals:
            return Refused(tally.refusals[0], reach=gone)
        left = "les navigateurs de ce lead n’acceptent plus les notifications"
        return Refused(left, unreachable=True, reach=gone)

    async def lookup(self, key: str) -> Outcome | None:
        """Push services tell nothing."""
        return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()


def _payload(title: str, text: str, click: str, leads: bool, key: str) -> bytes:
    """What the worker reads; `etiquette` makes a second copy replace the first."""
    payload = {
        "titre": title,
        "texte": text,
        "clic": click,
        "mene": leads,
        "etiquette": _topic(key),
    }
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")


def _topic(key: str) -> str:
    """Thirty-two letters that a service may hold one message a browser under."""
    return encoded(hashlib.blake2b(key.encode(), digest_size=24).digest())
