"""`POST /webhooks/crm`: what was changed in the CRM, told by whoever holds the secret.

Changes come twice, late and out of order: each carries its own date and the host believes the
latest, field by field. Only the fields the CRM is right about are written.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plugins.crm.happenings import CHANGED, CHANNEL
from plugins.crm.settings import CrmSettings
from relance import posted_json
from relance.errors import Problem, Unacceptable
from relance.events import NewEvent
from relance.field_names import identity_meant
from relance.french import quoted, unaccented
from relance.host import Host, Identities, Incoming
from relance.instant import posted_instant
from relance.proof import Proof
from relance.route import Guard, Route
from relance.values import Value

MAX_BODY = 262_144
MAX_CHANGES = 100
_KEYS = ("courriel", "modifie_le", "proprietes", "cle")
_LONGEST = 4_096


class Inbound:
    """Takes changes in."""

    def __init__(self, host: Host, settings: CrmSettings | None) -> None:
        self._host = host
        of_crm = settings.of_crm if settings else frozenset()
        fields = settings.fields if settings else {}
        #: The field each property of the CRM is written to.
        self._written = {fields[name]: name for name in of_crm}

    def routes(self) -> tuple[Route, ...]:
        """Where changes are posted."""
        return (Route("/webhooks/crm", ("POST",), Guard.SIGNED, self.take, max_body=MAX_BODY),)

    async def take(self, request: Request) -> Response:
        """Store the changes of one request, all or none."""
        data = _json(await request.body())
        items = data if isinstance(data, list) else [data]
        if not 1 <= len(items) <= MAX_CHANGES:
            raise Unacceptable(
                [Problem("", f"Envoyez de 1 à {MAX_CHANGES} changements à la fois.")]
            )
        key = request.headers.get("webhook-id", "")
        many = isinstance(data, list)
        incoming: list[Incoming] = []
        problems: list[Problem] = []
        for index, item in enumerate(items):
            try:
                incoming.append(self._incoming(item, f"{key}/{index}"))
            except Unacceptable as error:
                place = f"/{index}" if many else ""
                problems += [Problem(place + one.pointer, one.message) for one in error.problems]
        if problems:
            raise Unacceptable(problems)
        receipts = await self._host.record(incoming)
        conflicts = sum(receipt.conflict for receipt in receipts)
        doubles = sum(receipt.duplicate and not receipt.conflict for receipt in receipts)
        return _answered(len(receipts) - conflicts, doubles, conflicts)

    def _incoming(self, item: object, default_key: str) -> Incoming:
        given = _object(item)
        email = given.get("courriel")
        if not isinstance(email, str) or not email.strip():
            raise Unacceptable([Problem("/courriel", "L’adresse du contact est nécessaire.")])
        instant = given.get("modifie_le")
        if not isinstance(instant, str):
            said = "Dites quand le CRM a changé ce contact : sans date, l’ordre est perdu."
            raise Unacceptable([Problem("/modifie_le", said)])
        try:
            at = posted_instant(instant, self._host.zone, self._host.clock.now())
        except ValueError as error:
            raise Unacceptable([Problem("/modifie_le", str(error))]) from error
        key = given.get("cle") or default_key
        if not isinstance(key, str):
            raise Unacceptable([Problem("/cle", "Un texte est attendu ici.")])
        fields = self._fields(given.get("proprietes"))
        event = NewEvent(CHANGED, properties={"champs": sorted(fields)}, occurred_at=at)
        return Incoming(
            CHANNEL, Identities(email=email), fields, (event,), key, at, proof=Proof.SIGNED
        )

    def _fields(self, properties: object) -> dict[str, Value]:
        """What is written of them: a property cleared in the CRM erases nothing here."""
        if not isinstance(properties, Mapping):
            raise Unacceptable([Problem("/proprietes", "Un objet JSON est attendu ici.")])
        fields: dict[str, Value] = {}
        for name, value in properties.items():
            field = self._written.get(name)
            if field is None or value is None or value == "":
                continue
            if not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
                said = f"{quoted(name)} doit être un texte court, un nombre, true ou false."
                raise Unacceptable([Problem("/proprietes", said)])
            fields[field] = _text(value)
        return fields


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(body: bytes) -> Any:
    try:
        return posted_json.read(body, parse_float=float)
    except ValueError as error:
        said = "Le corps de la requête n’est pas du JSON."
        raise Unacceptable([Problem("", said)]) from error


def _object(item: object) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise Unacceptable([Problem("", "Un objet JSON est attendu ici.")])
    found = {_key(name): value for name, value in item.items() if value is not None}
    unknown = [name for name in item if _key(name) not in _KEYS]
    if unknown:
        known = ", ".join(_KEYS)
        said = f"Clé inconnue : {quoted(unknown[0][:80])}. Les clés sont : {known}."
        raise Unacceptable([Problem("", said)])
    return found


def _key(name: str) -> str:
    return identity_meant(name) or unaccented(name.strip().lower())


def _answered(taken: int, doubles: int, refused: int) -> Response:
    said = {"statut": "reçu", "recus": taken, "deja_recus": doubles, "refuses": refused}
    body = json.dumps(said, ensure_ascii=False)
    return Response(body, 202, media_type="application/json; charset=utf-8")
