"""The channel `crm`: the lead as it is now, brought to the CRM; what the CRM is right about, back.

The contact is read first: only what differs is written, so that sending it again changes nothing
and the rest of the record is left to those who work in the CRM.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from plugins.crm.contact import CallFailed, Contact, Crm
from plugins.crm.happenings import CHANNEL, SYNCED
from plugins.crm.settings import CrmSettings
from relance.channel import Doubt, Limits, Message, Outcome, Refused, Retry, Sent
from relance.events import NewEvent
from relance.fold import identifier_of
from relance.values import Value

NOT_SET = "aucun CRM n’est réglé : ajoutez une section [crm] aux réglages"


class CrmChannel:
    """Brings leads to one CRM; without one, it refuses and says so."""

    name = CHANNEL
    address_field = "courriel"

    def __init__(self, crm: Crm | None, settings: CrmSettings | None) -> None:
        self._crm = crm
        self._settings = settings or CrmSettings()
        self.limits = Limits(
            concurrency=self._settings.connections,
            per_second=self._settings.per_second,
            # A synchronisation is two calls.
            timeout=2 * self._settings.timeout + 10,
            max_attempts=self._settings.attempts,
        )
        # Without a property that holds the key there is nothing to ask; to write again is no harm.
        self.doubt = Doubt.LOOKUP if self._settings.key_property else Doubt.RESEND

    async def send(self, message: Message) -> Outcome:
        """Bring the lead."""
        if self._crm is None:
            return Refused(NOT_SET)
        email = message.address.strip()
        try:
            found = await self._crm.find(email, self._settings.asked)
            changes = self._changes(message.record, found)
            if found is not None and not changes:
                return self._sent(found, found, message.key)
            written = await self._crm.write(email, changes, message.key, self._settings.asked)
        except CallFailed as failure:
            return failure.outcome
        return self._sent(written, found, message.key)

    async def lookup(self, key: str) -> Outcome | None:
        """Whether the CRM holds what was written under that key.

        What it does not show may still be on its way to its search; to write it again is no harm.
        """
        if self._crm is None:
            return Refused(NOT_SET)
        try:
            found = await self._crm.written(key, self._settings.asked)
        except CallFailed:
            return None
        if found is None:
            return Retry("le CRM ne montre pas cette écriture : elle est refaite")
        return self._sent(found, found, key)

    async def close(self) -> None:
        """Let connections go."""
        if self._crm is not None:
            await self._crm.close()

    def _changes(self, fields: Mapping[str, Value], found: Contact | None) -> dict[str, str]:
        """The properties to write: those that differ, the CRM's own left alone once it has them."""
        given = {identifier_of(name): _text(value) for name, value in fields.items()}
        changes: dict[str, str] = {}
        for name, property_ in self._settings.fields.items():
            text = given.get(name)
            if text is None:
                continue  # what Relance does not know, it does not erase
            if found is not None and name in self._settings.of_crm:
                continue
            if found is None or found.properties.get(property_, "") != text:
                changes[property_] = text
        return changes

    def _sent(self, contact: Contact, read: Contact | None, key: str) -> Sent:
        """`read` is the contact as it was before it was written: its date is that of its fields."""
        properties = {"contact": contact.id, "message": key}
        fields: dict[str, Value] = {}
        if read is not None:
            for name in self._settings.of_crm:
                value = read.properties.get(self._settings.fields[name], "").strip()
                if value:
                    fields[name] = value
        as_of = read.modified_at if read is not None else None
        return Sent(contact.id, (NewEvent(SYNCED, properties=properties),), fields, as_of)


def _text(value: Value) -> str | None:
    """A field's value as the CRM's API reads it; None for nothing to say."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
        case str() | int():
            return str(value).strip() or None
        case _:
            return None
