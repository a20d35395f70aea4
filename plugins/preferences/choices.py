"""What a person may choose on the page, and what a choice changes.

The holder of a link proves one address, the one it was sent to. That one they leave and come back
to; an address of the lead that is proven too, they leave. One that is merely stated may be a
stranger's: nothing is done to it, and only this lead is no longer written to there, by a consent
taken back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from relance.consent import HASH, Agreed, Basis, Purpose, agreed, given, withdrawn
from relance.events import NewEvent
from relance.preferences import ChannelAddress, Preferences
from relance.proof import Proof
from relance.reach import Detach, Reach, Suppress, Welcome

#: How the ledger says that a consent came by this page.
PAGE = "page"
_REASON = "page de préférences"


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel: whether its messages are wanted, and whether that may be said here."""

    where: ChannelAddress
    on: bool
    agreed: Agreed

    @property
    def key(self) -> str:
        """The name of its box."""
        return f"canal-{self.where.type.channel}"

    @property
    def words(self) -> str:
        """What the box says, and what the ledger keeps of it."""
        return f"Je veux recevoir vos {self.where.type.several}."

    @property
    def open(self) -> bool:
        """Whether the box may be ticked: nobody brings an address back but by that address."""
        return self.on or self.where.own or not self.where.suppressed

    @property
    def proven(self) -> bool:
        """Whether the address is known to be the person's."""
        return self.where.own or self.where.proof >= Proof.CONFIRMED


@dataclass(frozen=True, slots=True)
class PurposeLine:
    """What a form of the project asks to agree to, and whether it is agreed to."""

    purpose: Purpose
    on: bool

    @property
    def key(self) -> str:
        """The name of its box: of these words, so that no others are ever agreed to."""
        return f"objet-{self.purpose.hash[:32]}"


@dataclass(frozen=True, slots=True)
class ChosenChange:
    """What a choice makes of things: told in one fact."""

    events: tuple[NewEvent, ...] = ()
    reach: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything a person may choose, as things stand."""

    channels: tuple[ChannelLine, ...]
    purposes: tuple[PurposeLine, ...]

    @property
    def _lines(self) -> tuple[ChannelLine | PurposeLine, ...]:
        return (*self.channels, *self.purposes)

    @property
    def keys(self) -> tuple[str, ...]:
        """The name of each box."""
        return tuple(one.key for one in self._lines)

    def change(self, seen: Set[str], ticked: Set[str], left: NewEvent) -> ChosenChange:
        """What changes when of the boxes `seen` those are `ticked`.

        `left`: what the event of who leaves the own address' channel says of the message.
        """
        wanted = {one.key: one.key in ticked if one.key in seen else one.on for one in self._lines}
        found = ChosenChange()
        for line in self.channels:
            on = wanted[line.key] and line.open
            if line.on and not on:
                found = _and(found, _leaving(line, left))
            elif on and not line.on:
                found = _and(found, self._coming(line, wanted))
            elif on:
                events = self._purposes(line.where.type.channel, line.agreed.words, wanted)
                found = replace(found, events=(*found.events, *events))
        known = {one.where.type.channel for one in self.channels}
        for channel in self._elsewhere(known):
            events = self._purposes(channel, self._of(channel), wanted)
            found = replace(found, events=(*found.events, *events))
        return found

    def nothing_more(self, left: NewEvent) -> ChosenChange:
        """What changes when nothing is wanted any more, on whatever channel."""
        found = ChosenChange()
        for line in self.channels:
            if line.on:
                found = _and(found, _leaving(line, left))
        # Of every channel at once: those that come to be known later too.
        if found.events or any(one.on for one in self.purposes):
            taken_back = withdrawn(None, PAGE, NOTHING_MORE)
            found = replace(found, events=(*found.events, taken_back))
        return found

    def _coming(self, line: ChannelLine, wanted: Mapping[str, bool]) -> ChosenChange:
        type_ = line.where.type
        reach: tuple[Reach, ...] = ()
        if line.where.suppressed and line.where.address is not None:
            reach = (Welcome(type_.channel, line.where.address),)
        back = () if type_.back is None else (NewEvent(type_.back, properties={"comment": PAGE}),)
        asked = [one for one in self.purposes if type_.channel in one.purpose.channels]
        if not asked:
            said: Iterable[NewEvent] = [given(Basis.EXPRESS, type_.channel, PAGE, line.words)]
        else:
            said = self._purposes(type_.channel, frozenset(), wanted) or [
                withdrawn(type_.channel, PAGE, asked[0].purpose.words)
            ]
        return ChosenChange((*back, *said), reach)

    def _purposes(
        self, channel: str, now: Set[str], wanted: Mapping[str, bool]
    ) -> Sequence[NewEvent]:
        """The consents of that channel that are given, or taken back, the others being said again.

        `now`: the words agreed to until then, by hash.
        """
        asked = [one for one in self.purposes if channel in one.purpose.channels]
        gone = [one for one in asked if one.purpose.hash in now and not wanted[one.key]]
        kept = [one for one in asked if wanted[one.key]]
        if not gone:
            kept = [one for one in kept if one.purpose.hash not in now]
        return [
            *(withdrawn(channel, PAGE, one.purpose.words) for one in gone),
            *(given(Basis.EXPRESS, channel, PAGE, one.purpose.words) for one in kept),
        ]

    def _elsewhere(self, known: Set[str]) -> Iterator[str]:
        """Channels that purposes are about, and that nothing is known of the lead on."""
        said = (one for line in self.purposes for one in line.purpose.channels)
        yield from (one for one in dict.fromkeys(said) if one not in known)

    def _of(self, channel: str) -> Set[str]:
        mine = (one for one in self.purposes if channel in one.purpose.channels)
        return {one.purpose.hash for one in mine if one.on}


#: What the button that leaves everything says.
NOTHING_MORE = "Ne plus rien recevoir"


def choices_of(current: Preferences, purposes: Sequence[Purpose], now: datetime) -> Choices:
    """What whoever asked how a lead stands may choose."""
    channels = []
    for where in current.addresses:
        known = agreed(current.consents, where.type.channel, now)
        # Taken back before the words of a purpose, a consent says nothing of the channel itself.
        left = known.withdrawn is not None and not any(
            known.withdrawn.properties.get(HASH) == one.hash for one in purposes
        )
        channels.append(ChannelLine(where, not where.suppressed and not left, known))
    on = {line.where.type.channel: line.on for line in channels}
    lines = []
    for purpose in purposes:
        held = [
            purpose.hash in agreed(current.consents, one, now).words
            for one in purpose.channels
            if on.get(one, True)
        ]
        lines.append(PurposeLine(purpose, any(held)))
    return Choices(tuple(channels), tuple(lines))


def _leaving(line: ChannelLine, left: NewEvent) -> ChosenChange:
    """The address is left alone where it is theirs; the lead is, wherever it is."""
    where = line.where
    events = [withdrawn(where.type.channel, PAGE, line.words)]
    reach: list[Reach] = []
    if where.address is None:
        reach = [Detach(where.type.channel, one, last=where.type.left) for one in where.names]
        return ChosenChange(tuple(events), tuple(reach))
    if line.proven:
        reach.append(Suppress(where.type.channel, where.address, _REASON))
    if where.type.left is not None:
        said = left if where.own else NewEvent("", properties=left.properties)
        events.append(replace(said, type=where.type.left))
    return ChosenChange(tuple(events), tuple(reach))


def _and(one: ChosenChange, other: ChosenChange) -> ChosenChange:
    return ChosenChange((*one.events, *other.events), (*one.reach, *other.reach))
