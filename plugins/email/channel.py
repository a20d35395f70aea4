"""The channel `email`: finds the message, writes it for the lead, hands it over by SMTP."""

from liquid.exceptions import LiquidError

from plugins.email import compose, headers
from plugins.email.bounces import HARD, SOFT, kind_of
from plugins.email.compose import Envelope
from plugins.email.headers import Mailbox
from plugins.email.identity import message_id
from plugins.email.messages import Messages
from plugins.email.settings import EmailSettings
from plugins.email.smtp import Rejected, Smtp
from plugins.email.template import Template
from plugins.email.tracking import Tracking, untracked
from plugins.email.unsubscribe import CHANNEL, Unsubscribing
from plugins.kit.shelf import VARIABLES, Goods
from plugins.kit.texts.collection import absent, broken
from plugins.kit.texts.reading import said
from relance.channel import Limits, Message, Outcome, Refused, Retry, Sent
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.french import quoted
from relance.host import Host

#: The variables of a mail to a lead, beside its fields.
OWN = ("lien_desabonnement", "lien_désabonnement", *VARIABLES)


class EmailChannel:
    """Sends the project's messages."""

    name = CHANNEL
    address_field = "courriel"

    def __init__(
        self,
        host: Host,
        settings: EmailSettings,
        tracking: Tracking,
        unsubscribing: Unsubscribing,
    ) -> None:
        # Connecting, then the message itself, are bounded on their own: this is the last resort.
        self.limits = Limits(
            concurrency=settings.connections,
            per_second=settings.per_second,
            timeout=4 * settings.timeout + 10,
            max_attempts=settings.attempts,
        )
        self.doubt = settings.doubt
        self._host = host
        self._settings = settings
        self._tracking = tracking
        self._unsubscribing = unsubscribing
        self._messages = Messages(host.folder)
        self._goods = Goods(host.folder).variables()
        self._smtp = Smtp(host.network, settings)

    async def send(self, message: Message) -> Outcome:
        """Write the message for its lead and hand it over."""
        try:
            return await self._send(message)
        except StoreUnavailable:
            # The store is asked before the message leaves, or once it was refused: never between.
            return Retry("rien ne peut être enregistré pour le moment")

    async def _send(self, message: Message) -> Outcome:
        found = self._messages.find(message.template)
        if found is None:
            return absent("le courriel", message.template)
        if found.template is None:
            return broken("le courriel", found.name)
        sender = found.template.sender or self._settings.sender
        if sender is None:
            said_of = f"le courriel {quoted(found.name)} n’a pas d’expéditeur"
            return Retry(f"{said_of} : réglez « expediteur » dans [email]", ours=True)
        recipient = headers.address(message.address)
        if recipient is None:
            return self._bounce(message, found.template, "l’adresse n’est pas valide", HARD)
        (name,) = await self._tracking.numbers([found.template.name])
        identity = message_id(self._host, message, name, recipient.address, sender)
        try:
            data = await self._written(message, found.template, sender, recipient, identity)
        except LiquidError as error:
            return Refused(f"le courriel « {found.name} » n’a pas pu être rempli : {said(error)}")
        outcome = await self._smtp.deliver(self._settings.bounces or sender, recipient, data)
        if isinstance(outcome, Rejected):
            return await self._rejected(message, found.template, sender, outcome)
        if isinstance(outcome, Sent):
            return Sent(identity, self._told(message, found.template))
        return outcome

    async def lookup(self, key: str) -> Outcome | None:
        """SMTP keeps no books one can ask."""
        return None

    async def close(self) -> None:
        """Let the connections go."""
        await self._smtp.close()

    async def _written(
        self,
        message: Message,
        template: Template,
        sender: Mailbox,
        recipient: Mailbox,
        identity: str,
    ) -> bytes:
        leave = await self._unsubscribing.url(template.name, message, recipient.address)
        leaving = {"lien_desabonnement": leave, "lien_désabonnement": leave}
        words = compose.personal(template, message, {**self._goods, **leaving})
        addresses = {
            **leaving,
            "_adresse": self._settings.postal_address,
            **untracked(words.targets),
        }
        if self._settings.track_clicks:
            addresses |= await self._tracking.links(template, words.targets, message)
            addresses["_piege"] = await self._tracking.trap(template, message)
        if self._settings.track_opens:
            addresses["_pixel"] = await self._tracking.pixel(template, message)
        envelope = Envelope(
            sender, recipient, identity, leave, self._settings.leave_by_mail, message.at
        )
        return compose.write(template, words, envelope, addresses)

    def _told(self, message: Message, template: Template) -> tuple[NewEvent, ...]:
        """Where nobody reports deliveries, what the server accepts counts as delivered."""
        said = {"message": message.key}
        sent = NewEvent("email_sent", template.name, properties=said)
        reported = self._settings.reports == "fournisseur" or self._smtp.reports
        if reported:
            return (sent,)
        return (sent, NewEvent("email_delivered", template.name, properties=said))

    async def _rejected(
        self, message: Message, template: Template, sender: Mailbox, answer: Rejected
    ) -> Outcome:
        if answer.permanent:
            # A server that has not been told the recipient yet cannot mean it.
            told = answer.stage == "RCPT" or (
                answer.stage == "DATA" and answer.status.startswith(("5.1.", "5.2."))
            )
            if not told:
                return Refused(str(answer))
            senders = {one.address for one in (self._settings.bounces, sender) if one}
            kind = kind_of(answer.status, str(answer), senders, message.address)
            if kind == HARD:
                await self._host.suppress(
                    CHANNEL, message.address, f"rebond : {answer}"[:300], asked=False
                )
            return self._bounce(message, template, str(answer), kind)
        if answer.stage in {"RCPT", "DATA"} and message.attempt >= self.limits.max_attempts:
            return self._bounce(message, template, str(answer), SOFT)
        return Retry(str(answer))

    @staticmethod
    def _bounce(message: Message, template: Template, reason: str, kind: str) -> Refused:
        said = {"message": message.key, "genre": kind, "raison": reason}
        bounced = NewEvent("email_bounced", template.name, properties=said)
        return Refused(reason, (bounced,), unreachable=True)
