"""A section of `relance.toml`, read value by value: each refusal is French and names the key."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from relance.errors import ConfigurationError
from relance.fold import key_of, setting_of
from relance.french import quoted
from relance.slip import slip_of

#: How the environment, where everything is text, and people say yes or no.
_SAID: Final = {
    **dict.fromkeys(("oui", "vrai", "true", "1"), True),
    **dict.fromkeys(("non", "faux", "false", "0"), False),
}


class Section:
    """The values of `[name]` (of the file itself when it is empty), by their keys without accents.

    `keys`: those it may hold; ConfigurationError, with the nearest, for any other.
    """

    def __init__(self, name: str, values: Mapping[str, object], keys: Sequence[str]) -> None:
        self.name = name
        self._values = {setting_of(key): value for key, value in values.items()}
        for key in self._values:
            if key not in keys:
                near = slip_of(key, keys)
                hint = f" Vouliez-vous dire {quoted(near)} ?" if near else ""
                where = f" dans [{name}]" if name else ""
                raise ConfigurationError(f"Réglage inconnu{where} : {quoted(key)}.{hint}", key)

    def __contains__(self, key: str) -> bool:
        """Whether it says anything of that key."""
        return key in self._values

    def wrong(self, key: str, said: str) -> ConfigurationError:
        """The refusal of a value: « clé » de [section] doit…"""
        where = f" de [{self.name}]" if self.name else ""
        return ConfigurationError(f"{quoted(key)}{where} {said}", key)

    def text(self, key: str, default: str = "", *, exact: bool = False) -> str:
        """A text; its outer spaces count only when it must be `exact` (a password)."""
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "doit être un texte entre guillemets.")
        return value if exact else value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; from the environment, they are separated by commas.

        A date, which TOML writes without quotes, is a text too: 2026-12-24.
        """
        value = self._values.get(key, [])
        if isinstance(value, str):
            value = split(value)
        if isinstance(value, list):
            value = [one.isoformat() if isinstance(one, date) else one for one in value]
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(key, 'doit être une liste de textes, aucun vide : ["…", "…"].')
        return tuple(one.strip() for one in value)

    def choice(self, key: str, default: str, allowed: Sequence[str]) -> str:
        """One of the words allowed, however its capitals, accents and apostrophes are written."""
        value = key_of(self.text(key, default))
        found = next((one for one in allowed if key_of(one) == value), None)
        if found is None:
            known = ", ".join(one for one in allowed if one)
            raise self.wrong(key, f"doit être : {known}.")
        return found

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within bounds, both allowed."""
        found = _number(self._values.get(key, default))
        if found is None or not low <= found <= high:
            raise self.wrong(key, f"doit être un nombre de {low:.15g} à {high:.15g}.")
        return found

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds, both allowed."""
        found = _number(self._values.get(key, default))
        if found is None or not low <= found <= high or found != int(found):
            raise self.wrong(key, f"doit être un nombre entier de {low} à {high}.")
        return int(found)

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        value = self._values.get(key, default)
        if isinstance(value, str):
            value = yes_or_no(value)
        if not isinstance(value, bool):
            raise self.wrong(key, "doit être true ou false.")
        return value

    def table(self, key: str) -> Mapping[str, str]:
        """Texts by name: a section within the section."""
        value = self._values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            within = f"{self.name}.{key}" if self.name else key
            raise self.wrong(key, f"doit être une section [{within}] de textes.")
        return {str(name): text.strip() for name, text in value.items()}


def yes_or_no(text: str) -> bool | None:
    """What a text says; None when it is neither."""
    return _SAID.get(setting_of(text))


def split(text: str) -> list[str]:
    """The items of a list that the environment writes, separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(value: object) -> float | None:
    """The number that a setting, or the text of the environment, writes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
