"""A plugin's section of the settings, read value by value, each refusal in French and naming the key."""

from collections.abc import Mapping, Sequence

from relance.errors import ConfigurationError
from relance.fold import setting_of
from relance.french import quoted
from relance.slip import slip_of


class Section:
    """The values of `[name]`, by their keys without accents."""

    def __init__(self, name: str, values: Mapping[str, object], keys: Sequence[str]) -> None:
        self.name = name
        self._values = {setting_of(key): value for key, value in values.items()}
        for key in self._values:
            if key not in keys:
                near = slip_of(key, keys)
                hint = f" Vouliez-vous dire {quoted(near)} ?" if near else ""
                said = f"Réglage inconnu dans [{name}] : {quoted(key)}.{hint}"
                raise ConfigurationError(said, key)

    def wrong(self, key: str, said: str) -> ConfigurationError:
        """The refusal of a value: « clé » de [section] doit…"""
        return ConfigurationError(f"{quoted(key)} de [{self.name}] {said}", key)

    def text(self, key: str, default: str = "", *, exact: bool = False) -> str:
        """A text; its outer spaces count only when it must be `exact` (a password)."""
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "doit être un texte.")
        return value if exact else value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; from the environment, they are separated by commas."""
        value = self._values.get(key, [])
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(key, "doit être une liste de textes.")
        return tuple(one.strip() for one in value if one.strip())

    def choice(self, key: str, default: str, allowed: Sequence[str]) -> str:
        """One of the words allowed."""
        value = self.text(key, default).lower()
        if value not in allowed:
            known = ", ".join(one for one in allowed if one)
            raise self.wrong(key, f"doit être : {known}.")
        return value

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within bounds."""
        value = self._values.get(key, default)
        try:
            number = float(value) if isinstance(value, int | float | str) else None
        except ValueError:
            number = None
        if number is None or isinstance(value, bool) or not low <= number <= high:
            raise self.wrong(key, f"doit être un nombre de {low:g} à {high:g}.")
        return number

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        value = self._values.get(key, default)
        if isinstance(value, str):
            value = {"oui": True, "true": True, "non": False, "false": False}.get(value.lower())
        if not isinstance(value, bool):
            raise self.wrong(key, "doit être true ou false.")
        return value

    def table(self, key: str) -> Mapping[str, str]:
        """Texts by name: a section within the section."""
        value = self._values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self.wrong(key, f"doit être une section [{self.name}.{key}] de textes.")
        return {str(name): text.strip() for name, text in value.items()}
