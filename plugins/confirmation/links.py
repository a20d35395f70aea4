"""The link that confirms: it leads to a page of one button.

Scanners and previews open every link; only the button, a POST, proves that somebody is there. The
address is sealed: nobody makes one, nor reads there whose it is.
"""

from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from plugins.confirmation.confirmed import confirmed
from plugins.confirmation.form import NOT_ASKED
from plugins.confirmation.settings import ConfirmationSettings
from plugins.kit.own_pages import CONFIRM
from plugins.kit.page import page
from relance.channel import Message
from relance.host import Host
from relance.route import Guard, Route
from relance.variable import Variable
from relance.visitor import mark_rules

PURPOSE = "confirmation"
NAMES = ("lien_de_confirmation", "lien_confirmation")

_ASK = """\
<p>Vous confirmez que {what} <strong>{address}</strong> est bien {yours}.</p>
<form method="post"><button type="submit">Confirmer</button></form>
{not_asked}
"""
_DONE = """\
<p>C’est fait : {what} <strong>{address}</strong> est {sure}. Merci !</p>
"""
_BACK = '<p><a class="button" href="{back}">Continuer</a></p>\n'
_LATE = (
    "<p>Ce lien a fait son temps. Demandez-en un autre là où vous aviez donné vos coordonnées.</p>"
)
_OTHER = """\
<p>{What} <strong>{address}</strong> n’est plus dans votre fiche : il n’y a rien à confirmer.</p>
"""


class ConfirmationLinks:
    """Answers those who come by a link."""

    def __init__(self, host: Host, settings: ConfirmationSettings) -> None:
        self._host = host
        self._back = settings.back
        self._marks = mark_rules(host.public_url, host.settings)

    @staticmethod
    def variable(settings: ConfirmationSettings) -> Variable:
        """The link, in a message."""

        async def read(host: Host, message: Message) -> object:
            if message.recipient is not None or not message.address:
                return None  # to the team, or to a browser: it would prove nothing
            sent = int(message.at.timestamp())
            until = sent + int(settings.link.total_seconds())
            parts = (message.lead_id, message.key, message.address, sent, until)
            return f"{host.public_url}{CONFIRM}{host.seal(PURPOSE, *parts)}"

        help_ = "L’adresse d’une page où la personne confirme que cette adresse est la sienne."
        return Variable(NAMES, help_, read, addressed=True)

    def routes(self) -> list[Route]:
        """The page."""
        methods = ("GET", "HEAD", "POST")
        return [Route(CONFIRM + "{token}", methods, Guard.TOKEN, self._answer, purpose=PURPOSE)]

    async def _answer(self, request: Request) -> Response:
        lead, key, address, sent, until = (request.path_params[str(at)] for at in range(5))
        if self._host.clock.now().timestamp() >= int(until):
            return page("Ce lien n’est plus valable", _LATE, 410)
        if request.method != "POST":
            content = _ASK.format(**said(address), not_asked=NOT_ASKED)
            return page(f"Confirmer {said(address)['your']}", content)
        mark = self._marks.mark_of(request.cookies, request.headers)
        at = datetime.fromtimestamp(int(sent), UTC)
        # In another browser it is another fact: that one may be known to be the lead's.
        once = f"lien/{key}/{mark or ''}"
        if not await confirmed(self._host, int(lead), address, key, at, mark, once):
            return page("Rien à confirmer", _OTHER.format(**said(address)), 410)
        return thanks(address, self._back)


def thanks(address: str, back: str) -> Response:
    """The page of what is confirmed."""
    content = _DONE.format(**said(address))
    if back:
        content += _BACK.format(back=escape(back))
    return page("C’est confirmé", content)


def said(address: str) -> dict[str, str]:
    """An address as pages speak of it."""
    known = {"address": escape(address)}
    if "@" in address:
        words = {"what": "l’adresse", "your": "votre adresse", "yours": "la vôtre"}
        return {**known, **words, "What": "L’adresse", "sure": "confirmée"}
    words = {"what": "le numéro", "your": "votre numéro", "yours": "le vôtre"}
    return {**known, **words, "What": "Le numéro", "sure": "confirmé"}
