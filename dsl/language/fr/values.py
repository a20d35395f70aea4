"""French values: each reader turns the text of a slot into a value, or says what to write instead."""

import re
from calendar import monthrange
from datetime import date, time
from decimal import Decimal

from relance import currency, french
from relance.fold import fold
from relance.slot import Unreadable
from relance.values import Amount, Change, Comparator, Direction, Duration, Percentage, Weekday

_DIGITS = r"\d{1,3}(?: \d{3})+(?!\d)|\d+"
_NUMBER = re.compile(rf"([+-]?)\s?({_DIGITS})(?:,(\d+))?")
_POINT = re.compile(r"[+-]?\d+\.\d+")
_MAX_DIGITS = 18

MONTHS = {fold(name): number for number, name in enumerate(french.MONTHS, 1)}
WEEKDAYS = {name: Weekday(number) for number, name in enumerate(french.WEEKDAYS)}

#: Unit → (months, days, seconds) of one of them.
UNITS = {
    "an": (12, 0, 0),
    "annee": (12, 0, 0),
    "mois": (1, 0, 0),
    "semaine": (0, 7, 0),
    "jour": (0, 1, 0),
    "j": (0, 1, 0),
    "heure": (0, 0, 3600),
    "h": (0, 0, 3600),
    "minute": (0, 0, 60),
    "min": (0, 0, 60),
    "mn": (0, 0, 60),
    "seconde": (0, 0, 1),
    "s": (0, 0, 1),
}

SMALL_NUMBERS = {
    "zero": 0,
    "un": 1,
    "une": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "neuf": 9,
    "dix": 10,
    "onze": 11,
    "douze": 12,
    "treize": 13,
    "quatorze": 14,
    "quinze": 15,
    "seize": 16,
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "septante": 70,
    "huitante": 80,
    "octante": 80,
    "nonante": 90,
}

CURRENCIES = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "CAD",
    "$ca": "CAD",
    "cad": "CAD",
    "dollar": "CAD",
    "dollars": "CAD",
    "$us": "USD",
    "usd": "USD",
}

_COMPARATORS = {
    Comparator.GREATER: "> | superieur(e)(s) | superieur(e)(s) a | plus grand(e)(s) que | plus de | au-dessus de",
    Comparator.AT_LEAST: "≥ | ⩾ | >= | au moins | superieur(e)(s) ou egal(e)(s) a | minimum",
    Comparator.EQUAL: "= | == | egal(e)(s) | egal(e)(s) a | egaux | egaux a | exactement",
    Comparator.DIFFERENT: "≠ | != | <> | different(e)(s) | different(e)(s) de | different(e)(s) d'",
    Comparator.AT_MOST: "≤ | ⩽ | <= | au plus | inferieur(e)(s) ou egal(e)(s) a | maximum",
    Comparator.LESS: "< | inferieur(e)(s) | inferieur(e)(s) a | plus petit(e)(s) que | moins de"
    " | au-dessous de | en-dessous de | en dessous de",
}


def _spellings(forms: str) -> set[str]:
    spelt = set()
    for form in forms.split(" | "):
        for feminine in ("", "e"):
            for plural in ("", "s"):
                spelt.add(form.replace("(e)", feminine).replace("(s)", plural))
    return spelt


COMPARATORS = {
    spelling: comparator
    for comparator, forms in _COMPARATORS.items()
    for spelling in _spellings(forms)
}

DIRECTIONS = {
    "avant": Direction.BEFORE,
    "plus petit": Direction.BEFORE,
    "plus petite": Direction.BEFORE,
    "anterieure": Direction.BEFORE,
    "apres": Direction.AFTER,
    "plus grand": Direction.AFTER,
    "plus grande": Direction.AFTER,
    "posterieure": Direction.AFTER,
}


def _shown(text: str) -> str:
    """A text quoted in a message, shortened: a message stays readable whatever was pasted."""
    kept = " ".join(text.split())
    return french.quoted(kept if len(kept) <= 60 else kept[:59] + "…")


def _decimal(text: str) -> Decimal | None:
    match = _NUMBER.fullmatch(fold(text))
    if match is None or len(match[2]) + len(match[3] or "") > _MAX_DIGITS:
        return None
    whole = match[2].replace(" ", "")
    return Decimal(f"{match[1]}{whole}.{match[3] or 0}") if match[3] else Decimal(match[1] + whole)


def number(text: str) -> Decimal | Unreadable:
    """« 1 234,50 »."""
    read = _decimal(text)
    if read is not None:
        return read
    if _POINT.fullmatch(fold(text)):
        return _pointed(text, fold(text).replace(".", ","))
    if (counted := SMALL_NUMBERS.get(fold(text))) is not None:
        return Unreadable(f"{_shown(text)} : un nombre s’écrit en chiffres", str(counted))
    return Unreadable(f"{_shown(text)} n’est pas un nombre", "1 234,50")


def _pointed(text: str, instead: str) -> Unreadable:
    return Unreadable(f"{_shown(text)} : les décimales s’écrivent avec une virgule", instead)


def percentage(text: str) -> Percentage | Unreadable:
    """« 50 % », « 12,5 pour cent », or the bare number."""
    bare = re.sub(r"\s*(?:%|pour ?cent)$", "", fold(text))
    read = _decimal(bare)
    if read is None and _POINT.fullmatch(bare):
        return _pointed(text, f"{bare.replace('.', ',')} %")
    if read is None:
        return Unreadable(f"{_shown(text)} n’est pas un pourcentage", "50 %")
    if not 0 <= read <= 100:
        return Unreadable(f"{_shown(text)} : un pourcentage va de 0 à 100", "50 %")
    return Percentage(read)


def amount(text: str) -> Amount | Unreadable:
    """« 49,90 € », « 50 $ », « $50 », or the bare number."""
    folded = re.sub(r"^([$€])\s*(\d.*)$", r"\2 \1", fold(text))
    match = re.fullmatch(r"(.*?\d)\s*([^\d\s,.]*)", folded)
    value = _decimal(match[1]) if match else None
    if match and _POINT.fullmatch(match[1]):
        return _pointed(text, f"{match[1].replace('.', ',')} {match[2]}".strip())
    if match is None or value is None:
        return Unreadable(f"{_shown(text)} n’est pas un montant", "49,90 $")
    if not match[2]:
        return Amount(value)
    if match[2] not in CURRENCIES and match[2].upper() not in currency.CODES:
        return Unreadable(f"{_shown(text)} : cette monnaie n’est pas connue", "49,90 $ ou 49,90 €")
    return Amount(value, CURRENCIES.get(match[2], match[2].upper()))


_PIECE = re.compile(r"(\d{1,6}|[a-z]+) ?([a-z]+)(?:\(s\))?")
_JOIN = re.compile(r"\s*(?:,|et)?\s*")


def _unit(word: str) -> tuple[int, int, int] | None:
    return UNITS.get(word) or UNITS.get(word.removesuffix("s"))


def duration(text: str) -> Duration | Unreadable:
    """« 3 jours », « 2 h 30 », « 1 semaine et 2 jours », « 1 mois »."""
    folded = fold(text)
    months = days = seconds = position = 0
    after_hours = False
    while position < len(folded):
        rest = re.match(r"(\d{1,2})$", folded[position:])
        if rest and after_hours:
            seconds += int(rest[1]) * 60
            return Duration(months, days, seconds)
        piece = _PIECE.match(folded, position)
        unit = _unit(piece[2]) if piece else None
        count = _count(piece[1]) if piece else None
        if piece is None or unit is None or count is None:
            return _no_duration(text)
        months += unit[0] * count
        days += unit[1] * count
        seconds += unit[2] * count
        after_hours = unit[2] == 3600
        joined = _JOIN.match(folded, piece.end())
        position = joined.end() if joined else piece.end()
    return Duration(months, days, seconds) if folded else _no_duration(text)


def _count(word: str) -> int | None:
    return int(word) if word.isdecimal() else SMALL_NUMBERS.get(word)


def _no_duration(text: str) -> Unreadable:
    if re.match(r"\d+[.,]\d+ ?[a-z]", fold(text)):
        return Unreadable(
            f"{_shown(text)} : une durée se compte en nombres entiers", "1 jour et 12 heures"
        )
    if _decimal(text) is not None:
        meant = f"{text.strip()} jours"
        instead = meant if isinstance(duration(meant), Duration) else "3 jours"
        return Unreadable(f"{_shown(text)} : il manque l’unité de temps", instead)
    return Unreadable(f"{_shown(text)} n’est pas une durée", "3 jours, 2 h 30 ou 1 semaine")


def day(text: str) -> date | Unreadable:
    """« 2026-12-24 », « 24 décembre 2026 », « 1er août 2026 », « 24/12/2026 »."""
    folded = fold(text).removeprefix("le ")
    for name, meant in WEEKDAYS.items():
        if folded.startswith(name + " "):
            return _on(meant, text, _day(text, folded.removeprefix(name + " ")))
    return _day(text, folded)


def _on(meant: Weekday, text: str, read: date | Unreadable) -> date | Unreadable:
    """A date written with its day of the week, which must be the right one."""
    if isinstance(read, Unreadable) or read.weekday() == meant.value:
        return read
    right = french.WEEKDAYS[read.weekday()]
    return Unreadable(f"{_shown(text)} : ce jour-là est un {right}", None)


def _day(text: str, folded: str) -> date | Unreadable:
    if match := re.fullmatch(r"(\d+)-(\d{1,2})-(\d{1,2})", folded):
        return _date(text, match[1], int(match[2]), match[3])
    if match := re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d+)", folded):
        return _date(text, match[4], int(match[3]), match[1])
    match = re.fullmatch(r"(\d{1,2})(?:er| er)? ([a-z]+)\.? (\d+)", folded)
    if match and match[2] in MONTHS:
        return _date(text, match[3], MONTHS[match[2]], match[1])
    if (match := re.fullmatch(r"\d{1,2}(?:er| er)? ([a-z]+)", folded)) and match[1] in MONTHS:
        return Unreadable(f"{_shown(text)} : il manque l’année", "24 décembre 2026")
    return Unreadable(f"{_shown(text)} n’est pas une date", "24 décembre 2026 ou 2026-12-24")


def _date(text: str, year: str, month: int, day_of_month: str) -> date | Unreadable:
    if len(year) != 4:
        return Unreadable(
            f"{_shown(text)} : l’année s’écrit avec quatre chiffres",
            _written(int(year) + 2000, month, int(day_of_month)) if len(year) == 2 else None,
        )
    try:
        return date(int(year), month, int(day_of_month))
    except ValueError:
        if not 1 <= month <= 12:
            return Unreadable(f"{_shown(text)} : il n’y a pas de mois numéro {month}", None)
        return Unreadable(
            f"{_shown(text)} : cette date n’existe pas, {french.MONTHS[month - 1]} {year} n’a pas de"
            f" jour {int(day_of_month)}",
            _last_day(int(year), month) if int(day_of_month) else None,
        )


def _last_day(year: int, month: int) -> str | None:
    return date(year, month, monthrange(year, month)[1]).isoformat() if year else None


def _written(year: int, month: int, day_of_month: int) -> str | None:
    try:
        return date(year, month, day_of_month).isoformat()
    except ValueError:
        return None


def clock_time(text: str) -> time | Unreadable:
    """« 9 h 30 », « 9h », « 09:30 », « midi », « minuit »."""
    folded = fold(text).removeprefix("a ")
    if folded in ("midi", "minuit"):
        return time(12 if folded == "midi" else 0)
    match = re.fullmatch(r"(\d{1,2}) ?(?:h|heures?|:) ?(\d{1,2})?(?: ?(?:min|minutes?))?", folded)
    if match is None or (":" in folded and match[2] is None):
        return Unreadable(f"{_shown(text)} n’est pas une heure", "9 h 30")
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > 23 or minute > 59:
        return Unreadable(f"{_shown(text)} : cette heure n’existe pas", "9 h 30")
    return time(hour, minute)


def weekday(text: str) -> Weekday | Unreadable:
    """« lundi »."""
    folded = fold(text).removeprefix("le ")
    found = WEEKDAYS.get(folded) or WEEKDAYS.get(folded.removesuffix("s"))
    return (
        found
        if found is not None
        else Unreadable(f"{_shown(text)} n’est pas un jour de la semaine", "lundi")
    )


def comparator(text: str) -> Comparator | Unreadable:
    """« supérieur à », « au moins », « = »…"""
    if text.strip().removeprefix("est ") == "≠":  # its stroke would be folded away as an accent
        return Comparator.DIFFERENT
    folded = fold(text).replace("jusqu'a", "au plus").removeprefix("est ")
    found = COMPARATORS.get(folded)
    return found or Unreadable(
        f"{_shown(text)} n’est pas une comparaison",
        "supérieur à, au moins, égal à, différent de, au plus ou inférieur à",
    )


def direction(text: str) -> Direction | Unreadable:
    """« avant », « après », « plus grande », « plus petite »."""
    found = DIRECTIONS.get(fold(text))
    return found or Unreadable(f"{_shown(text)} n’est ni avant ni après", "avant ou après")


def change(text: str) -> Change | Unreadable:
    """« +10 », « -5 », « =50 »."""
    folded = fold(text).replace("−", "-")
    match = re.fullmatch(r"([+=-]) ?([+-]?\d{1,9})", folded)
    if match and (match[1] == "=" or match[2].isdecimal()):
        absolute = match[1] == "="
        return Change(int(match[2]) if absolute else int(match[1] + match[2]), absolute)
    if re.fullmatch(r"[+=-]? ?\d+[.,]\d+", folded):
        return Unreadable(f"{_shown(text)} : le changement est un nombre entier", "+10, -5 ou =50")
    if re.fullmatch(r"\d{1,9}", folded):
        return Unreadable(
            f"{_shown(text)} : dites s’il faut ajouter, retirer ou remplacer",
            f"+{folded}, -{folded} ou ={folded}",
        )
    return Unreadable(f"{_shown(text)} n’est pas un changement", "+10, -5 ou =50")
