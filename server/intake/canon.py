"""What a fact says, whatever way it is written: a sender that tells it again is answered « déjà reçu ».

Two tellings are one when they differ by the order of keys, by capitals and spaces, by how a number
or an instant is written, and by what is null. Nothing here depends on how names are folded for
the rules: what was received must be recognised for as long as its receipt is kept.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from unicodedata import normalize

from relance.events import NewEvent
from relance.host import Incoming
from relance.values import Amount, Several
from server.intake.identities import VISITOR, Identity
from server.store.amounts import units_of

#: What tells these hashes from those of before, which hold hexadecimal digits only.
_VERSION = "v2:"
_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:[.,]([0-9]{1,15}))?")


def content_hash(incoming: Incoming, identities: Sequence[Identity]) -> str:
    """The hash of a fact: who it is about, the fields it teaches, what its events say.

    The visitor is left out: between a click and its double the cookie may have been set. So are
    the dates of events, but those a document states.
    """
    content = [
        sorted(one for one in identities if one[0] != VISITOR),
        incoming.identities.lead_id,
        _pairs(incoming.fields),
        sorted(_event(event) for event in incoming.events),
    ]
    written = json.dumps(content, ensure_ascii=False).encode()
    return _VERSION + hashlib.sha256(written).hexdigest()[: 64 - len(_VERSION)]


def conflicts(before: str | None, incoming: Incoming, now: str | None) -> bool:
    """Whether a key was used before for something else.

    What was received before this version is held to the hash of then. The names of a form's fields
    were read otherwise, so that its hash cannot be made again: its key is believed.
    """
    if before is None or before.startswith(_VERSION):
        return before != now
    return not incoming.source.startswith("form:") and before != _former_hash(incoming)


def _former_hash(incoming: Incoming) -> str:
    """The hash receipts held before, which took each text as it was written."""
    content: list[object] = [
        incoming.identities.email,
        incoming.identities.phone,
        sorted((name, str(value)) for name, value in incoming.fields.items()),
        [[event.type, event.subject, event.address, event.context] for event in incoming.events],
        [
            sorted((name, str(v)) for name, v in event.properties.items())
            for event in incoming.events
        ],
    ]
    if any(event.amount for event in incoming.events):
        content.append([_worth(event.amount) for event in incoming.events])
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def _event(event: NewEvent) -> str:
    at = event.occurred_at
    return json.dumps(
        [
            event.type,
            _plain(event.subject),
            event.address,
            _plain(event.context),
            _worth(event.amount),
            _pairs(event.properties, at),
        ],
        ensure_ascii=False,
    )


def _worth(amount: Amount | None) -> str | None:
    return None if amount is None else f"{units_of(amount.value)} {amount.currency}"


def _pairs(values: Mapping[str, object], at: datetime | None = None) -> list[list[object]]:
    """What is under each name, null aside, whatever their order."""
    found = [
        [_plain(name), _plain(value, at if name == "date" else None)]
        for name, value in values.items()
        if value is not None
    ]
    return sorted(found, key=lambda pair: json.dumps(pair, ensure_ascii=False))


def _plain(value: object, at: datetime | None = None) -> object:
    """A value as it is compared. `at`: the instant it is known to be."""
    match value:
        case None:
            return None
        case bool():
            return value
        case int() | float() | Decimal():
            return _number(Decimal(str(value)))
        case Several():
            return [_plain(one) for one in value.values]
        case Mapping():
            return _pairs(value)
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case str():
            return _text(value, at)
        case Iterable():
            return [_plain(one) for one in value]
        case _:
            return str(value)


def _text(text: str, at: datetime | None) -> str:
    spelt = " ".join(normalize("NFKC", text).casefold().split())
    if at is not None:
        return _instant(at) if _is_naive(spelt) else _dated(spelt)
    if match := _NUMBER.fullmatch(spelt):
        sign, units, decimals = match.groups()
        return _number(Decimal(f"{sign}{units}.{decimals or 0}"))
    return _dated(spelt)


def _dated(spelt: str) -> str:
    """An instant that says its zone, in universal time; any other text as it is."""
    if len(spelt) < len("2026-12-24t09z") or spelt[4:5] != "-":
        return spelt
    try:
        instant = datetime.fromisoformat(spelt.upper())
    except ValueError:
        return spelt
    return _instant(instant) if instant.tzinfo else spelt


def _is_naive(spelt: str) -> bool:
    try:
        return datetime.fromisoformat(spelt.upper()).tzinfo is None
    except ValueError:
        return False


def _instant(instant: datetime) -> str:
    try:
        return instant.astimezone(UTC).isoformat() if instant.tzinfo else instant.isoformat()
    except OverflowError:
        return instant.isoformat()


def _number(value: Decimal) -> str:
    """The shortest writing of a number: 42, 42.0 and « 42,00 » are one."""
    if not value.is_finite() or abs(value.adjusted()) > 60:
        return str(value)
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
