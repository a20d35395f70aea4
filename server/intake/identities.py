"""Who an incoming fact is about: the rules of identity, in memory, over a batch of facts.

Found by explicit id, else e-mail, else phone, else visitor. An e-mail belongs to one lead and a
lead has one: a fact that states another e-mail than the lead's is about somebody else, even from
the same phone or browser (families share both). What is learned later joins: the anonymous lead
of a visitor merges into the known one. The browser belongs to whoever was last known on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

EMAIL, PHONE, VISITOR = "email", "phone", "visitor"

#: (kind, value), value already normalised.
Identity: TypeAlias = tuple[str, str]


class UnknownLead(ValueError):
    """An explicit lead id that no lead has."""


@dataclass
class Register:
    """What is known of identities, and what a batch changes about them."""

    owners: dict[Identity, int]
    #: The identities of the leads concerned.
    held: dict[int, set[Identity]]
    #: Explicit ids, to the lead each stands for now.
    standing: Mapping[int, int]
    created: list[int] = field(default_factory=list)
    claimed: dict[Identity, int] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    #: New leads are numbered -1, -2… until the store gives them their ids.
    _next: int = -1

    def final(self, lead: int) -> int:
        """The lead that lead has become."""
        while lead in self.merged:
            lead = self.merged[lead]
        return lead

    def place(self, lead_id: int | None, identities: Sequence[Identity]) -> int:
        """The lead a fact is about; claims its identities and notes the merges it brings."""
        lead = self._find(lead_id, identities)
        if lead is None:
            lead = self._create()
        for identity in identities:
            self._join(lead, identity, said=lead_id is None)
        return lead

    def _find(self, lead_id: int | None, identities: Sequence[Identity]) -> int | None:
        if lead_id is not None:
            if lead_id not in self.standing:
                raise UnknownLead(str(lead_id))
            return self.final(self.standing[lead_id])
        email = next((value for kind, value in identities if kind == EMAIL), None)
        for identity in identities:
            owner = self._owner(identity)
            if owner is not None and not self._contradicts(owner, email):
                return owner
        return None

    def _contradicts(self, lead: int, email: str | None) -> bool:
        return email is not None and self._email(lead) not in (None, email)

    def _create(self) -> int:
        lead = self._next
        self._next -= 1
        self.created.append(lead)
        self.held[lead] = set()
        return lead

    def _owner(self, identity: Identity) -> int | None:
        owner = self.owners.get(identity)
        return None if owner is None else self.final(owner)

    def _kinds(self, lead: int) -> set[str]:
        return {kind for kind, _ in self.held.get(lead, ())}

    def _email(self, lead: int) -> str | None:
        return next((value for kind, value in self.held.get(lead, ()) if kind == EMAIL), None)

    def _join(self, lead: int, identity: Identity, *, said: bool) -> None:
        """Make an identity the lead's. `said`: by the person, and not by a link sent to the lead.

        A message is forwarded: whoever follows its links on a browser already known stays who they are.
        """
        owner = self._owner(identity)
        if owner == lead:
            return
        if owner is None:
            self._claim(lead, identity)
        elif self._absorbs(owner, identity[0]):
            self._merge(owner, lead)
        elif identity[0] == VISITOR and said:
            self._claim(lead, identity)

    def _absorbs(self, owner: int, kind: str) -> bool:
        """Whether the other lead holds nothing that says it is somebody else."""
        kinds = self._kinds(owner)
        return EMAIL not in kinds and (kind == PHONE or PHONE not in kinds)

    def _claim(self, lead: int, identity: Identity) -> None:
        former = self._owner(identity)
        if former is not None:
            self.held[former].discard(identity)
        self.owners[identity] = self.claimed[identity] = lead
        self.held.setdefault(lead, set()).add(identity)

    def _merge(self, source: int, target: int) -> None:
        for identity in self.held.pop(source, set()):
            self.owners[identity] = self.claimed[identity] = target
            self.held.setdefault(target, set()).add(identity)
        self.merged[source] = target


def wanted(facts: Iterable[Sequence[Identity]]) -> dict[str, list[str]]:
    """The identities a batch asks about, by kind, each once."""
    found: dict[str, dict[str, None]] = {}
    for identities in facts:
        for kind, value in identities:
            found.setdefault(kind, {})[value] = None
    return {kind: list(values) for kind, values in found.items()}
