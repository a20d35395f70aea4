"""Rows of a file as leads: who each is about, what it teaches; or why the row is refused.

They are read some thousands at once, a column after the other: what holds of a column is settled once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, NamedTuple

from relance.channel_type import ChannelType
from relance.field_names import meaning
from relance.fold import identifier_of, key_of
from server.imports import cells, headings
from server.imports.cells import Read, Unfit
from server.imports.columns import ImportedColumn
from server.imports.consenting import imported_consent
from server.imports.headings import Special
from server.imports.order import ImportOrder
from server.imports.sheet import BadFile, SheetRow
from server.imports.silencing import Silenced, Silencing
from server.intake.identities import PHONE, Identity
from server.store.fields import EMAIL_FIELD, FieldCatalogue, FieldColumn
from server.store.instants import Micros

#: A lead known by a field of the project's own: an identity for the length of an import.
OWN = "own"
#: Names a cell of lists or tags may hold, and how long each may be.
_MOST_NAMES, _LONGEST_NAME = 100, 200


class ImportedPerson(NamedTuple):
    """A row ready to be stored. `values`: typed, by column, in the order of `People.columns`."""

    line: int
    identities: tuple[Identity, ...]
    values: tuple[object, ...]
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: By what nobody is to write to this lead any more.
    silence: tuple[Silenced, ...] = ()
    #: As of when the row is so; None: now.
    at: Micros | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused, and why; its cells as they were read."""

    line: int
    reason: str
    cells: str


def refused(row: SheetRow, reason: str) -> Reject:
    """The reject of a row; what nobody would read to the end is cut."""
    shown = [cell[:1_000].replace("\0", "\ufffd") for cell in row.cells[:200]]
    text = json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace").decode()
    return Reject(row.line, reason, text)


class People:
    """Reads rows, given how their columns were matched."""

    def __init__(
        self,
        names: Sequence[str],
        fields: FieldCatalogue,
        order: ImportOrder,
        region: str,
        dynamic: frozenset[str] = frozenset(),
        channels: Iterable[ChannelType] = (),
    ) -> None:
        self._silencing = Silencing(channels, fields)
        self.region = region
        self.matched = headings.match(names, {f.key: f.name for f in fields}, order.columns)
        known = {field.key: field for field in fields}
        self._names = names
        self._key = self._key_of(order, known)
        self._fields = [
            (place, field, ImportedColumn(cells.reader_of(field, region), field.name))
            for place, field in ((place, known[key]) for place, key in self.matched.fields.items())
        ]
        columns = [field.column.name for _, field, _ in self._fields]
        #: Those a row fills, the address always among them.
        self.columns = tuple(dict.fromkeys((*columns, EMAIL_FIELD)))
        self._specials = [
            (place, what, ImportedColumn(self._reader_of(what)))
            for place, what in self.matched.specials.items()
            if what not in (Special.COMPUTED, Special.AT)
        ]
        self._dated = [at for at, what in self.matched.specials.items() if what is Special.AT]
        self._instant = ImportedColumn(cells.instant)
        self._as_of = None if order.as_of is None else cells.instant(order.as_of)
        self._order = order
        self.consent = None if order.consent is None else imported_consent(order.consent)
        self._dynamic = dynamic
        for name in order.lists:
            if key_of(name) in dynamic:
                raise BadFile(
                    f"« {name} » est une liste dynamique : sa condition dit qui en est membre, on n’y "
                    "ajoute personne. Donnez le nom d’une autre liste."
                )

    @property
    def own_key(self) -> FieldColumn | None:
        """The project's own field that tells leads apart; None for e-mail and telephone."""
        return None if self._key.key in ("courriel", "telephone", "cellulaire") else self._key

    def _key_of(self, order: ImportOrder, known: Mapping[str, FieldColumn]) -> FieldColumn:
        key = identifier_of(order.key)
        if key not in known:
            key = meaning(order.key) or key
        if key not in known:
            raise BadFile(f"Il n’y a pas de champ « {order.key} » pour reconnaître les leads.")
        if headings.missing([key], self.matched):
            seen = ", ".join(f"« {name} »" for name in self._names if name)
            raise BadFile(
                f"Aucune colonne ne donne le champ « {known[key].name} », qui dit de quel lead il "
                f"s’agit. Colonnes du fichier : {seen}. Pour en désigner une : "
                f'--colonne "{next(filter(None, self._names), "A")}={known[key].name}" ; pour '
                "reconnaître les leads autrement : --cle téléphone."
            )
        return known[key]

    def read(self, rows: Sequence[SheetRow]) -> tuple[Sequence[ImportedPerson], Sequence[Reject]]:
        """The people these rows are about, and why the others are refused."""
        sound = [row for row in rows if row.fault is None]
        people, faults = self._people(sound)
        rejects = [refused(row, row.fault) for row in rows if row.fault is not None]
        rejects += [refused(sound[place], why) for place, why in faults.items()]
        return people, sorted(rejects, key=attrgetter("line"))

    def _people(
        self, rows: Sequence[SheetRow]
    ) -> tuple[Sequence[ImportedPerson], Mapping[int, str]]:
        """The people of these rows, and why those of some places are refused."""
        faults: dict[int, str] = {}
        fields = {
            field.column.name: column.values([row.cells[place] for row in rows], faults)
            for place, field, column in self._fields
        }
        lists, tags, silence = self._said(rows, faults)
        instants = self._instants(rows, faults)
        for place, value in enumerate(fields[self._key.column.name]):
            if value is None:
                faults.setdefault(place, f"le champ « {self._key.name} » est vide")
        lines, identities = [row.line for row in rows], self._identities(fields)
        addresses = fields.get(EMAIL_FIELD) or [None] * len(rows)
        fields[EMAIL_FIELD] = [None if one is None else one.written for one in addresses]
        values = zip(*(fields[name] for name in self.columns), strict=True)
        people = map(ImportedPerson, lines, identities, values, lists, tags, silence, instants)
        return [one for place, one in enumerate(people) if place not in faults], faults

    def _said(
        self, rows: Sequence[SheetRow], faults: dict[int, str]
    ) -> Iterator[Iterable[tuple[Any, ...]]]:
        """The lists, the tags and the silence of each row."""
        said: dict[Special, list[Sequence[Any]]] = {}
        for place, what, column in self._specials:
            values = column.values([row.cells[place] for row in rows], faults)
            said.setdefault(what, []).append(values)
        common = {Special.LISTS: self._order.lists, Special.TAGS: self._order.tags}
        for what in (Special.LISTS, Special.TAGS, Special.SILENCE):
            yield _together(common.get(what, ()), said.get(what, ()))

    def _instants(
        self, rows: Sequence[SheetRow], faults: dict[int, str]
    ) -> Iterable[Micros | None]:
        """When each row was right, as its file or the order says."""
        if not self._dated:
            return repeat(self._as_of)
        cells = [
            next(filter(str.strip, map(row.cells.__getitem__, self._dated)), "") for row in rows
        ]
        return [self._as_of if at is None else at for at in self._instant.values(cells, faults)]

    def _identities(self, fields: Mapping[str, Sequence[Any]]) -> Iterable[tuple[Identity, ...]]:
        """Strongest first: the project's own key, the e-mail, the telephone."""
        given: list[Sequence[Identity | None]] = []
        if (own := self.own_key) is not None:
            given.append(
                [None if one is None else (OWN, str(one)) for one in fields[own.column.name]]
            )
        if EMAIL_FIELD in fields:
            given.append([None if one is None else one.identity for one in fields[EMAIL_FIELD]])
        phones = [fields[name] for name in ("f_telephone", "f_cellulaire") if name in fields]
        if phones:
            first = (
                phones[0] if len(phones) == 1 else [a or b for a, b in zip(*phones, strict=True)]
            )
            given.append([None if one is None else (PHONE, one) for one in first])
        return [tuple(filter(None, several)) for several in zip(*given, strict=True)]

    def _reader_of(self, special: Special) -> Read:
        """How the cells of a column that is no field are read."""
        if special is Special.SILENCE:
            return lambda text: self._silencing.read(cells.names(text))
        return lambda text: self._named(special, tuple(cells.names(text)))

    def _named(self, special: Special, names: Sequence[str]) -> Sequence[str]:
        if len(names) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in names):
            raise Unfit(f"colonne « {special.value} » : trop de noms, ou des noms trop longs")
        if special is Special.TAGS:
            return names
        return [name for name in names if key_of(name) not in self._dynamic]


def _together(
    common: tuple[Any, ...], columns: Sequence[Sequence[Sequence[Any] | None]]
) -> Iterable[tuple[Any, ...]]:
    """What every row says, and what each says besides in these columns."""
    if not columns:
        return repeat(common)
    return [tuple(chain(common, *filter(None, several))) for several in zip(*columns, strict=True)]
