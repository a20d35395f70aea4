"""The channel `email`: finds the message, writes it for the lead, hands it over by SMTP."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from plugins.email import compose, headers
from plugins.email.bounces import HARD, SOFT, kind_of
from plugins.email.compose import Envelope, Personal
from plugins.email.dkim import Signing
from plugins.email.headers import Mailbox
from plugins.email.identity import message_id
from plugins.email.images import shown
from plugins.email.messages import MESSAGES
from plugins.email.settings import EmailSettings
from plugins.email.smtp import Rejected, Smtp
from plugins.email.template import EmailTemplate
from plugins.email.tracking import MailTracking, untracked
from plugins.email.unsubscribe import CHANNEL, Unsubscribing
from plugins.kit.own_pages import PREFERENCES, UNSUBSCRIBE
from relance.channel import (
    ChannelTrial,
    Limits,
    Message,
    Outcome,
    Preview,
    PreviewLink,
    Refused,
    Retry,
    Sent,
)
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.french import quoted
from relance.host import Host
from relance.reach import Suppress
from relance.templates.filling import Unfilled, filled
from relance.templates.pieces import Unpressed

T = TypeVar("T")
P = ParamSpec("P")


class EmailChannel:
    """Sends the project's messages."""

    name = CHANNEL
    address_field = "courriel"

    def __init__(
        self,
        host: Host,
        settings: EmailSettings,
        tracking: MailTracking,
        unsubscribing: Unsubscribing,
    ) -> None:
        # Connecting, then the message itself, are bounded on their own: this is the last resort.
        self.limits = Limits(
            concurrency=settings.connections,
            per_second=settings.per_second,
            timeout=4 * settings.timeout + 10,
            max_attempts=settings.attempts,
            announced=True,
            paces=settings.paces,
            first_day=settings.first_day,
        )
        self.doubt = settings.doubt
        self._host = host
        self._settings = settings
        self._tracking = tracking
        self._unsubscribing = unsubscribing
        self._smtp = Smtp(host.network, settings)
        self._signing = Signing(settings)

    async def attempt(self) -> ChannelTrial:
        """Whether the server answers and takes the account."""
        settings = self._settings
        where = f"{settings.host}, port {settings.port}"
        why = await self._smtp.reach()
        if why is not None:
            return ChannelTrial(False, f"{where}\u00a0: {why}.")
        account = " et accepte le compte" if settings.user else ""
        return ChannelTrial(
            True, f"{where}\u00a0: le serveur répond{account}. Rien n’a été envoyé."
        )

    async def send(self, message: Message) -> Outcome:
        """Write the message for its lead and hand it over."""
        try:
            return await self._send(message)
        except StoreUnavailable:
            # The store is asked before the message leaves, never after.
            return Retry("rien ne peut être enregistré pour le moment")

    async def _send(self, message: Message) -> Outcome:
        template = await self._template(message)
        if not isinstance(template, EmailTemplate):
            return template
        sender = template.sender or self._settings.sender
        if sender is None:
            said_of = f"le courriel {quoted(template.name)} n’a pas d’expéditeur"
            return Retry(f"{said_of} : réglez « expediteur » dans [email]", ours=True)
        recipient = headers.address(message.address)
        if recipient is None:
            return self._bounce(message, template, "l’adresse n’est pas valide", HARD)
        (name,) = await self._tracking.numbers([template.name])
        identity = message_id(self._host, message, name, recipient.address, sender)
        try:
            data = await self._written(message, template, sender, recipient, identity)
        except Unfilled as error:
            return _unfilled(template, error)
        data = await self._signing.signed(data, sender, message.at)
        outcome = await self._smtp.deliver(
            self._settings.bounces or sender, recipient, data, message.leaving
        )
        if isinstance(outcome, Rejected):
            return self._rejected(message, template, sender, outcome)
        if isinstance(outcome, Sent):
            return Sent(identity, self._sent_events(message, template))
        return outcome

    async def compose(self, message: Message) -> str | Outcome:
        """The subject and the text that lead would read."""
        template = await self._template(message)
        if not isinstance(template, EmailTemplate):
            return template
        try:
            known, leaving = await self._known(message, template, message.address)
            words = await _filled(compose.personal, template, message, known)
            given = {**words.variables, **leaving, **untracked(words.targets)}
            return f"{words.subject}\n\n{await _filled(compose.plain, template, given)}"
        except Unfilled as error:
            return _unfilled(template, error)

    async def preview(self, message: Message) -> Preview | Outcome:
        """The page and the text that lead would read, its links leading where they will."""
        template = await self._template(message)
        if not isinstance(template, EmailTemplate):
            return template
        try:
            words = await self._words_alone(message, template)
            given = {**words.variables, **self._addresses(template, words.targets)}
            html = await _filled(compose.page, template, given)
            text = await _filled(compose.plain, template, given)
            beside = await _filled(compose.preheader, template, given)
        except Unfilled as error:
            return _unfilled(template, error)
        named = zip(template.links, words.targets, strict=True)
        links = tuple(PreviewLink(link.name, target) for link, target in named)
        leave = str(words.variables["lien_desabonnement"])
        return Preview(text, words.subject, html, links, beside, leave if leave in html else "")

    async def try_out(self, message: Message) -> Outcome:
        """Send it to who only looks: an address that is no lead's leaves nothing."""
        template = await self._template(message)
        if not isinstance(template, EmailTemplate):
            return template
        sender = template.sender or self._settings.sender
        recipient = headers.address(message.address)
        if sender is None or recipient is None:
            missing = "il n’a pas d’expéditeur" if sender is None else "l’adresse n’est pas valide"
            return Refused(f"le courriel {quoted(template.name)} ne peut pas partir : {missing}")
        try:
            words = await self._words_alone(message, template)
            addresses = self._addresses(template, words.targets)
            words = replace(words, subject=f"[Essai] {words.subject}")
            identity = compose.message_id(message.key, sender)
            envelope = Envelope(sender, recipient, identity, None, None, message.at)
            data = await _filled(compose.write, template, words, envelope, addresses)
        except Unfilled as error:
            return _unfilled(template, error)
        data = await self._signing.signed(data, sender, message.at)
        outcome = await self._smtp.deliver(sender, recipient, data, message.leaving)
        if not isinstance(outcome, Rejected):
            return Sent(identity) if isinstance(outcome, Sent) else outcome
        return outcome.outcome

    async def _words_alone(self, message: Message, template: EmailTemplate) -> Personal:
        """The words for that lead, which nobody can leave by."""
        leave = f"{self._host.public_url}{UNSUBSCRIBE}essai"
        chosen = f"{self._host.public_url}{PREFERENCES}essai"
        leaving = {
            **dict.fromkeys(("lien_desabonnement", "lien_désabonnement"), leave),
            **dict.fromkeys(("lien_des_preferences", "lien_des_préférences"), chosen),
        }
        known = {**await self._host.variables(message, template.names), **leaving}
        return await _filled(compose.personal, template, message, known)

    async def lookup(self, key: str) -> Outcome | None:
        """SMTP keeps no books one can ask."""
        return None

    async def close(self) -> None:
        """Let the connections go."""
        await self._smtp.close()

    async def _template(self, message: Message) -> EmailTemplate | Outcome:
        """The message of that name, or why it cannot leave yet."""
        return await MESSAGES.template(self._host.files, message.template)

    async def _known(
        self, message: Message, template: EmailTemplate, address: str
    ) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """What stands beside the fields of that lead, and where it unsubscribes."""
        leave = await self._unsubscribing.url(template.name, message, address)
        leaving = {"lien_desabonnement": leave, "lien_désabonnement": leave}
        return {**await self._host.variables(message, template.names), **leaving}, leaving

    def _addresses(self, template: EmailTemplate, targets: Sequence[str]) -> dict[str, str]:
        """What its links and images stand for, nobody following them, and our own address."""
        own = {"_adresse": self._settings.postal_address}
        return {**untracked(targets), **shown(self._host, template), **own}

    async def _written(
        self,
        message: Message,
        template: EmailTemplate,
        sender: Mailbox,
        recipient: Mailbox,
        identity: str,
    ) -> bytes:
        known, leaving = await self._known(message, template, recipient.address)
        envelope = Envelope(
            sender,
            recipient,
            identity,
            leaving["lien_desabonnement"],
            self._settings.leave_by_mail,
            message.at,
        )
        common = template.common_targets
        if common is not None:
            addresses = {**leaving, **await self._followed(message, template, common)}
            given = (message, known, envelope, addresses)
            return await _filled(compose.write_all, template, *given)
        words = await _filled(compose.personal, template, message, known)
        addresses = {**leaving, **await self._followed(message, template, words.targets)}
        return await _filled(compose.write, template, words, envelope, addresses)

    async def _followed(
        self, message: Message, template: EmailTemplate, targets: Sequence[str]
    ) -> dict[str, str]:
        """What its links and images stand for, those who follow them being told."""
        addresses = self._addresses(template, targets)
        if self._settings.track_clicks:
            addresses |= await self._tracking.links(template, targets, message)
            addresses["_piege"] = await self._tracking.trap(template, message)
        if self._settings.track_opens:
            addresses["_pixel"] = await self._tracking.pixel(template, message)
        return addresses

    def _sent_events(self, message: Message, template: EmailTemplate) -> tuple[NewEvent, ...]:
        """Where nobody reports deliveries, what the server accepts counts as delivered."""
        said = {"message": message.key}
        sent = NewEvent("email_sent", template.name, properties=said)
        reported = self._settings.reports == "fournisseur" or self._smtp.reports
        if reported:
            return (sent,)
        return (sent, NewEvent("email_delivered", template.name, properties=said))

    def _rejected(
        self, message: Message, template: EmailTemplate, sender: Mailbox, answer: Rejected
    ) -> Outcome:
        if answer.permanent:
            # A server that has not been told the recipient yet cannot mean it.
            of_recipient = answer.stage == "RCPT" or (
                answer.stage == "DATA" and answer.status.startswith(("5.1.", "5.2."))
            )
            if not of_recipient:
                return Refused(str(answer))
            senders = {one.address for one in (self._settings.bounces, sender) if one}
            kind = kind_of(answer.status, str(answer), senders, message.address)
            bounced = self._bounce(message, template, str(answer), kind)
            if kind != HARD:
                return bounced
            reason = f"rebond : {answer}"[:300]
            return replace(
                bounced, reach=(Suppress(CHANNEL, message.address, reason, asked=False),)
            )
        if answer.stage in {"RCPT", "DATA"} and message.attempt >= self.limits.max_attempts:
            return self._bounce(message, template, str(answer), SOFT)
        return Retry(str(answer))

    @staticmethod
    def _bounce(message: Message, template: EmailTemplate, reason: str, kind: str) -> Refused:
        said = {"message": message.key, "genre": kind, "raison": reason}
        bounced = NewEvent("email_bounced", template.name, properties=said)
        return Refused(reason, (bounced,), unreachable=True)


async def _filled(
    work: Callable[Concatenate[EmailTemplate, P], T],
    template: EmailTemplate,
    *given: P.args,
    **named: P.kwargs,
) -> T:
    """What `work` makes of a template: here where that costs little whatever the values are, else apart."""
    if template.pressed is not None:
        with suppress(Unpressed):
            return work(template.pressed, *given, **named)
    return await filled(work, template, *given, **named)


def _unfilled(template: EmailTemplate, error: Unfilled) -> Refused:
    return Refused(f"le courriel {quoted(template.name)} n’a pas pu être rempli : {error}")
