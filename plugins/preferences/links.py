"""The link to the page of preferences, and what answers there.

Scanners and previews open every link: only a POST of our own page changes anything. It needs no
cookie and no login, since the address is sealed: nobody makes one, nor reads there whose it is.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from plugins.kit.own_pages import PREFERENCES
from plugins.preferences import form
from plugins.preferences.choices import PAGE, Choices, choices_of
from plugins.preferences.settings import PreferenceSettings
from relance.channel import Message
from relance.consent import HOW
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.preferences import Preferences
from relance.proof import Proof
from relance.route import Guard, Route
from relance.tracking.proven import HeldAddress, proven
from relance.variable import Variable

PURPOSE = "preferences"
NAMES = ("lien_des_preferences", "lien_des_préférences")
LANGUAGE = "langue"
_EMAIL = "courriel"
_SOURCE = "preferences"
_MAX_BODY, _MOST_FIELDS = 16_384, 400


class PreferenceLinks:
    """Answers those who come by a link."""

    def __init__(self, host: Host, settings: PreferenceSettings) -> None:
        self._host = host
        self._languages = settings.languages

    @staticmethod
    def variable() -> Variable:
        """The link, in a message."""

        async def read(host: Host, message: Message) -> object:
            if message.recipient is not None or not message.address:
                return None  # to the team, or to a browser: whose preferences would these be
            sent = int(message.at.timestamp())
            parts = (message.lead_id, message.key, message.template, message.address, sent)
            return f"{host.public_url}{PREFERENCES}{host.seal(PURPOSE, *parts)}"

        help_ = "L’adresse de la page où la personne choisit ce qu’elle reçoit, et par où."
        return Variable(NAMES, help_, read, addressed=True)

    def routes(self) -> list[Route]:
        """The page."""
        path, methods = PREFERENCES + "{token}", ("GET", "HEAD", "POST")
        answer = self._answer
        return [Route(path, methods, Guard.TOKEN, answer, purpose=PURPOSE, max_body=_MAX_BODY)]

    async def _answer(self, request: Request) -> Response:
        visit = _Visit.of(request)
        if request.method == "POST" and not _our_own(request, self._host.public_url):
            return form.refused_site()
        current = await self._host.preferences(visit.lead, visit.address)
        if current is None:
            return Response(status_code=404)  # nobody, or somebody who asked to be forgotten
        if not current.held:
            return form.not_theirs()
        said = None
        if request.method == "POST":
            said = await self._chosen(visit, current, _posted(await request.body()))
            current = await self._host.preferences(visit.lead, visit.address) or current
        fields = await self._host.fields(visit.lead) or {}
        spoken = str(fields.get(LANGUAGE) or "").strip()
        return form.shown(self._choices(current), self._languages, spoken, said)

    def _choices(self, current: Preferences) -> Choices:
        return choices_of(current, self._host.purposes(), self._host.clock.now())

    async def _chosen(
        self, visit: "_Visit", current: Preferences, posted: Mapping[str, Sequence[str]]
    ) -> str:
        """Record what was chosen; what the page says of it."""
        choices, left = self._choices(current), visit.left
        if posted.get("tout") == ["rien"]:
            change, said = choices.nothing_more(left), "C’est fait : vous ne recevrez plus rien."
        else:
            seen = frozenset(posted.get("vu", ())) & frozenset(choices.keys)
            change = choices.change(seen, frozenset(posted.get("choix", ())), left)
            said = "C’est enregistré."
        # A second press of the same button, while the first is being kept, tells the same fact.
        wanted = [len(current.consents), *map(repr, change.events), *map(repr, change.reach)]
        digest = hashlib.sha256("\n".join(map(str, wanted)).encode()).hexdigest()[:32]
        held = await self._held(visit)
        fact = proven(_SOURCE, held, change.events, None, f"{visit.key}/{digest}")
        facts = [replace(fact, reach=change.reach)]
        spoken = (posted.get(LANGUAGE) or [""])[0]
        if spoken in self._languages:
            # Nobody is surer of what somebody reads than they are.
            language = {LANGUAGE: spoken}
            of = Identities(lead_id=visit.lead)
            facts.append(Incoming(_SOURCE, of, language, proof=Proof.TEAM))
        await self._host.record(facts)
        return said

    async def _held(self, visit: "_Visit") -> HeldAddress:
        fields = await self._host.holding(visit.lead, visit.address)
        numbers = {name: value for name, value in fields.items() if name != _EMAIL}
        email = visit.address if "@" in visit.address else None
        phone = next(map(str, numbers.values()), None)
        return HeldAddress(visit.lead, visit.sent, email, phone, numbers)


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a link says: whose it is, the message it was in, the address it was sent to, and when."""

    lead: int
    key: str
    message: str
    address: str
    sent: datetime

    @classmethod
    def of(cls, request: Request) -> "_Visit":
        lead, key, message, address, sent = (request.path_params[str(at)] for at in range(5))
        return cls(int(lead), key, message, address, datetime.fromtimestamp(int(sent), UTC))

    @property
    def left(self) -> NewEvent:
        """What is told of who leaves by this page: its type is that of the channel left."""
        return NewEvent("", self.message, properties={"message": self.key, HOW: PAGE})


def _our_own(request: Request, public_url: str) -> bool:
    """Whether our own page posts; a program, which says neither, holds the link as well."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = urlsplit(public_url)
    return origin.lower() in (f"{ours.scheme}://{ours.netloc}", str(request.base_url).rstrip("/"))


def _posted(body: bytes) -> Mapping[str, Sequence[str]]:
    """The fields posted; none of what is no form."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
