"""What a cell says, as the value a field holds; a cell that says something else is told, in French.

Nothing is guessed: « 03/04/2026 » is the third of April, as written in French, and a year of two
digits is refused.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, YES_NO, together
from relance.fold import fold
from relance.french import MONTHS
from server.intake.field_values import elements, read_choice, read_date, read_number, read_yes_no
from server.intake.identities import EMAIL, Identity
from server.intake.taught import LANGUAGE, ZONE, read_one
from server.store import contacts
from server.store.fields import FieldColumn
from server.store.instants import DEFAULT_ZONE, Micros, resolve, to_micros

Read = Callable[[str], object]

_PHONES = frozenset({"telephone", "cellulaire"})
_MONTHS = {fold(name): place for place, name in enumerate(MONTHS, 1)}
_IN_WORDS = re.compile(r"(\d{1,2})(?:er)? ([a-z]+)\.? (\d{4})")
_WITH_TIME = re.compile(r"(.+?)[ T]\d{1,2}[:h]\d{2}.*")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}")
_OLDEST, _LATEST = 1900, 2200


class Unfit(ValueError):
    """A cell that is no value of its column; the message is French."""


class WrittenAddress(NamedTuple):
    """An address of e-mail as it is written, and what it is known by."""

    written: str
    identity: Identity


def reader_of(field: FieldColumn, region: str) -> Read:
    """How the cells of a field are read; those of « courriel », as an `WrittenAddress`."""
    if field.key == "courriel":
        return _email
    if field.key in _PHONES:
        return lambda text: _phone(text, region)
    if field.key in (LANGUAGE, ZONE):
        return lambda text: _spoken_or_kept(field, text, region)
    if field.type == CHOICE:
        return lambda text: _choice(text, field.choices)
    if field.type == MULTIPLE:
        return lambda text: _elements(text, field.choices)
    return {NUMBER: number, AMOUNT: number, DATE: day, YES_NO: yes_no}.get(field.type, whole)


#: What a spreadsheet shows of a long number: its last digits are not in the file any more.
_ROUNDED = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}", re.IGNORECASE)


def whole(text: str) -> str:
    """A text that lost nothing on its way: two clients must not become one."""
    if _ROUNDED.fullmatch(text):
        raise Unfit(
            f"{_shown(text)} est un nombre arrondi par le tableur : ses derniers chiffres sont "
            "perdus, et deux clients n’en feraient plus qu’un. Dans le fichier d’origine, mettez "
            "cette colonne au format « Texte » (ou « Nombre » sans décimale), puis exportez de "
            "nouveau"
        )
    return text


def _email(text: str) -> WrittenAddress:
    key = contacts.email_key(text)
    if key is None:
        raise Unfit(f"{_shown(text)} n’est pas une adresse de courriel")
    return WrittenAddress(text, (EMAIL, key))


def _phone(text: str, region: str) -> str:
    found = contacts.phone_key(whole(text), region)
    if found is None:
        raise Unfit(f"{_shown(text)} n’est pas un numéro de téléphone")
    return found


def _spoken_or_kept(field: FieldColumn, text: str, region: str) -> object:
    found = read_one(field, text, region)
    if found is None:
        wanted = (
            "une langue (fr, en, fr-CA)"
            if field.key == LANGUAGE
            else "un fuseau (America/Montreal)"
        )
        raise Unfit(f"{_shown(text)} n’est pas {wanted}")
    return found


def number(text: str) -> Decimal:
    """« 1 234,50 »."""
    found = read_number(text)
    if found is None:
        raise Unfit(f"{_shown(text)} n’est pas un nombre")
    return found


def exact(text: str) -> Decimal:
    """An amount, to the cent and no further than four decimals."""
    found = number(text)
    try:
        rounded = found.quantize(Decimal("0.0001"))
    except InvalidOperation as error:
        raise Unfit(f"{_shown(text)} n’est pas un montant") from error
    if rounded != found:
        raise Unfit(f"{_shown(text)} a plus de quatre décimales")
    return found


def day(text: str) -> date:
    """« 2026-12-24 », « 24/12/2026 », « 24 décembre 2026 »."""
    found = read_date(text) or _day_in_words(text)
    if found is None and (timed := _WITH_TIME.fullmatch(text)):
        found = read_date(timed[1])
    if found is None:
        if _SHORT_YEAR.fullmatch(text):
            raise Unfit(f"{_shown(text)} : écrivez l’année en quatre chiffres")
        raise Unfit(f"{_shown(text)} n’est pas une date (écrivez 2026-12-24 ou 24/12/2026)")
    if not _OLDEST <= found.year <= _LATEST:
        raise Unfit(f"{_shown(text)} : cette année n’est pas vraisemblable")
    return found


def instant(text: str) -> Micros:
    """When a row was right: an instant, or the beginning of a day."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.combine(day(text), time())
    if not _OLDEST <= found.year <= _LATEST:
        raise Unfit(f"{_shown(text)} : cette année n’est pas vraisemblable")
    return resolve(found, DEFAULT_ZONE) if found.tzinfo is None else to_micros(found)


def _day_in_words(text: str) -> date | None:
    match = _IN_WORDS.fullmatch(fold(text))
    if match is None:
        return None
    number_, word, year = match.groups()
    months = [at for name, at in _MONTHS.items() if len(word) >= 3 and name.startswith(word)]
    # « juin » and « juillet » share their first three letters.
    if len(months) != 1:
        return None
    try:
        return date(int(year), months[0], int(number_))
    except ValueError:
        return None


def yes_no(text: str) -> bool:
    """« oui », « non »."""
    found = read_yes_no(text)
    if found is None:
        raise Unfit(f"{_shown(text)} n’est ni oui ni non")
    return found


def _choice(text: str, choices: Sequence[str]) -> str:
    found = read_choice(text, choices)
    if found is None:
        known = ", ".join(f"« {one} »" for one in choices)
        raise Unfit(f"{_shown(text)} n’est pas un des choix : {known}")
    return found


def _elements(text: str, choices: Sequence[str]) -> str | None:
    """« Vélo, Course », « Vélo | Course »."""
    return together([_choice(one, choices) for one in elements(text, choices)], choices)


def _shown(text: str) -> str:
    return f"« {text[:60]}… »" if len(text) > 60 else f"« {text} »"


#: A lone backslash at the end of the text is a sign like any other, and nothing is tried twice.
_SEPARATED = re.compile(r"((?:[^|\\]|\\.|\\\Z)*)(?:\||\Z)", re.DOTALL)


def names(cell: str) -> Sequence[str]:
    """« Infolettre | Clients »: several names in a cell; « \\| » is a bar in a name."""
    found = [re.sub(r"\\(.)", r"\1", part).strip() for part in _SEPARATED.findall(cell)]
    return tuple(dict.fromkeys(one for one in found if one))


def joined(several: Sequence[str]) -> str:
    """Names in a cell, as `names` reads them back."""
    return " | ".join(re.sub(r"([|\\])", r"\\\1", one) for one in several)
