"""Which field each column of a file fills, as people name columns.

A name is looked for as a field's own, then among the usual ones; what is neither is left out and
told, with the nearest field. Two columns for one field are never chosen between.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from relance import field_names
from relance.fold import identifier_of, key_of, loose_key
from relance.slip import slip_of
from server.imports.sheet import BadFile


class Special(Enum):
    """Columns that are no field: what an export tells beside."""

    LISTS = "listes"
    TAGS = "étiquettes"
    SILENCE = "ne plus écrire par"
    AT = "date de la fiche"
    COMPUTED = "calculé par Relance"


_SPECIAL: Mapping[str, Special] = {
    "listes": Special.LISTS,
    "liste": Special.LISTS,
    "etiquettes": Special.TAGS,
    "etiquette": Special.TAGS,
    "tags": Special.TAGS,
    "tag": Special.TAGS,
    "mots-cles": Special.TAGS,
    "labels": Special.TAGS,
    "ne-plus-ecrire-par": Special.SILENCE,
    **dict.fromkeys(
        (
            *("date-de-la-fiche", "modifie-le", "modifiee-le", "mis-a-jour-le", "mise-a-jour-le"),
            *("derniere-modification", "date-de-modification", "date-de-mise-a-jour"),
            *("updated-at", "last-updated", "last-modified", "modified-at", "date-modified"),
        ),
        Special.AT,
    ),
    "pointage": Special.COMPUTED,
    "cree-le": Special.COMPUTED,
    "numero-du-lead": Special.COMPUTED,
    "ligne": Special.COMPUTED,
    "raison": Special.COMPUTED,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """The columns of a file: which field or special each fills, which are left out."""

    #: By place in the file: the field's key.
    fields: Mapping[int, str]
    specials: Mapping[int, Special] = field(default_factory=dict)
    #: Names left out, and the nearest field.
    unknown: Mapping[str, str | None] = field(default_factory=dict)


def match(
    names: Sequence[str],
    fields: Mapping[str, str],
    asked: Mapping[str, str],
    usual: Mapping[str, Sequence[str]] | None = None,
    specials: Mapping[str, Special] = _SPECIAL,
) -> Matched:
    """Match columns with fields, given by key with their names.

    `asked`: what the person says, from a column's name to a field's (empty: leave it out).
    `usual`: the names people give, by field; those of leads when it is not said.
    """
    said = {key_of(column): name for column, name in asked.items()}
    alike = _alike(fields)
    _refuse_unknown_columns(asked, names)
    people = field_names.meaning if usual is None else _nobody
    by_field = field_names.USUAL if usual is None else usual
    meant = {alias: key for key, aliases in by_field.items() for alias in aliases if key in fields}
    found: dict[int, str] = {}
    special: dict[int, Special] = {}
    unknown: dict[str, str | None] = {}
    for place, name in enumerate(names):
        written, key = key_of(name), loose_key(name)
        if written in said:
            if said[written]:
                found[place] = _asked(said[written], fields)
        elif (own := identifier_of(name)) in fields:
            found[place] = own
        elif key in alike:
            found[place] = alike[key]
        elif key in specials:
            special[place] = specials[key]
        elif key in meant:
            found[place] = meant[key]
        elif (known := people(name)) is not None and known in fields:
            found[place] = known
        elif name:
            unknown[name] = _near(key, fields, meant)
    _refuse_doubles(names, found, fields)
    return Matched(found, special, unknown)


def _alike(fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields by letters and digits alone, less those that only their signs tell apart."""
    counts = Counter(map(loose_key, fields))
    return {key: own for own in fields if (key := loose_key(own)) and counts[key] == 1}


def _nobody(_: str) -> str | None:
    """What is no file of people has only the names it says."""
    return None


def _asked(name: str, fields: Mapping[str, str]) -> str:
    key = identifier_of(name)
    key = key if key in fields else _alike(fields).get(loose_key(name), key)
    if key not in fields:
        near = _near(key, fields, {})
        meant = f" Vouliez-vous dire « {near} » ?" if near else ""
        raise BadFile(f"Il n’y a pas de champ « {name} ».{meant}")
    return key


def _refuse_unknown_columns(asked: Mapping[str, str], names: Sequence[str]) -> None:
    keys = {key_of(name) for name in names}
    for column in asked:
        if key_of(column) not in keys:
            known = ", ".join(f"« {name} »" for name in names if name)
            raise BadFile(f"Le fichier n’a pas de colonne « {column} ». Ses colonnes : {known}.")


def _near(key: str, fields: Mapping[str, str], meant: Mapping[str, str]) -> str | None:
    close = slip_of(key, [*fields, *meant], cutoff=0.75)
    return fields[meant.get(close, close)] if close else None


def _refuse_doubles(
    names: Sequence[str], found: Mapping[int, str], fields: Mapping[str, str]
) -> None:
    first: dict[str, int] = {}
    for place, key in found.items():
        if key in first:
            one, other = names[first[key]], names[place]
            raise BadFile(
                f"Deux colonnes donnent le champ « {fields[key]} » : « {one} » et « {other} ». "
                + _way_out(one, other)
            )
        first[key] = place


def _way_out(one: str, other: str) -> str:
    if key_of(one) == key_of(other):
        return "Donnez-leur deux noms, ou enlevez-en une."
    return f'Pour laisser la seconde de côté : --colonne "{other}=".'


def missing(wanted: Iterable[str], matched: Matched) -> list[str]:
    """Which of these fields no column fills."""
    filled = set(matched.fields.values())
    return [key for key in wanted if key not in filled]
