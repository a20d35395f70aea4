"""Places whose holidays a library knows, as people call them: « Québec », « France », « CA-QC »."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Final

from babel import Locale
from holidays import country_holidays, list_supported_countries

from relance.fold import key_of

#: The countries whose parts go by their name alone, the first that has one of that name.
_NAMED_PARTS: Final = ("CA", "FR", "BE", "CH", "LU", "US")


def place(text: str, country: str | None = None) -> str | None:
    """The code of a place, « FR » or « CA-QC »; None when no holidays of such a place are known.

    `country` is the one whose parts are looked for first.
    """
    whole, _, part = text.strip().upper().partition("-")
    known = list_supported_countries()
    if whole in known and (not part or part in known[whole]):
        return f"{whole}-{part}" if part else whole
    key = key_of(text)
    if (code := _countries().get(key)) is not None:
        return code
    for one in (country, *_NAMED_PARTS):
        if one in known and (found := _parts(one).get(key)):
            return f"{one}-{found}"
    return None


def near(text: str) -> Sequence[str]:
    """The places whose names look most like it."""
    names = {key_of(name): name for name in _names()}
    found = get_close_matches(key_of(text), names, n=2, cutoff=0.75)
    return [names[one] for one in found]


@cache
def _names() -> Sequence[str]:
    territories = Locale("fr").territories
    countries = [str(territories[code]) for code in _countries().values()]
    parts = [name for code in _NAMED_PARTS for name in country_holidays(code).subdivisions_aliases]
    return [*countries, *parts]


@cache
def _countries() -> dict[str, str]:
    """Their codes, by their folded French names."""
    territories = Locale("fr").territories
    known = list_supported_countries()
    return {key_of(str(territories[code])): code for code in known if code in territories}


@cache
def _parts(country: str) -> dict[str, str]:
    """The codes of its parts, by their folded names."""
    # A collection of holidays is empty, and false, until it is asked of a day.
    return {
        key_of(name): code for name, code in country_holidays(country).subdivisions_aliases.items()
    }
