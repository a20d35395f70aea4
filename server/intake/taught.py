"""What a fact teaches of a lead: each field settled by its type, and what finds no place on it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, TEXT, YES_NO
from relance.host import Incoming
from relance.values import Several
from server.intake.field_values import elements, read_value, settled
from server.intake.languages import language_of
from server.store import contacts
from server.store.calendar import zone_named
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.leftovers import MOST_OF_A_FACT, Leftover, Reason
from server.store.properties import property_key

PHONES = frozenset({"telephone", "cellulaire"})
#: By which messages are chosen, and which decides when they leave.
LANGUAGE, ZONE = "langue", "fuseau"
#: The fields that are read as what they are, whatever their type.
_READ_APART = PHONES | {LANGUAGE, ZONE}
_REASONS = {
    NUMBER: Reason.NUMBER,
    AMOUNT: Reason.NUMBER,
    DATE: Reason.DATE,
    YES_NO: Reason.YES_NO,
    CHOICE: Reason.CHOICE,
    MULTIPLE: Reason.CHOICE,
}


@dataclass
class Taught:
    """Typed values by column, and what was left."""

    written: dict[str, object] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)

    def leave(self, name: str, value: object, reason: Reason) -> None:
        """Note what finds no place."""
        if len(self.leftovers) < MOST_OF_A_FACT and not blank(value):
            self.leftovers.append(Leftover(name, str(value), reason))


def teach(
    incoming: Incoming,
    kept: Sequence[Collection[str]],
    fields: FieldCatalogue,
    region: str,
    taught: Taught,
) -> None:
    """Add to `taught`, which knows the identities already, what the fields of a fact say.

    `kept`: the keys of what each of its events keeps, of which nothing is lost.
    """
    known: dict[str, tuple[FieldColumn, list[object]]] = {}
    for name, value in incoming.fields.items():
        found = fields.meant(name)
        if found is None:
            if not any(property_key(name) in keys for keys in kept):
                taught.leave(name, value, Reason.UNKNOWN)
        elif found.key in known:
            known[found.key][1].extend(_one_by_one(value))
        else:
            known[found.key] = (found, list(_one_by_one(value)))
    for key, (column, values) in known.items():
        if column.column.name not in taught.written and key != "courriel":
            _settle(column, values, region, taught)


def _settle(column: FieldColumn, values: Sequence[object], region: str, taught: Taught) -> None:
    if column.type == MULTIPLE:
        values = [one for value in values for one in _elements(value, column.choices)]
    found = []
    for value in values:
        read = read_one(column, value, region)
        if read is not None:
            found.append(read)
        elif not blank(value):
            taught.leave(column.name, value, _reason(column))
    if len(found) == 1 and column.type != MULTIPLE:
        taught.written[column.column.name] = found[0]
        return
    value = settled(found, column.type, column.choices)
    if value is None:
        return
    taught.written[column.column.name] = value
    if column.type not in (TEXT, YES_NO, MULTIPLE) and (
        others := [one for one in found if one != value]
    ):
        taught.leave(column.name, ", ".join(map(str, others)), Reason.SEVERAL)


def _elements(value: object, choices: Sequence[str]) -> Sequence[object]:
    return elements(value, choices) if isinstance(value, str) else (value,)


def _reason(column: FieldColumn) -> Reason:
    if column.key in (LANGUAGE, ZONE):
        return Reason.LANGUAGE if column.key == LANGUAGE else Reason.ZONE
    return Reason.PHONE if column.key in PHONES else _REASONS.get(column.type, Reason.TEXT)


def read_one(column: FieldColumn, value: object, region: str) -> object:
    """One value as the field holds it; None when it cannot."""
    if column.key not in _READ_APART:
        return read_value(value, column.type, column.choices)
    if column.key == LANGUAGE:
        return language_of(str(value))
    if column.key == ZONE:
        zone = zone_named(str(value).strip())
        return None if zone is None else zone.key
    return contacts.phone_key(str(value), region)


def addresses(incoming: Incoming) -> Iterator[tuple[str, str]]:
    """The e-mail addresses a fact holds, each under its name."""
    sources: Iterable[Mapping[str, object]] = (
        incoming.fields,
        *(event.properties for event in incoming.events),
    )
    for pairs in sources:
        for name, value in pairs.items():
            for one in _one_by_one(value):
                if isinstance(one, str) and "@" in one and contacts.email_key(one):
                    yield name, one.strip()


def _one_by_one(value: object) -> Sequence[object]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Several):
        return value.values
    return value if isinstance(value, list | tuple) else (value,)


def blank(value: object) -> bool:
    """Whether a value says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())
