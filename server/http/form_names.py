"""Which form a web address means: sites write « demande-de-tarif » for « Demande de tarif ».

A form is known by the rules that hear it and by its settings. A name that is none of theirs to the
letter is taken for the only one that a program would spell so; never for one of several.
"""

from collections.abc import Iterable, Sequence

from relance.fold import identifier_of, key_of, loose_key


class FormNames:
    """The forms of a project. `signed`: those whose posts must be; `set_`: others of its settings."""

    def __init__(self, signed: Iterable[str] = (), set_: Iterable[str] = ()) -> None:
        self._signed = {loose_key(name): name for name in signed}
        self._set = (*self._signed.values(), *set_)
        self.learn(())

    def learn(self, of_rules: Iterable[str]) -> None:
        """The forms that the rules hear from now on, as they write them."""
        self._names: dict[str, str] = {}
        for name in (*of_rules, *self._set):
            self._names.setdefault(key_of(name), name)
        self._spelt: dict[str, list[str]] = {}
        for name in self._names.values():
            self._spelt.setdefault(identifier_of(name), []).append(name)

    @property
    def known(self) -> Sequence[str]:
        """Those of the rules and of the settings, as they are written, in order."""
        return sorted(self._names.values(), key=key_of)

    def is_signed(self, name: str) -> bool:
        """Whether its posts must be signed."""
        return loose_key(name) in self._signed

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
