"""What somebody sent by a form of an extension, read by the kind of each field, or why it is not that."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from relance.page_form import FieldKind, FieldValue, PageField, PageForm
from server.web.posted import Posted

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,250}")
#: Signs of a text, where its field says no bound.
_LINE, _LINES = 500, 20_000
#: What is typed in each field goes by this and its key.
PREFIX = "v-"


class Mistyped(ValueError):
    """Why what was typed is not what the field asks for, in French."""


def typed_in(form: PageForm, given: Posted) -> Mapping[str, str]:
    """What was typed in each field, as it was."""
    return {
        one.key: given.long_text(f"{PREFIX}{one.key}", _LINES).replace("\r\n", "\n")
        for one in form.fields
    }


def values_of(
    form: PageForm, typed: Mapping[str, str]
) -> tuple[Mapping[str, FieldValue], Mapping[str, str]]:
    """The value of each field, and what is wrong, by field."""
    values: dict[str, FieldValue] = {}
    faults: dict[str, str] = {}
    for one in form.fields:
        try:
            values[one.key] = _value(one, typed[one.key])
        except Mistyped as unfit:
            faults[one.key] = str(unfit)
    return values, faults


def _value(one: PageField, text: str) -> FieldValue:
    if one.kind is FieldKind.FLAG:
        return bool(text)
    text = text.strip()
    if not text:
        if one.required:
            raise Mistyped("Ce champ est à remplir.")
        return None
    match one.kind:
        case FieldKind.NUMBER:
            return _number(one, text)
        case FieldKind.DAY:
            return _day(text)
        case FieldKind.CHOICE if text not in one.choices:
            raise Mistyped("Choisissez l’un de ceux de la liste.")
        case FieldKind.EMAIL if not _EMAIL.fullmatch(text):
            raise Mistyped("Ce n’est pas une adresse de courriel.")
    most = one.most or (_LINES if one.kind is FieldKind.LINES else _LINE)
    if len(text) > most:
        raise Mistyped(f"{most} signes au plus, et il y en a {len(text)}.")
    if one.kind is not FieldKind.LINES and "\n" in text:
        raise Mistyped("Une seule ligne est attendue.")
    return text


def _number(one: PageField, text: str) -> Decimal:
    spelt = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    try:
        number = Decimal(spelt)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(spelt) > 30:
        raise Mistyped("Un nombre est attendu.")
    if one.least is not None and number < one.least:
        raise Mistyped(f"Un nombre d’au moins {one.least} est attendu.")
    if one.most is not None and number > one.most:
        raise Mistyped(f"Un nombre d’au plus {one.most} est attendu.")
    return number


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Mistyped("Un jour est attendu, comme 2026-12-24.") from error
    if not 1800 < found.year < 2200:
        raise Mistyped("Ce jour est trop loin.")
    return found
