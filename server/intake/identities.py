"""Who an incoming fact is about, and what it may join: the rules of identity, over a batch of facts.

Found by explicit id, else e-mail, else phone, else visitor. An e-mail belongs to one lead and a
lead has one: a fact that states another e-mail than the lead's is about somebody else, even from
the same phone or browser (families share both).

To know an address is not to be its owner. A fact that only states one is kept as what happened to
its lead, and joins nothing to it: docs/confiance.md holds the table of who may join what. The
lead's own browser, and whoever holds a secret of the project, may.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from relance.proof import Proof

EMAIL, PHONE, VISITOR = "email", "phone", "visitor"

#: How surely a browser that followed a link sent to a lead is hers: mail is forwarded.
FOLLOWED = 0

#: Numbers that whoever cannot sign may give to one lead: all are looked at with each of its facts.
MOST_PHONES = 20

#: (kind, value), value already normalised.
Identity: TypeAlias = tuple[str, str]


class UnknownLead(ValueError):
    """An explicit lead id that no lead has."""


class LeadPlace(NamedTuple):
    """The lead a fact is about, and what the fact may do to it."""

    lead: int
    #: How surely what it says is the lead's own word.
    proof: int
    #: Whether it may correct what is known no more surely; else it only fills what nobody said.
    corrects: bool
    #: Whether the numbers it gives may receive the lead's messages.
    reaches: bool
    #: The browser it came from, which stated an address of the lead and did not become the lead's.
    pledged: str | None = None
    #: Another lead that it says is this one, without proving it.
    same_as: int | None = None
    #: The browser that the fact proves to be the lead's, beyond doubt.
    proven: str | None = None


@dataclass
class Register:
    """What is known of identities, and what a batch changes about them."""

    owners: dict[Identity, int]
    #: The e-mails and phones of the leads concerned.
    held: dict[int, set[Identity]]
    #: Explicit ids, to the lead each stands for now.
    survivors: Mapping[int, int]
    #: How surely each identity is its owner's.
    proofs: dict[Identity, int] = field(default_factory=dict)
    #: Browsers in which a lead's address was stated before a link or a code was sent there.
    pledges: frozenset[tuple[int, str]] = frozenset()
    #: Since when the anonymous leads of browsers that followed a link are there.
    born: dict[int, int] = field(default_factory=dict)
    created: list[int] = field(default_factory=list)
    claimed: dict[Identity, int] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    #: New leads are numbered -1, -2… until the store gives them their ids.
    _next: int = -1

    @classmethod
    def known(
        cls,
        owners: Mapping[Identity, tuple[int, int]],
        held: Mapping[int, Mapping[Identity, int]],
        survivors: Mapping[int, int],
        pledges: frozenset[tuple[int, str]] = frozenset(),
    ) -> "Register":
        """What the store knows: the owner of each identity, and those of each lead, how surely."""
        proofs = {identity: proof for identity, (_, proof) in owners.items()}
        for identities in held.values():
            proofs.update(identities)
        return cls(
            owners={identity: lead for identity, (lead, _) in owners.items()},
            held={lead: set(identities) for lead, identities in held.items()},
            survivors=survivors,
            proofs=proofs,
            pledges=pledges,
        )

    def final(self, lead: int) -> int:
        """The lead that lead has become."""
        while lead in self.merged:
            lead = self.merged[lead]
        return lead

    def place(
        self,
        lead_id: int | None,
        identities: Sequence[Identity],
        proof: Proof,
        *,
        receives: bool = False,
        at: int = 0,
    ) -> LeadPlace:
        """The lead a fact is about; claims its identities and notes the merges it brings.

        `receives`: the fact brings what the lead's messages would be sent to. `at`: its instant.
        """
        if receives:
            for identity in identities:
                self._let_go(identity)
        return _Placing(self, tuple(identities), proof, at).run(lead_id)

    def _let_go(self, identity: Identity) -> None:
        """Of a browser known by a link that was followed there: it is nobody's."""
        if self.proofs.get(identity) == FOLLOWED:
            self.owners.pop(identity, None)
            self.claimed.pop(identity, None)

    def create(self) -> int:
        """A new lead."""
        lead = self._next
        self._next -= 1
        self.created.append(lead)
        self.held[lead] = set()
        return lead

    def newcomer(self, identities: Sequence[Identity], proof: int) -> int | None:
        """A new lead of those addresses and numbers when they are nobody's, as `place` would find."""
        if not self.owners.keys().isdisjoint(identities):
            return None
        lead = self.create()
        self.held[lead].update(identities)
        for identity in identities:
            self.owners[identity] = self.claimed[identity] = lead
            self.proofs[identity] = proof
        return lead

    def owner(self, identity: Identity) -> int | None:
        """The lead it is of after the merges of this batch; None when it is nobody’s."""
        owner = self.owners.get(identity)
        return None if owner is None else self.final(owner)

    def surety(self, identity: Identity) -> int:
        """How surely it is its owner's."""
        return self.proofs.get(identity, Proof.STATED)

    def email(self, lead: int) -> str | None:
        """The lead's own address."""
        return next((value for kind, value in self.held.get(lead, ()) if kind == EMAIL), None)

    def kinds(self, lead: int) -> set[str]:
        """What it is known by, browsers aside."""
        return {kind for kind, _ in self.held.get(lead, ())}

    def surest(self, lead: int) -> int:
        """How surely the surest address of a lead is known."""
        return max((self.surety(one) for one in self.held.get(lead, ())), default=FOLLOWED)

    def claim(self, lead: int, identity: Identity, proof: int) -> None:
        """Make it the lead's, whoever had it."""
        former = self.owner(identity)
        if former is not None and former in self.held:
            self.held[former].discard(identity)
        self.owners[identity] = self.claimed[identity] = lead
        self.proofs[identity] = proof
        if identity[0] != VISITOR:
            self.held.setdefault(lead, set()).add(identity)

    def raise_(self, identity: Identity, proof: int) -> None:
        """Know more surely that it is its owner's."""
        if proof > self.surety(identity):
            self.claimed[identity] = self.owners[identity]
            self.proofs[identity] = proof

    def merge(self, source: int, target: int) -> None:
        """Make two leads one."""
        for identity in self.held.pop(source, set()):
            self.owners[identity] = self.claimed[identity] = target
            self.held.setdefault(target, set()).add(identity)
        self.merged[source] = target


@dataclass
class _Placing:
    """One fact."""

    register: Register
    identities: tuple[Identity, ...]
    proof: Proof
    at: int

    def run(self, lead_id: int | None) -> LeadPlace:
        self._explicit = lead_id is not None
        found = self._find(lead_id)
        lead = self.register.create() if found is None else found
        if found is None or self.proof >= Proof.SIGNED:
            own = int(self.proof)
        else:
            own = self._own_browser(lead)
        return self._joined(lead, own, new=found is None)

    def _given(self, kind: str) -> Identity | None:
        return next((one for one in self.identities if one[0] == kind), None)

    def _find(self, lead_id: int | None) -> int | None:
        register = self.register
        if lead_id is not None:
            if lead_id not in register.survivors:
                raise UnknownLead(str(lead_id))
            return register.final(register.survivors[lead_id])
        email = self._given(EMAIL)
        for identity in self.identities:
            owner = register.owner(identity)
            if owner is None:
                continue
            if email is None or identity == email:
                return owner
            if register.email(owner) not in (None, email[1]):
                continue
            # An address is not added to whoever has that phone or browser on a stranger's word.
            if self._may_add(owner, self._own_browser(owner)):
                return owner
        return None

    def _own_browser(self, lead: int) -> int:
        """How surely the fact comes from the lead's own browser; `FOLLOWED`: not that one knows."""
        mark = self._given(VISITOR)
        if mark is None or self.register.owner(mark) != lead:
            return FOLLOWED
        return self.register.surety(mark)

    def _may_add(self, lead: int, own: int) -> bool:
        """Whether the fact may give the lead one more address to be written to."""
        if self.proof >= Proof.SIGNED:
            return True
        return own > FOLLOWED and own >= self.register.surest(lead)

    def _joined(self, lead: int, own: int, *, new: bool) -> LeadPlace:
        may_add = new or self._may_add(lead, own)
        pledged = proven = same_as = None
        for identity in self.identities:
            owner = self.register.owner(identity)
            if identity[0] == VISITOR:
                joined = self._join_browser(lead, identity, own, new=new)
                if not joined and (self._given(EMAIL) or self._given(PHONE)):
                    pledged = identity[1]
                if joined and (lead, identity[1]) in self.register.pledges:
                    proven = identity[1]
            elif owner == lead:
                self.register.raise_(identity, self.proof)
            elif owner is None:
                # Whoever names a lead by its number, the server told it: it answers for the phone.
                given = may_add or (self._explicit and identity[0] == PHONE)
                if given and self._has_room(lead, identity[0]):
                    self.register.claim(lead, identity, self.proof)
            elif self._absorbs(owner, identity[0]):
                if self._may_merge(lead, owner):
                    self.register.merge(owner, lead)
                elif self.proof >= Proof.SIGNED:
                    same_as = owner
        return LeadPlace(
            lead,
            proof=self._word(own),
            corrects=own > FOLLOWED or self.proof >= Proof.CONFIRMED,
            reaches=may_add or self.proof >= Proof.CONFIRMED,
            pledged=pledged,
            same_as=same_as,
            proven=proven,
        )

    def _has_room(self, lead: int, kind: str) -> bool:
        """Whether one more identity of that kind may be the lead's: a stranger could go on."""
        if kind != PHONE or self.proof >= Proof.SIGNED:
            return True
        return sum(one == kind for one, _ in self.register.held.get(lead, ())) < MOST_PHONES

    def _word(self, own: int) -> int:
        """How sure what is said is: a browser known to be the lead's speaks for her."""
        return max(self.proof, min(own, Proof.CONFIRMED))

    def _join_browser(self, lead: int, mark: Identity, own: int, *, new: bool) -> bool:
        """Whether the browser is the lead's from now on, or was."""
        register = self.register
        owner = register.owner(mark)
        if self.proof == Proof.CONFIRMED and self._explicit:
            return self._followed(lead, mark, owner)
        if owner == lead:
            if self.proof >= Proof.SIGNED:
                register.raise_(mark, self.proof)
            return own > FOLLOWED
        if not new and self.proof < Proof.SIGNED:
            return False
        if owner is not None:
            if self._explicit and register.kinds(owner):
                return False
            if not register.kinds(owner) and self._may_merge(lead, owner):
                register.merge(owner, lead)
        register.claim(lead, mark, self.proof)
        return True

    def _followed(self, lead: int, mark: Identity, owner: int | None) -> bool:
        """A link sent to the lead was followed there: her visits from then on, and nobody's past.

        In the browser she stated her address in, it proves both; in any other, mail is forwarded.
        """
        register = self.register
        hers = (lead, mark[1]) in register.pledges
        if owner == lead:
            if hers or register.surety(mark) > FOLLOWED:
                register.raise_(mark, Proof.CONFIRMED)
            return True
        if owner is not None and register.kinds(owner) and not hers:
            return False
        if owner is not None and register.born.get(owner, self.at - 1) >= self.at:
            register.merge(owner, lead)  # its pages were all seen since, while it was looked into
        register.claim(lead, mark, Proof.CONFIRMED if hers else FOLLOWED)
        return True

    def _absorbs(self, owner: int, kind: str) -> bool:
        """Whether the other lead holds nothing that says it is somebody else."""
        kinds = self.register.kinds(owner)
        return EMAIL not in kinds and (kind == PHONE or PHONE not in kinds)

    def _may_merge(self, lead: int, other: int) -> bool:
        """Whether both are proven to be one as surely as the surer of them is known."""
        if self.proof < Proof.SIGNED:
            return False
        known = max(self.register.surest(lead), self.register.surest(other))
        return self.proof >= known


def wanted(facts: Iterable[Sequence[Identity]]) -> dict[str, list[str]]:
    """The identities a batch asks about, by kind, each once."""
    found: dict[str, dict[str, None]] = {}
    for identities in facts:
        for kind, value in identities:
            found.setdefault(kind, {})[value] = None
    return {kind: list(values) for kind, values in found.items()}
