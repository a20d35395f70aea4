"""A language as leads hold it: by its code, however it was said."""

from collections.abc import Mapping
from functools import cache, lru_cache

from babel import Locale

from relance.fold import REMEMBERED, fold


def language_of(words: str) -> str | None:
    """« fr », « fr-CA », « Français », « English »: its code as it was written, or that of its name."""
    return _known(words) if len(words) <= REMEMBERED else _read(words)


def _read(words: str) -> str | None:
    said = words.strip()
    code, *rest = said.replace("_", "-").split("-")
    if code.lower() in _codes() and all(one.isascii() and one.isalnum() for one in rest):
        return said
    return _named().get(fold(said))


_known = lru_cache(maxsize=1_024)(_read)


@cache
def _codes() -> Mapping[str, str]:
    return Locale("fr").languages


@cache
def _named() -> Mapping[str, str]:
    """The codes of languages by their names in French, in English, and in themselves where it is short."""
    found: dict[str, str] = {}
    for spoken in ("en", "fr"):
        for code, name in Locale(spoken).languages.items():
            if len(code) == 2:
                found.setdefault(fold(name), code)
    own = {"espanol": "es", "deutsch": "de", "portugues": "pt", "italiano": "it"}
    return {**own, **found}
