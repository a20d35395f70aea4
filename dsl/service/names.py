"""The names of a project: what each is, who declares it, who uses it; and which may stand in a slot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.check.fields import BUILT_IN
from dsl.check.lexicon import CAMPAIGN, FIELD, STEP
from dsl.check.names import KnownName, Names
from dsl.check.references import Offered
from dsl.service.occurrences import LEAD, SCENARIO, NameRole, Occurrence
from relance.fold import identifier_of, key_of

#: Names that belong to the block they are written in.
SCOPED = (STEP, LEAD)
#: What the scope of each begins with.
OWNERS = {STEP: CAMPAIGN, LEAD: SCENARIO}


@dataclass(slots=True)
class ProjectName:
    """One name: as it is declared, or as it was first written, and everywhere it stands."""

    kind: str
    name: str
    scope: str = ""
    #: Whether the project offers it beside its scripts: a message, a person of the team.
    offered: bool = False
    places: list[Occurrence] = field(default_factory=list)

    @property
    def declared(self) -> Occurrence | None:
        """Where it is declared first; None for what the world makes."""
        return next((one for one in self.places if one.role is NameRole.DECLARES), None)


class NameTable:
    """Every name of a project at one instant."""

    def __init__(
        self, occurrences: Iterable[Occurrence], references: Mapping[str, Offered]
    ) -> None:
        self._found: dict[tuple[str, str, str], ProjectName] = {}
        self._known: dict[str, Names] = defaultdict(Names)
        written = sorted(occurrences, key=lambda one: one.role is not NameRole.DECLARES)
        for one in BUILT_IN:
            self._add(FIELD, one.name).offered = True
        for kind, names in references.items():
            for name in names:
                self._add(key_of(kind), name).offered = True
        for place in written:
            self._place(place)

    def at(self, place: Occurrence) -> ProjectName:
        """What a name of a script stands for."""
        return self._found[self._key(place)]

    def of(self, kind: str, scope: str = "") -> Sequence[ProjectName]:
        """The names of a kind, those of a scope first, then as they are sorted by people."""
        found = [one for one in self._found.values() if one.kind == kind]
        return sorted(found, key=lambda one: (one.scope != scope, key_of(one.name)))

    def taken(self, kind: str, name: str, scope: str = "") -> ProjectName | None:
        """Whoever bears a name already, among those that must differ from it."""
        wanted = identifier_of(name) if kind == FIELD else key_of(name)
        for one in self._found.values():
            own = identifier_of(one.name) if kind == FIELD else key_of(one.name)
            if one.kind == kind and own == wanted and (kind not in SCOPED or one.scope == scope):
                return one
        return None

    def _add(self, kind: str, name: str, scope: str = "") -> ProjectName:
        key = kind, scope, identifier_of(name) if kind == FIELD else key_of(name)
        if key not in self._found:
            self._found[key] = ProjectName(kind, name, scope)
            self._known[kind].add(name)
        return self._found[key]

    def _place(self, place: Occurrence) -> None:
        if place.role is NameRole.DECLARES:
            self._add(place.kind, place.name, place.scope)
        key = self._key(place)
        if key not in self._found:
            self._add(place.kind, place.name, place.scope)
            key = self._key(place)
        self._found[key].places.append(place)

    def _key(self, place: Occurrence) -> tuple[str, str, str]:
        """What a name stands for, spelt as its declaration is."""
        own = place.kind, place.scope, place.key
        if own in self._found:
            return own
        if place.kind == STEP:
            return self._step(place)
        known = self._known.get(place.kind)
        meant = known.known(place.name) if known is not None else None
        if isinstance(meant, KnownName):
            name = identifier_of(meant.name) if place.kind == FIELD else key_of(meant.name)
            return place.kind, place.scope, name
        return own

    def _step(self, place: Occurrence) -> tuple[str, str, str]:
        """A step named outside its campaign: of the file first, else of the only campaign that has it."""
        having = [key for key in self._found if key[0] == STEP and key[2] == place.key and key[1]]
        near = [
            key for key in having if any(one.file == place.file for one in self._found[key].places)
        ]
        if place.scope or not (near or having):
            return place.kind, place.scope, place.key
        return (near or having)[0]
