"""The channel `alert`: an e-mail to a person of the team, or to an address, about a lead.

Nobody's consent is asked here, since it goes to those who work with Relance; all the rest is as
for any message: one Message-ID whatever the attempts, the guarded way out, headers nobody can add
a line to. A project says its own words in `alertes/<type>.md`; a type without a file has ours.
"""

from asyncio import to_thread
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import quote

from liquid import BoundTemplate

from plugins.email import compose, headers, letters
from plugins.email.compose import Envelope, Personal
from plugins.email.dkim import Signing
from plugins.email.headers import Mailbox
from plugins.email.images import shown
from plugins.email.messages import ALERTS, OTHERS
from plugins.email.settings import EmailSettings
from plugins.email.smtp import Rejected, Smtp
from plugins.email.targets import target
from plugins.email.template import EmailTemplate, parse
from plugins.email.tracking import untracked
from relance.channel import (
    Limits,
    Message,
    Outcome,
    Preview,
    Refused,
    Retry,
    Sent,
    TeamLetter,
)
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.french import quoted
from relance.host import Host
from relance.templates.filling import Unfilled, filled
from relance.templates.language import TEXT, field_variables

CHANNEL = "alert"
#: Alerts are few; they must not take the connections of what is sent to leads.
_AT_ONCE = 4
_MOST_SHOWN = 300
_NO_SENDER = (
    "les courriels à l’équipe n’ont pas d’expéditeur : réglez «\u00a0expediteur\u00a0» dans [email]"
)

_DEFAULT = """\
---
objet: Alerte « {{ alerte }} » : {{ qui }}{% if nombre > 1 %} et {{ nombre | minus: 1 }} de plus{% endif %}
---
<p>Bonjour{% if destinataire %} {{ destinataire }}{% endif %},</p>

<p><strong>{{ qui }}</strong> demande votre attention : alerte « {{ alerte }} »{% if campagne %}, \
campagne « {{ campagne }} »{% endif %}{% if étape %}, étape « {{ étape }} »{% endif %}.</p>

<ul>
<li>Pointage : {{ pointage }}</li>
{% for champ in champs %}<li>{{ champ.nom }} : {{ champ.valeur }}</li>
{% endfor %}</ul>

{% if écrire %}<p><a href="{{ écrire }}">Lui écrire</a></p>{% endif %}
{% if fiche %}<p><a href="{{ fiche }}">Voir sa fiche</a></p>{% endif %}

{% if nombre > 1 %}<p>En tout, {{ nombre }} leads demandent votre attention. Les autres :</p>
<ul>
{% for autre in autres %}<li><strong>{{ autre.qui }}</strong>\
{% if autre.courriel %}, {{ autre.courriel }}{% endif %} (pointage : {{ autre.pointage }}\
{% if autre.campagne %}, campagne « {{ autre.campagne }} »{% endif %})\
{% if autre.fiche %} {{ autre.fiche }}{% endif %}</li>
{% endfor %}{% if non_listés > 0 %}<li>et {{ non_listés }} de plus</li>
{% endif %}</ul>{% endif %}
"""


@cache
def _read_default() -> EmailTemplate:
    found = parse(_DEFAULT, "alerte", ALERTS.folder, leaves=False)
    if found.template is None:
        raise AssertionError(found.faults)
    return found.template


class AlertChannel:
    """Writes to the team."""

    name = CHANNEL
    address_field = None

    def __init__(self, host: Host, settings: EmailSettings) -> None:
        self.limits = Limits(
            concurrency=min(_AT_ONCE, settings.connections),
            per_second=settings.per_second,
            timeout=4 * settings.timeout + 10,
            max_attempts=settings.attempts,
            announced=True,
            gathers=settings.gathers or None,
        )
        self.doubt = settings.doubt
        self._host = host
        self._settings = settings
        self._default = _read_default()
        self._page: BoundTemplate = TEXT.from_string(settings.lead_page)
        self._smtp = Smtp(host.network, settings)
        self._signing = Signing(settings)

    async def send(self, message: Message) -> Outcome:
        """Write the alert and hand it over."""
        recipient = _recipient(message)
        if isinstance(recipient, Refused):
            return recipient
        template = await self._template(message.template)
        sender = template.sender or self._settings.sender
        if sender is None:
            return Refused(
                "les alertes n’ont pas d’expéditeur : réglez « expediteur » dans [email]"
            )
        if message.count > 1 and OTHERS not in template.names:
            template = self._default  # the project's own words would leave the others untold
        identity = compose.message_id(self._host.sign(CHANNEL, message.key), sender)
        try:
            asked = await self._of(message, template)
            envelope = Envelope(sender, recipient, identity, None, None, message.at)
            data = await filled(_written, *asked, envelope)
        except StoreUnavailable:
            return Retry("rien ne peut être lu pour le moment")
        except Unfilled as error:
            return _unfilled(message, error)
        outcome = await self._outgoing(data, envelope, message.leaving, self._settings.bounces)
        if isinstance(outcome, Sent):
            properties = {"message": message.key, "destinataire": message.recipient}
            event = NewEvent("alert_sent", message.template, properties=properties)
            return replace(outcome, events=(event,))
        return outcome

    async def preview(self, message: Message) -> Preview | Outcome:
        """What whoever is warned would read."""
        template = await self._template(message.template)
        try:
            words, given = await filled(_words, *await self._of(message, template))
            html = await filled(compose.page, template, given)
            text = await filled(compose.plain, template, given)
        except Unfilled as error:
            return _unfilled(message, error)
        return Preview(text, words.subject, html)

    async def try_out(self, message: Message) -> Outcome:
        """Send it to who only looks."""
        template = await self._template(message.template)
        sender = template.sender or self._settings.sender
        recipient = headers.address(message.address)
        if sender is None or recipient is None:
            return Refused(_NO_SENDER if sender is None else "l’adresse n’est pas valide")
        envelope = Envelope(
            sender, recipient, compose.message_id(message.key, sender), None, None, message.at
        )
        try:
            asked = await self._of(message, template)
            data = await filled(_written, *asked, envelope, "[Essai] ")
        except Unfilled as error:
            return _unfilled(message, error)
        return await self._outgoing(data, envelope, message.leaving)

    async def _of(
        self, message: Message, template: EmailTemplate
    ) -> tuple[Message, EmailTemplate, BoundTemplate, Mapping[str, object]]:
        """What an alert is written with."""
        variables = await self._host.variables(message, template.names)
        return message, template, self._page, {**variables, **shown(self._host, template)}

    @property
    def letters_lack(self) -> str:
        """A sender, which a message may say for itself and a letter does not."""
        return "" if self._settings.sender else _NO_SENDER

    async def write_letter(self, letter: TeamLetter) -> Outcome:
        """Hand over what the server writes to its own team."""
        recipient, sender = headers.address(letter.address), self._settings.sender
        if recipient is None:
            return Refused("l’adresse n’est pas valide", unreachable=True)
        if sender is None:
            return Refused(_NO_SENDER)
        identity = compose.message_id(self._host.sign("letter", letter.key), sender)
        envelope = Envelope(sender, recipient, identity, None, None, letter.at)
        data = await to_thread(letters.write, letter, envelope)
        return await self._outgoing(data, envelope, letter.leaving, self._settings.bounces)

    async def _outgoing(
        self,
        data: bytes,
        envelope: Envelope,
        leaving: Callable[[], None],
        bounces: Mailbox | None = None,
    ) -> Outcome:
        """Sign it, hand it over; `bounces`: who hears of what comes back, the sender without one."""
        data = await self._signing.signed(data, envelope.sender, envelope.at)
        back = bounces or envelope.sender
        outcome = await self._smtp.deliver(back, envelope.recipient, data, leaving)
        if isinstance(outcome, Rejected):
            return outcome.outcome
        return Sent(envelope.message_id) if isinstance(outcome, Sent) else outcome

    async def lookup(self, key: str) -> Outcome | None:
        """SMTP keeps no books one can ask."""
        return None

    async def close(self) -> None:
        """Let the connections go."""
        await self._smtp.close()

    async def _template(self, type_: str) -> EmailTemplate:
        found = await ALERTS.template(self._host.files, type_)
        # Words that cannot be read are told by `check`; the team must be warned all the same.
        return found if isinstance(found, EmailTemplate) else self._default


def _unfilled(message: Message, error: Unfilled) -> Refused:
    return Refused(f"l’alerte {quoted(message.template)} n’a pas pu être remplie : {error}")


def _written(
    message: Message,
    template: EmailTemplate,
    page: BoundTemplate,
    known: Mapping[str, object],
    envelope: Envelope,
    before: str = "",
) -> bytes:
    words, _ = _words(message, template, page, known)
    words = replace(words, subject=f"{before}{words.subject}")
    return compose.write(template, words, envelope, untracked(words.targets))


def _words(
    message: Message, template: EmailTemplate, page: BoundTemplate, known: Mapping[str, object]
) -> tuple[Personal, Mapping[str, object]]:
    """The words about that lead, and all that the page is filled with."""
    words = compose.personal(template, message, {**known, **_known(message, page)})
    return words, {**words.variables, **untracked(words.targets)}


def _known(message: Message, page: BoundTemplate) -> Mapping[str, object]:
    """What an alert can say beside the lead's own fields; `page` leads to the lead's."""
    shown = {
        name: str(value)[:_MOST_SHOWN]
        for name, value in message.fields.items()
        if value is not None
    }
    return {
        **_about(message, page),
        "alerte": message.template,
        "destinataire": message.person.name if message.person else None,
        "champs": [{"nom": name, "valeur": value} for name, value in shown.items()],
        "écrire": _writing(message) or None,
        "nombre": message.count,
        OTHERS: [{**_about(one, page), "courriel": _courriel(one)} for one in message.gathered],
        "non_listés": message.count - 1 - len(message.gathered),
    }


def _about(message: Message, page: BoundTemplate) -> Mapping[str, object]:
    """What is said of each lead that an alert is about; None of what is empty, which Liquid holds true."""
    return {
        "qui": _who(message),
        "campagne": message.campaign or None,
        "étape": message.step or None,
        "etape": message.step or None,
        "pointage": message.score,
        "fiche": target(page.render(**field_variables(message.fields))) or None,
    }


def _recipient(message: Message) -> Mailbox | Refused:
    """Whom it goes to, or why it goes to nobody."""
    person = message.person
    if person is None:
        found = headers.address((message.recipient or "").strip())
        if found is None:
            name = quoted((message.recipient or "")[:100])
            return Refused(f"{name} n’est pas de l’équipe et n’est pas une adresse de courriel")
        return found
    found = headers.address(person.email or "")
    if found is None:
        return Refused(f"{quoted(person.name)} n’a pas de courriel dans l’équipe")
    return found


def _who(message: Message) -> str:
    """The lead as a person names it."""
    fields = message.fields
    named = " ".join(str(fields[one]) for one in ("prénom", "nom") if fields.get(one))
    other = fields.get("courriel") or fields.get("téléphone") or fields.get("cellulaire")
    return headers.clean(named or str(other or f"lead n° {message.lead_id}"))


def _writing(message: Message) -> str:
    """Where a click writes to the lead, and to nobody else, with no word of the lead's own.

    « a?bcc=… » is a sound address, and « ? », « & », « % » would mean something else there.
    """
    courriel = _courriel(message)
    return target(f"mailto:{quote(courriel, safe='@')}") if courriel else ""


def _courriel(message: Message) -> str:
    return str(message.fields.get("courriel") or "")
