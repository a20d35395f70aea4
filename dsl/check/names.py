"""Names an author refers to: exact first, else folded if unique, else spelt as programs spell
names if unique, else the nearest ones.

Keys are folded, values never: what a script finally holds is the name as it was declared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from dsl.help.fidelity import same_name
from relance.fold import identifier_of, key_of

#: Two names are compared in some twenty microseconds: the errors of one check take seconds at most.
_MOST_COMPARED = 50_000


@dataclass(frozen=True, slots=True)
class KnownName:
    """The one name meant, as declared."""

    name: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several names read the same."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such name; the nearest ones, best first."""

    near: tuple[str, ...]


class Names:
    """A closed set of names."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, list[str]] = {}
        #: As files and programs spell them: « Tarif été » is the message of tarif-ete.md.
        self._spelt: dict[str, list[str]] = {}
        self._nearest: dict[str, list[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Declare a name; twice is once."""
        if name not in self._exact:
            self._exact[name] = name
            self._nearest.clear()
            self._folded.setdefault(key_of(name), []).append(name)
            self._spelt.setdefault(identifier_of(name), []).append(name)

    def find(self, text: str) -> KnownName | Ambiguous | Unknown:
        """What `text` refers to."""
        return self.known(text) or Unknown(self._near(text))

    def known(self, text: str) -> KnownName | Ambiguous | None:
        """The same, looking for nothing that resembles it: None when it is no name."""
        if text in self._exact:
            return KnownName(text)
        same = self._folded.get(key_of(text)) or self._spelt.get(identifier_of(text)) or []
        if len(same) == 1:
            return KnownName(same[0])
        return Ambiguous(tuple(same)) if same else None

    def _near(self, text: str) -> tuple[str, ...]:
        """Names spelt like it, those far less so than the likest left out (« rénom » is « prénom »,
        not « nom »); none once many were looked for, which takes long among many."""
        key = key_of(text)
        found = self._nearest.get(key)
        if found is None:
            if len(self._nearest) * len(self._folded) > _MOST_COMPARED:
                return ()
            found = get_close_matches(key, self._folded, n=3, cutoff=0.68)
            found = [one for one in found if _likeness(key, one) > _likeness(key, found[0]) - 0.12]
            self._nearest[key] = found
        names = (name for one in found for name in self._folded[one])
        return tuple(name for name in names if same_name(text, name))

    def __contains__(self, text: str) -> bool:
        return isinstance(self.known(text), KnownName)

    def __iter__(self) -> Iterator[str]:
        return iter(self._exact)


def _likeness(key: str, other: str) -> float:
    return SequenceMatcher(None, other, key).ratio()
