"""A fact from the world, checked and brought to its stored form before it waits for its commit.

All that can be refused is refused here, so that what enters the group commit can be stored.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

from dsl.field_types import MULTIPLE, TEXT
from relance.errors import Problem, Unacceptable, in_pointer
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.values import Several
from server.intake.canon import content_hash
from server.intake.field_values import read_value
from server.intake.identities import EMAIL, PHONE, VISITOR, Identity
from server.intake.taught import PHONES, Taught, addresses, blank, read_one, teach
from server.store import contacts
from server.store.amounts import problem_of
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.instants import Micros
from server.store.leftovers import Leftover, Reason
from server.store.properties import property_key

MAX_TEXT = 4_096
MAX_NAME = 255
MAX_SUBJECT = 1_024
MAX_FIELDS = 100
MAX_DEPTH = 6
MAX_ITEMS = 1_000
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode


class Arrival(NamedTuple):
    """An `Incoming` ready to be stored. `fields` are typed values by column."""

    incoming: Incoming
    identities: tuple[Identity, ...]
    fields: Mapping[str, object]
    properties: tuple[str | None, ...]
    body_hash: str | None
    #: What of it finds no place on the lead.
    leftovers: tuple[Leftover, ...] = ()
    #: When it was brought, if that was before it is stored.
    at: Micros | None = None


def arrival(
    incoming: Incoming, fields: FieldCatalogue, region: str, at: Micros | None = None
) -> Arrival:
    """Check one fact; `Unacceptable` lists all that is wrong with it."""
    if not _ordinary(incoming) and (problems := list(_problems(incoming))):
        raise Unacceptable(problems)
    taught = Taught()
    identities = _identities(incoming, fields, region, taught)
    if not identities and incoming.identities.lead_id is None:
        raise Unacceptable([Problem("/lead", "Rien ne dit de qui il s’agit.")])
    kept = [_properties(event, fields, region) for event in incoming.events]
    teach(incoming, kept, fields, region, taught)
    # The strongest stands first: nothing more is known of whoever is but a browser.
    if incoming.identities.lead_id is None and identities[0][0] == VISITOR:
        for name, address in addresses(incoming):
            taught.leave(name, address, Reason.ANONYMOUS)
    properties = tuple([_written(found) if found else None for found in kept])
    body_hash = content_hash(incoming, identities) if incoming.key is not None else None
    left = tuple(taught.leftovers)
    return Arrival(incoming, identities, taught.written, properties, body_hash, left, at)


def read_again(known: FieldColumn, value: object) -> object:
    """A value that was kept as JSON, as its field holds it; None when it no longer can."""
    if known.key in PHONES or known.key == "courriel":
        return value if isinstance(value, str) else None
    return read_value(value, known.type, known.choices)


def _identities(
    incoming: Incoming, fields: FieldCatalogue, region: str, taught: Taught
) -> tuple[Identity, ...]:
    """The identities, strongest first; what they teach of the lead's own fields is noted."""
    given = incoming.identities
    found: list[Identity] = []
    if given.email is not None:
        key = contacts.email_key(given.email)
        if key is None:
            raise Unacceptable(
                [Problem("/courriel", "Cette adresse de courriel n’est pas valide.")]
            )
        found.append((EMAIL, key))
        taught.written["f_courriel"] = given.email.strip()
    if given.phone is not None:
        phone = contacts.phone_key(given.phone, region)
        if phone is None:
            taught.leave("téléphone", given.phone, Reason.PHONE)
        else:
            found.append((PHONE, phone))
            if PHONES.isdisjoint(_keys(incoming.fields, fields)):
                taught.written["f_telephone"] = phone
    if given.visitor is not None and contacts.visitor_key(given.visitor):
        found.append((VISITOR, given.visitor))
    return tuple(found)


def _keys(names: Iterable[str], fields: FieldCatalogue) -> list[str]:
    """The keys of the fields that those names mean."""
    return [known.key for name in names if (known := fields.meant(name)) is not None]


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
    elif isinstance(value, Several):
        together = ", ".join(str(one) for one in value.values)
        yield from _text_problems(pointer, together, MAX_TEXT)
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


def _properties(event: NewEvent, fields: FieldCatalogue, region: str) -> dict[str, object]:
    """What an event says beside, by key."""
    found: dict[str, object] = {}
    for name, value in event.properties.items():
        key = property_key(name)
        single = (
            _one_of_several(name, value, fields, region) if isinstance(value, Several) else value
        )
        if key not in found or not blank(single):
            found[key] = single
    return found


def _one_of_several(name: str, value: Several, fields: FieldCatalogue, region: str) -> object:
    """The one of several values that counts, as it came; all of them where they stand together."""
    filled = [one for one in value.values if not blank(one)]
    known = fields.meant(name)
    if known is not None and known.type not in (TEXT, MULTIPLE):
        read = [(one, read_one(known, one, region)) for one in filled]
        fit = [(one, found) for one, found in read if found is not None]
        yes = [one for one, found in fit if found is True]
        if fit:
            return yes[-1] if yes else fit[-1][0]
    return filled[0] if len(filled) == 1 else ", ".join(dict.fromkeys(map(str, filled)))
