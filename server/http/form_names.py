"""Which form a web address means: sites write « demande-de-tarif » for « Demande de tarif ».

A form is known by the rules that hear it and by its settings. A name that is none of theirs to the
letter is taken for the only one that a program would spell so; never for one of several.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from relance.fold import identifier_of, key_of, loose_key, names_something

#: What an address may name a form by, in characters.
_LONGEST = 150


class FormNames:
    """The forms of a project. `signed`: those whose posts must be; `set_`: others of its settings."""

    def __init__(self, signed: Iterable[str] = (), set_: Iterable[str] = ()) -> None:
        self._signed = {loose_key(name): name for name in signed}
        self._set = (*self._signed.values(), *set_)
        self._addressed = lru_cache(maxsize=1_024)(self._read)
        self.learn(())

    def learn(self, of_rules: Iterable[str]) -> None:
        """The forms that the rules hear from now on, as they write them."""
        self._names: dict[str, str] = {}
        for name in (*of_rules, *self._set):
            self._names.setdefault(key_of(name), name)
        self._spelt: dict[str, list[str]] = {}
        for name in self._names.values():
            self._spelt.setdefault(identifier_of(name), []).append(name)
        self._addressed.cache_clear()

    @property
    def known(self) -> Sequence[str]:
        """Those of the rules and of the settings, as they are written, in order."""
        return sorted(self._names.values(), key=key_of)

    def is_signed(self, name: str) -> bool:
        """Whether its posts must be signed."""
        return loose_key(name) in self._signed

    def addressed(self, written: str) -> str | None:
        """The name of the form at an address; None when there can be no form of that name."""
        return self._addressed(written) if len(written) <= _LONGEST else None

    def _read(self, written: str) -> str | None:
        if "/" in written or not written.isprintable() or not names_something(written):
            return None
        return self.meant(written)

    def meant(self, written: str) -> str:
        """The name of the form at an address; as written when no known one is meant.

        What only looks like a signed form is taken for it, since a signature is then asked.
        """
        if key_of(written) in self._names:
            return written
        alike = self._spelt.get(identifier_of(written), ())
        if len(alike) == 1:
            return alike[0]
        return self._signed.get(loose_key(written), written)
