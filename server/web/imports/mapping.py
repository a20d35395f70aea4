"""The columns of a file beside the fields they fill, over its first rows; what a form says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from relance.fold import key_of
from server.imports.cells import Unfit, day
from server.imports.headings import match
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder
from server.imports.sheet import BadFile
from server.store.fields import FieldCatalogue
from server.web.posted import Posted

_SAMPLE, _SHOWN = 5, 60
#: What a form says of a column that is left as it was guessed, when it fills no field.
AS_GUESSED, LEFT_OUT = "*", ""
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column: its first cells; the key of the field it fills, or what else it says (`special`)."""

    place: int
    name: str
    sample: Sequence[str]
    field: str
    special: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class FileLook:
    """A file as its first rows show it. `wrong`: why its columns do not do as they are matched."""

    written: str
    columns: Sequence[FileColumn]
    wrong: str = ""


def look(path: Path, fields: FieldCatalogue, order: ImportOrder) -> FileLook:
    """Its columns as they are matched; BadFile when it is no table."""
    known, wrong = {one.key: one.name for one in fields}, ""
    sheet = open_sheet(path)
    try:
        names = sheet.heading.names
        rows = [row.cells for row in islice(sheet.rows(), _SAMPLE)]
        written = sheet.heading.written
    finally:
        sheet.close()
    try:
        matched = match(names, known, order.columns)
    except BadFile as fault:
        wrong = by_form(str(fault))
        matched = match(names, known, {name: "" for name in names if name})
    columns = [
        FileColumn(
            place,
            name,
            [row[place][:_SHOWN] if place < len(row) else "" for row in rows],
            matched.fields.get(place, ""),
            matched.specials[place].value if place in matched.specials else "",
            matched.unknown.get(name) or "",
        )
        for place, name in enumerate(names)
        if name
    ]
    return FileLook(written, columns, wrong)


def order_of(form: Posted, columns: Sequence[FileColumn], fields: FieldCatalogue) -> ImportOrder:
    """What a form asks; BadFile for what nobody can do."""
    known = {one.key: one.name for one in fields}
    said: dict[str, str] = {}
    for one in columns:
        value = form.text(f"c{one.place}")
        if value != AS_GUESSED:
            said[one.name] = known.get(value, "")
    as_of, base, how = (form.text(name).strip() for name in ("date", "base", "comment"))
    try:
        when = day(as_of).isoformat() if as_of else None
    except Unfit as unfit:
        raise BadFile(f"La date du fichier ne se lit pas : {unfit}.") from unfit
    return ImportOrder(
        _named(form, "liste", "listes"),
        _named(form, "etiquette", "etiquettes"),
        known.get(form.text("cle"), "courriel"),
        said,
        heard=form.text("campagnes") == "oui",
        as_of=when,
        consent=f"{base} : {how}" if base else None,
    )


def by_form(text: str) -> str:
    """A sentence of the command, without what only a command takes."""
    kept = [one for one in text.split(". ") if "--" not in one]
    return ". ".join(kept).rstrip(". ") + "."


def _named(form: Posted, ticked: str, typed: str) -> tuple[str, ...]:
    """Those ticked among what there is, then those typed, each once however it is written."""
    named = [*form.several(ticked), *form.text(typed).split(",")]
    by_key = {key_of(one): one.strip() for one in reversed(named) if one.strip()}
    found = tuple(reversed(by_key.values()))
    if any(len(one) > _LONGEST_NAME for one in found):
        raise BadFile(f"Un nom de liste ou d’étiquette compte au plus {_LONGEST_NAME} caractères.")
    return found


def choices(fields: FieldCatalogue) -> Mapping[str, str]:
    """The fields, by key, as people sort them."""
    return {one.key: one.name for one in sorted(fields, key=lambda one: one.key)}
