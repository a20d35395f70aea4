"""`POST /webhooks/events`: what a site, a shop or a vendor's system tells about leads.

Closed until a secret or a token is set. Only events that the outside world may witness are taken:
what the server itself asserts (an e-mail sent, a score changed) cannot be forged from here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope

from relance.errors import Problem, Unacceptable
from relance.event_type import EventType
from relance.events import CUSTOM, NewEvent
from relance.field_names import identity_meant
from relance.fold import identifier_of
from relance.host import Clock, Identities, Incoming
from relance.instant import posted_instant
from relance.proof import Proof
from server.http import bodies
from server.http.deadline import stored_in_time
from server.http.event_authentication import EventAuthentication
from server.http.event_types import EventTypes
from server.http.exchange import JSON, header
from server.http.problems import Problems
from server.http.refusals import REFUSED, refusal
from server.intake.intake import Intake
from server.settings import Settings
from server.store import contacts
from server.store.amounts import stated_amount

PATH = "/webhooks/events"
MAX_BODY = 1_048_576
MAX_EVENTS = 1_000

_KEYS = (
    "type",
    "evenement",
    "lead",
    "sujet",
    "adresse",
    "contexte",
    "proprietes",
    "champs",
    "date",
    "cle",
)
_LEAD_KEYS = ("courriel", "telephone", "visiteur")


@dataclass(frozen=True, slots=True)
class _Named:
    """What happened, to what, in what."""

    type: EventType
    subject: str | None
    context: str | None


class EventHook:
    """Answers posts of events."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        clock: Clock,
        problems: Problems,
        authentication: EventAuthentication,
        types: EventTypes,
    ) -> None:
        self._intake = intake
        self._settings = settings
        self._clock = clock
        self._problems = problems
        self._authentication = authentication
        self._types = types

    async def __call__(self, scope: Scope, receive: Receive) -> Response:
        """The answer to any request on `/webhooks/events`."""
        if scope["method"] != "POST":
            return self._problems.answer("methode", headers={"allow": "POST"})
        try:
            return await self._post(scope, receive)
        except REFUSED as error:
            return refusal(self._problems, error)

    async def _post(self, scope: Scope, receive: Receive) -> Response:
        message = await self._authentication.read(scope, receive, MAX_BODY)
        if isinstance(message, Response):
            return message
        if header(scope, b"content-type").partition(";")[0].strip().lower() != bodies.JSON:
            return self._problems.answer("json-attendu")
        # The signature covers its own id and not the other header: that one could be changed.
        key = message.message_id or header(scope, b"idempotency-key") or None
        charset = bodies.charset_of(header(scope, b"content-type"))
        return await self._record(bodies.read_json(message.body, charset), key)

    async def _record(self, data: object, key: str | None) -> Response:
        items = data if isinstance(data, list) else [data]
        if not items or len(items) > MAX_EVENTS:
            raise Unacceptable([Problem("", f"Envoyez de 1 à {MAX_EVENTS} événements à la fois.")])
        incoming, problems = [], []
        for index, item in enumerate(items):
            pointer = f"/{index}" if isinstance(data, list) else ""
            try:
                incoming.append(self._incoming(item, key and f"{key}/{index}"))
            except Unacceptable as error:
                problems += [Problem(pointer + one.pointer, one.message) for one in error.problems]
        if problems:
            raise Unacceptable(problems)
        receipts = await stored_in_time(self._intake.record(incoming))
        if all(receipt.conflict for receipt in receipts):
            return self._problems.answer("cle-reutilisee")
        conflicts = sum(receipt.conflict for receipt in receipts)
        doubles = sum(receipt.duplicate and not receipt.conflict for receipt in receipts)
        answer = (
            f'{{"statut": "reçu", "recus": {len(receipts) - conflicts}, '
            f'"deja_recus": {doubles}, "refuses": {conflicts}}}'
        )
        return Response(answer, 202, media_type=JSON)

    def _incoming(self, item: object, default_key: str | None) -> Incoming:
        given = _texts(_object(item, "", _KEYS, identifier_of))
        if problems := list(_type_problems(given)):
            raise Unacceptable(problems)
        named = self._named(given)
        properties = given.get("proprietes") or {}
        event = NewEvent(
            type=named.type.type,
            subject=named.subject,
            address=given.get("adresse"),
            context=named.context,
            properties=properties,
            occurred_at=self._date(given.get("date")),
            amount=stated_amount(named.type, properties),
        )
        key = given.get("cle") or default_key
        identities = _identities(given.get("lead"))
        taught = given.get("champs") or {}
        return Incoming("events", identities, taught, (event,), key, proof=Proof.SIGNED)

    def _named(self, given: Mapping[str, Any]) -> "_Named":
        """What happened: an event of a type plugins declare, else one known by its name alone."""
        asked, name, subject = given.get("type"), given.get("evenement"), given.get("sujet")
        context = given.get("contexte")
        if not asked and name and (known := self._types.find(name)):
            return _Named(known, subject, context)
        if name and subject:
            said = "« evenement » et « sujet » disent la même chose : gardez-en un."
            raise Unacceptable([Problem("/sujet", said)])
        known = self._types.find(asked or CUSTOM)
        if known is not None and known.type != CUSTOM:
            return _Named(known, name or subject, context)
        if asked and known is None:
            if self._types.closed(asked):
                said = f"Le type « {asked[:64]} » ne se reçoit pas ici."
                raise Unacceptable([Problem("/type", said)])
            # Nobody knows that type: it is kept under its name, its subject beside.
            return _Named(self._types.unknown, name or asked, context or subject)
        if not (name or subject):
            raise Unacceptable([Problem("/evenement", "Nommez l’événement.")])
        return _Named(self._types.unknown, name or subject, context)

    def _date(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            return posted_instant(text, self._settings.zone, self._clock.now())
        except ValueError as error:
            raise Unacceptable([Problem("/date", str(error))]) from error


def _object(
    item: object, pointer: str, keys: tuple[str, ...], key: Callable[[str], str]
) -> dict[str, Any]:
    """A JSON object with these keys only, accents aside; what is null or empty is not there."""
    if not isinstance(item, Mapping):
        raise Unacceptable([Problem(pointer, "Un objet JSON est attendu ici.")])
    found = {key(name): value for name, value in item.items() if value not in (None, "")}
    unknown = [name for name in item if key(name) not in keys]
    if unknown:
        known = ", ".join(keys)
        raise Unacceptable(
            [
                Problem(f"{pointer}/{name[:80]}", f"Clé inconnue. Les clés sont : {known}.")
                for name in unknown[:10]
            ]
        )
    return found


def _texts(given: dict[str, Any]) -> dict[str, Any]:
    """The same, whole numbers as texts: a shop numbers its keys and its subjects."""
    return {
        key: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in given.items()
    }


def _who(name: str) -> str:
    return identity_meant(name) or identifier_of(name)


def _type_problems(given: Mapping[str, object]) -> Iterator[Problem]:
    for key in ("type", "evenement", "sujet", "adresse", "contexte", "date", "cle"):
        if not isinstance(given.get(key), str | None):
            yield Problem(f"/{key}", "Un texte est attendu ici.")
    for key in ("proprietes", "champs"):
        if not isinstance(given.get(key), dict | None):
            yield Problem(f"/{key}", "Un objet JSON est attendu ici.")


def _identities(lead: object) -> Identities:
    given = _texts(_object({} if lead is None else lead, "/lead", _LEAD_KEYS, _who))
    wrong = [key for key in _LEAD_KEYS if not isinstance(given.get(key), str | None)]
    if wrong:
        raise Unacceptable([Problem(f"/lead/{key}", "Un texte est attendu ici.") for key in wrong])
    email = (given.get("courriel") or "").strip() or None
    if email is not None and contacts.email_key(email) is None:
        raise Unacceptable([Problem("/lead/courriel", "Cette adresse n’est pas valide.")])
    phone, visitor = given.get("telephone") or None, given.get("visiteur") or None
    if email is None and visitor is not None and contacts.visitor_key(visitor) is None:
        said = "Une marque de visiteur compte de 16 à 128 lettres, chiffres, « - » ou « _ »."
        raise Unacceptable([Problem("/lead/visiteur", said)])
    return Identities(email=email, phone=phone, visitor=visitor)
