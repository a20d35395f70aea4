"""The code that confirms: six figures sent to an address, typed back on our page or on a site's.

A code is drawn from the message's key by the server's secret: every attempt of a message says the
same one, and nothing has to be kept to say it again. The store holds a hash.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from plugins.confirmation import form
from plugins.confirmation.confirmed import confirmed
from plugins.confirmation.form import FIGURES, LONGEST_ADDRESS
from plugins.confirmation.links import thanks
from plugins.confirmation.settings import ConfirmationSettings
from plugins.kit.own_pages import CODE
from relance.challenge import Challenge, Miss
from relance.channel import Message
from relance.client import client_of
from relance.host import Host
from relance.provenance import HIDDEN
from relance.route import Guard, Route
from relance.variable import Variable, bare
from relance.visitor import mark_rules

NAMES = ("code_de_confirmation", "code_confirmation")
LINE_NAMES = ("ligne_de_confirmation", "ligne_confirmation")
_PURPOSE = "confirmation.code"
_CODE = re.compile(rf"[0-9]{{{FIGURES}}}")
_BLANKS = re.compile(r"[\s.-]+")
_MAX_BODY = 4_096
#: How the address that was written to may be called, without accents.
_ADDRESS = ("adresse", "telephone", "cellulaire", "courriel", "email", "phone")


class Codes:
    """Answers those who type a code."""

    def __init__(self, host: Host, settings: ConfirmationSettings) -> None:
        self._host = host
        self._settings = settings
        self._marks = mark_rules(host.public_url, host.settings)

    @staticmethod
    def variables(settings: ConfirmationSettings, page: str) -> Sequence[Variable]:
        """The code, in a message, and the line by which telephones fill it in on that page."""

        async def code(host: Host, message: Message) -> str | None:
            if message.recipient is not None or not message.address:
                return None
            digits = code_of(host, message)
            until = message.at + settings.code
            sent = Challenge(message.lead_id, message.address, message.key, message.at, until)
            await host.challenge(sent, digits)
            return digits

        async def line(host: Host, message: Message) -> str | None:
            # https://wicg.github.io/sms-one-time-codes/: bound to a page that is asked for by HTTPS.
            address = urlsplit(page)
            digits = await code(host, message) if address.scheme == "https" else None
            return digits and f"@{address.hostname} #{digits}"

        code_help = f"Un code de {FIGURES} chiffres que la personne tape pour confirmer que cette adresse est la sienne."
        line_help = (
            "La dernière ligne d’un SMS : les téléphones y lisent le code, et le proposent d’eux-mêmes "
            f"dans la page {CODE} de ce serveur, et dans nulle autre."
        )
        return (
            Variable(NAMES, code_help, code, addressed=True),
            Variable(LINE_NAMES, line_help, line, addressed=True),
        )

    def routes(self) -> list[Route]:
        """Where a code is typed, by people and by the pages of sites."""
        methods = ("GET", "HEAD", "POST")
        return [Route(CODE, methods, Guard.PUBLIC, self._answer, max_body=_MAX_BODY)]

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return form.empty()
        origin = request.headers.get("origin", "").lower()
        if not self._listens(request, origin):
            return form.refused_site()
        given = _given(await request.body())
        address = next((given[name] for name in _ADDRESS if given.get(name)), "")
        found = await self._tried(request, address, _BLANKS.sub("", given.get("code", "")), origin)
        if "text/html" not in request.headers.get("accept", ""):
            return form.as_json(found, _shared(origin))
        if isinstance(found, Miss):
            return form.missed(found, address)
        return thanks(found.address, self._settings.back)

    def _listens(self, request: Request, origin: str) -> bool:
        """Whether that site's page may send a code; the browser itself says that it is our own."""
        if request.headers.get("sec-fetch-site") == "same-origin":
            return True
        return not origin or origin == HIDDEN or origin in self._settings.sites

    async def _tried(
        self, request: Request, address: str, code: str, origin: str
    ) -> Challenge | Miss:
        """What the code answers; what is right is recorded."""
        if not 0 < len(address) <= LONGEST_ADDRESS or not _CODE.fullmatch(code):
            return Miss.WRONG  # a slip of the hand is no try
        found = await self._host.answer(address, code, client_of(request))
        if isinstance(found, Miss):
            return found
        mark = None
        if origin != HIDDEN:  # who hides its site may be any
            mark = self._marks.mark_of(request.cookies, request.headers)
        # Once, in whichever browser: whoever reads the code over a shoulder comes too late.
        once = f"code/{found.key}"
        lead, sent = found.lead_id, found.sent
        kept = await confirmed(self._host, lead, found.address, found.key, sent, mark, once)
        return found if kept else Miss.WRONG


def code_of(host: Host, message: Message) -> str:
    """`FIGURES` digits drawn from a signature: the same each time, known to nobody without the secret."""
    token = host.sign(_PURPOSE, message.key, message.address)
    number = int.from_bytes(hashlib.sha256(token.encode()).digest()) % 10**FIGURES
    return f"{number:0{FIGURES}d}"


def _given(body: bytes) -> Mapping[str, str]:
    """The fields posted, by a form or in JSON; accents aside."""
    text = body.decode("utf-8", "replace")
    try:
        if text.lstrip().startswith("{"):
            posted = json.loads(text)
            pairs = [(name, value) for name, value in posted.items() if isinstance(value, str)]
        else:
            pairs = parse_qsl(text, max_num_fields=20)
    except (ValueError, RecursionError):
        return {}
    return {bare(name): value.strip() for name, value in pairs}


def _shared(origin: str) -> dict[str, str]:
    """What lets the page of a known site read the answer."""
    if not origin or origin == HIDDEN:
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "vary": "origin",
    }
