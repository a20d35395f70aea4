"""Rows of a file as leads: who each is about, what it teaches; or why the row is refused."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relance.channel_type import ChannelType
from relance.field_names import meaning
from relance.fold import identifier_of, key_of
from relance.safe_cells import plain
from server.imports import cells, headings
from server.imports.cells import Read, Unfit
from server.imports.consenting import imported_consent
from server.imports.headings import Special
from server.imports.order import ImportOrder
from server.imports.sheet import BadFile, SheetRow
from server.imports.silencing import Silenced, Silencing
from server.intake.identities import EMAIL, PHONE, Identity
from server.store import contacts
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.instants import Micros

#: A lead known by a field of the project's own: an identity for the length of an import.
OWN = "own"
#: Names a cell of lists or tags may hold, and how long each may be.
_MOST_NAMES, _LONGEST_NAME = 100, 200


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """A row ready to be stored. `fields` are typed values by column."""

    line: int
    identities: tuple[Identity, ...]
    fields: Mapping[str, object]
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
        self._readers: list[tuple[int, FieldColumn, Read]] = [
            (place, known[key], cells.reader_of(known[key], region))
            for place, key in self.matched.fields.items()
        ]
        self.columns = tuple(sorted(field.column.name for _, field, _ in self._readers))
        if "f_courriel" not in self.columns:
            self.columns = tuple(sorted((*self.columns, "f_courriel")))
        self._specials = dict(self.matched.specials)
        self._dated = [at for at, what in self._specials.items() if what is Special.AT]
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

    def read(self, row: SheetRow) -> ImportedPerson | Reject:
        """The person a row is about, or why it is refused."""
        if row.fault is not None:
            return refused(row, row.fault)
        values: dict[str, object] = {}
        reading = ""
        try:
            for place, field, read in self._readers:
                text = row.cells[place].strip()
                if not text:
                    continue
                if text[0] == "'":
                    text = plain(text)
                reading = field.name
                values[field.column.name] = read(text)
            reading = ""
            lists, tags, silence = self._special(row) if self._specials else ((), (), ())
            at = self._instant(row)
        except Unfit as unfit:
            where = f"champ « {reading} » : " if reading else ""
            return refused(row, f"{where}{unfit}")
        identities = self._identities(values)
        if self._key.column.name not in values:
            return refused(row, f"le champ « {self._key.name} » est vide")
        return ImportedPerson(
            row.line,
            identities,
            values,
            (*self._order.lists, *lists),
            (*self._order.tags, *tags),
            silence,
            at,
        )

    def _instant(self, row: SheetRow) -> Micros | None:
        """When the row was right, as its file or the order says."""
        for place in self._dated:
            if text := plain(row.cells[place].strip()):
                return cells.instant(text)
        return self._as_of

    def _identities(self, values: Mapping[str, object]) -> tuple[Identity, ...]:
        """Strongest first: the project's own key, the e-mail, the telephone."""
        found: list[Identity] = []
        own = self.own_key
        if own is not None and own.column.name in values:
            found.append((OWN, str(values[own.column.name])))
        email = values.get("f_courriel")
        if email is not None:
            found.append((EMAIL, contacts.email_key(str(email)) or str(email).lower()))
        phone = values.get("f_telephone") or values.get("f_cellulaire")
        if phone is not None:
            found.append((PHONE, str(phone)))
        return tuple(found)

    def _special(
        self, row: SheetRow
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Silenced, ...]]:
        lists: tuple[str, ...] = ()
        tags: tuple[str, ...] = ()
        silence: tuple[Silenced, ...] = ()
        for place, special in self._specials.items():
            if special in (Special.COMPUTED, Special.AT) or not row.cells[place].strip():
                continue
            names = tuple(cells.names(plain(row.cells[place].strip())))
            if special is Special.SILENCE:
                silence = tuple(dict.fromkeys((*silence, *self._silencing.read(names))))
                continue
            if len(names) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in names):
                raise Unfit(f"colonne « {special.value} » : trop de noms, ou des noms trop longs")
            if special is Special.TAGS:
                tags += names
            else:
                lists += tuple(name for name in names if key_of(name) not in self._dynamic)
        return lists, tags, silence
