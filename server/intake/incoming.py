"""A fact from the world, checked and brought to its stored form before it waits for its commit.

All that can be refused is refused here, so that what enters the group commit can be stored.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from dsl.fold import identifier_of
from relance.errors import Problem, Unacceptable, in_pointer
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.values import Amount
from server.intake.field_values import read_value
from server.intake.identities import EMAIL, PHONE, VISITOR, Identity
from server.store import contacts
from server.store.amounts import problem_of, units_of
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.properties import property_key

MAX_TEXT = 4_096
MAX_NAME = 255
MAX_SUBJECT = 1_024
MAX_FIELDS = 100
MAX_DEPTH = 6
MAX_ITEMS = 1_000
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode
PHONES = frozenset({"telephone", "cellulaire"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """An `Incoming` ready to be stored. `fields` are typed values by column."""

    incoming: Incoming
    identities: tuple[Identity, ...]
    fields: Mapping[str, object]
    properties: tuple[str | None, ...]
    body_hash: str | None


def arrival(incoming: Incoming, fields: FieldCatalogue, region: str) -> Arrival:
    """Check one fact; `Unacceptable` lists all that is wrong with it."""
    if not _ordinary(incoming) and (problems := list(_problems(incoming))):
        raise Unacceptable(problems)
    identities, written = _identities(incoming, region)
    if not identities and incoming.identities.lead_id is None:
        raise Unacceptable([Problem("/lead", "Rien ne dit de qui il s’agit.")])
    for name, value in incoming.fields.items():
        known = fields.recognised(name)
        if known is None or known.column.name in written or known.key == "courriel":
            continue
        read = _read(known, value, region)
        if read is not None:
            written[known.column.name] = read
    properties = tuple(_properties(event) for event in incoming.events)
    return Arrival(incoming, identities, written, properties, _hash(incoming))


def _read(known: FieldColumn, value: object, region: str) -> object:
    if known.key in PHONES:
        return contacts.phone_key(str(value), region)
    return read_value(value, known.type, known.choices)


def read_again(known: FieldColumn, value: object) -> object:
    """A value that was kept as JSON, as its field holds it; None when it no longer can."""
    if known.key in PHONES or known.key == "courriel":
        return value if isinstance(value, str) else None
    return read_value(value, known.type, known.choices)


def _identities(incoming: Incoming, region: str) -> tuple[tuple[Identity, ...], dict[str, object]]:
    """The identities, strongest first, and what they teach of the lead's own fields."""
    given = incoming.identities
    found: list[Identity] = []
    written: dict[str, object] = {}
    if given.email is not None:
        key = contacts.email_key(given.email)
        if key is None:
            raise Unacceptable(
                [Problem("/courriel", "Cette adresse de courriel n’est pas valide.")]
            )
        found.append((EMAIL, key))
        written["f_courriel"] = given.email.strip()
    if given.phone is not None and (phone := contacts.phone_key(given.phone, region)):
        found.append((PHONE, phone))
        if not any(identifier_of(name) in PHONES for name in incoming.fields):
            written["f_telephone"] = phone
    if given.visitor is not None and contacts.visitor_key(given.visitor):
        found.append((VISITOR, given.visitor))
    return tuple(found), written


#: Shorter than every limit on names and on subjects but that of event types and sources.
_SHORT = 60
_PIECES = 50


def _ordinary(incoming: Incoming) -> bool:
    """Whether one look at all texts together shows that no rule below can be broken.

    Nearly every fact is so; looking at each text by itself costs ten times as much.
    """
    who = incoming.identities
    values: list[object] = [who.email or "", who.phone or "", who.visitor or ""]
    names = [incoming.source, incoming.key or ""]
    values += incoming.fields.values()
    names += incoming.fields
    for event in incoming.events:
        names += (event.type, event.subject or "", event.context or "", event.key or "")
        if event.amount is not None:
            return False
        values.append(event.address or "")
        values += event.properties.values()
        names += event.properties
    if len(values) > _PIECES or len(names) > 2 * _PIECES:
        return False
    try:
        together = "".join(names) + "".join(values)  # type: ignore[arg-type]
    except TypeError:
        return False  # a value that is no text
    if max(map(len, names)) > _SHORT or max(map(len, values)) > MAX_TEXT:  # type: ignore[arg-type]
        return False
    return "\0" not in together and _encodable(together)


def _problems(incoming: Incoming) -> Iterator[Problem]:
    yield from _text_problems("/cle", incoming.key, MAX_NAME)
    yield from _text_problems("/source", incoming.source, 200)
    yield from _identity_problems(incoming.identities)
    if len(incoming.fields) > MAX_FIELDS:
        yield Problem("", f"Il y a plus de {MAX_FIELDS} champs.")
        return
    for name, value in incoming.fields.items():
        pointer = "/" + in_pointer(str(name)[:MAX_NAME])
        yield from _text_problems(pointer, name, MAX_NAME)
        yield from _value_problems(pointer, value, 0)
    for event in incoming.events:
        yield from _event_problems(event)


def _identity_problems(identities: Identities) -> Iterator[Problem]:
    yield from _text_problems("/courriel", identities.email, MAX_TEXT)
    yield from _text_problems("/telephone", identities.phone, MAX_TEXT)
    yield from _text_problems("/visiteur", identities.visitor, MAX_TEXT)


def _event_problems(event: NewEvent) -> Iterator[Problem]:
    yield from _text_problems("/type", event.type, 64)
    yield from _text_problems("/sujet", event.subject, MAX_SUBJECT)
    yield from _text_problems("/adresse", event.address, MAX_TEXT)
    yield from _text_problems("/contexte", event.context, MAX_SUBJECT)
    yield from _text_problems("/cle", event.key, MAX_NAME)
    if event.amount is not None and (said := problem_of(event.amount)):
        yield Problem("/montant", said)
    if len(event.properties) > MAX_FIELDS:
        yield Problem("/proprietes", f"Il y a plus de {MAX_FIELDS} propriétés.")
        return
    for name, value in event.properties.items():
        pointer = "/proprietes/" + in_pointer(str(name)[:MAX_NAME])
        yield from _text_problems(pointer, name, MAX_NAME)
        yield from _value_problems(pointer, value, 0)


def _text_problems(pointer: str, text: str | None, limit: int) -> Iterator[Problem]:
    if text is None:
        return
    if len(text) > limit:
        yield Problem(pointer, f"Ce texte dépasse {limit} caractères.")
    elif "\0" in text or not _encodable(text):
        yield Problem(pointer, "Ce texte contient un caractère interdit.")


def _encodable(text: str) -> bool:
    """Whether it is text at all: half a surrogate pair is not."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _value_problems(pointer: str, value: object, depth: int) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _text_problems(pointer, value, MAX_TEXT)
    elif isinstance(value, Mapping | list | tuple):
        if depth >= MAX_DEPTH:
            yield Problem(pointer, f"Cette valeur a plus de {MAX_DEPTH} niveaux.")
        elif len(value) > MAX_ITEMS:
            yield Problem(pointer, f"Cette valeur a plus de {MAX_ITEMS} éléments.")
        else:
            yield from _inner_problems(pointer, value, depth + 1)
    elif isinstance(value, int) and abs(value) >= 2**63:
        yield Problem(pointer, "Ce nombre est trop grand.")
    elif isinstance(value, float) and not isfinite(value):
        yield Problem(pointer, "Ce n’est pas un nombre.")


def _inner_problems(
    pointer: str, value: Mapping[str, object] | list[object] | tuple[object, ...], depth: int
) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for name in value:
            yield from _text_problems(pointer, name, MAX_NAME)
        inner = value.values()
    else:
        inner = value  # type: ignore[assignment]
    for item in inner:
        yield from _value_problems(pointer, item, depth)


def _properties(event: NewEvent) -> str | None:
    if not event.properties:
        return None
    return _written({property_key(name): value for name, value in event.properties.items()})


def _worth(amount: Amount | None) -> str | None:
    return None if amount is None else f"{units_of(amount.value)} {amount.currency}"


def _hash(incoming: Incoming) -> str | None:
    """What a fact with a key says, so that the same key saying something else is noticed.

    The visitor is left out: between a click and its double the cookie may have been set.
    """
    if incoming.key is None:
        return None
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
    # Only where there are any: what was received before amounts were keeps its hash.
    if any(event.amount for event in incoming.events):
        content.append([_worth(event.amount) for event in incoming.events])
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()
