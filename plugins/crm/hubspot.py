"""HubSpot, by its CRM API v3: contacts found and written by e-mail address.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from plugins.crm.api import Api, CrmAnswer
from plugins.crm.contact import CallFailed, Contact
from relance.channel import Doubtful, Refused, Retry

ADDRESS = "https://api.hubapi.com"
#: What HubSpot calls the fields every lead has.
FIELDS = {
    "courriel": "email",
    "prenom": "firstname",
    "nom": "lastname",
    "telephone": "phone",
    "cellulaire": "mobilephone",
    "ville": "city",
}
_CONTACTS = "/crm/v3/objects/contacts"


class HubSpot:
    """A `Crm`. `key_property`: a text property that holds the key of the last write, if any."""

    def __init__(self, api: Api, key_property: str | None) -> None:
        self._api = api
        self._key = key_property

    async def find(self, email: str, properties: Sequence[str]) -> Contact | None:
        """The contact of that address."""
        query = {"idProperty": "email", "properties": ",".join(properties)}
        answer = await self._api.call("GET", f"{_CONTACTS}/{quote(email, safe='')}", query=query)
        return None if answer.status == 404 else _contact(answer.data)

    async def write(
        self, email: str, properties: Mapping[str, str], key: str, asked: Sequence[str]
    ) -> Contact:
        """Upsert: made when there is none, only these properties changed when there is one."""
        given = {**properties, "email": email}
        if self._key is not None:
            given[self._key] = key
        one = {
            "idProperty": "email",
            "id": email,
            "objectWriteTraceId": key,
            "properties": given,
        }
        answer = await self._api.call(
            "POST", f"{_CONTACTS}/batch/upsert", body={"inputs": [one]}, writes=True
        )
        return _upserted(answer)

    async def written(self, key: str, asked: Sequence[str]) -> Contact | None:
        """The contact whose key property holds that key."""
        if self._key is None:
            return None
        filters = [{"propertyName": self._key, "operator": "EQ", "value": key}]
        body = {
            "filterGroups": [{"filters": filters}],
            "properties": list(asked),
            "limit": 1,
        }
        answer = await self._api.call("POST", f"{_CONTACTS}/search", body=body)
        return _first(answer.data)

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


def _upserted(answer: CrmAnswer) -> Contact:
    """The contact of an upsert; a 207 tells by record what went wrong."""
    errors = answer.data.get("errors")
    if answer.status == 404:
        raise CallFailed(
            Retry("le CRM ne connaît pas cette adresse d’API : vérifiez « adresse » de [crm]")
        )
    if isinstance(errors, list) and errors:
        first = errors[0] if isinstance(errors[0], dict) else {}
        said = " ".join(str(first.get("message", "")).split())[:200]
        raise CallFailed(Refused(f"le CRM refuse ce contact : {said}"))
    found = _first(answer.data)
    if found is None:
        raise CallFailed(Doubtful("le CRM ne dit pas ce qu’il a écrit"))
    return found


def _first(data: Mapping[str, Any]) -> Contact | None:
    results = data.get("results")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        return None
    return _contact(results[0])


def _contact(data: Mapping[str, Any]) -> Contact:
    given = data.get("properties")
    properties = given if isinstance(given, dict) else {}
    return Contact(
        str(data.get("id", "")),
        {str(name): str(value) for name, value in properties.items() if value is not None},
        _instant(data.get("updatedAt")),
    )


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
