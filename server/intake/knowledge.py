"""What becomes of a field that is told: written, left, or kept aside. Pure rules, field by field.

Each value is known with how surely it is so and since when. The surest stays, and of the equally
sure, the latest by the fact's own time, in whatever order facts come. What was so long ago changes
nothing of what has been told since, whoever says it; only a source that says what still is so
(`FactFields.still`) is believed whatever its date, when it is surer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from server.intake.identities import LeadPlace
from server.store.fields import EMAIL_FIELD
from server.store.instants import Micros

#: The fields that the lead's messages are sent to.
REACHED = frozenset({EMAIL_FIELD, "f_telephone", "f_cellulaire"})


class Known(NamedTuple):
    """A value, how surely it is so (`relance.proof`), and since when."""

    value: object
    proof: int
    at: Micros


class FactFields(NamedTuple):
    """The fields of one fact, as of an instant. `still`: its source says they are so now."""

    place: LeadPlace
    fields: Mapping[str, object]
    at: Micros
    still: bool = False
    source: str = ""
    visitor: str = ""


class Unproven(NamedTuple):
    """A value kept aside, for the person to prove or the team to accept."""

    field: str
    value: object
    fact: FactFields


@dataclass
class Learned:
    """What the facts of a batch change about one lead."""

    #: The fields to write.
    changes: dict[str, object] = field(default_factory=dict)
    #: Those of which it is known more surely, or since later: (proof, at).
    sure: dict[str, tuple[int, Micros]] = field(default_factory=dict)
    unproven: list[Unproven] = field(default_factory=list)


class ValueVerdict(Enum):
    """What becomes of one value."""

    WRITTEN = auto()
    SAID_AGAIN = auto()
    LEFT = auto()
    KEPT_UNPROVEN = auto()


def verdict(name: str, value: object, fact: FactFields, known: Known | None) -> ValueVerdict:
    """What becomes of `value`, told of a field that is `known` or empty (None)."""
    place = fact.place
    if known is None:
        return (
            ValueVerdict.KEPT_UNPROVEN
            if name in REACHED and not place.reaches
            else ValueVerdict.WRITTEN
        )
    if name == EMAIL_FIELD:
        return ValueVerdict.LEFT  # the same in other capitals: another would be another lead's
    if value == known.value:
        surer = (place.proof, fact.at) > (known.proof, known.at)
        return ValueVerdict.SAID_AGAIN if place.corrects and surer else ValueVerdict.LEFT
    if fact.at < known.at and not (fact.still and place.proof > known.proof):
        return ValueVerdict.LEFT
    if place.proof < known.proof or not place.corrects:
        return ValueVerdict.KEPT_UNPROVEN
    if name in REACHED and not place.reaches:
        return ValueVerdict.KEPT_UNPROVEN
    return ValueVerdict.WRITTEN


def learn(facts: Iterable[FactFields], known: dict[str, Known]) -> Learned:
    """What several facts about one lead change, in the order received. `known` is brought to date."""
    learned = Learned()
    for fact in facts:
        for name, value in fact.fields.items():
            before = known.get(name)
            match verdict(name, value, fact, before):
                case ValueVerdict.KEPT_UNPROVEN:
                    learned.unproven.append(Unproven(name, value, fact))
                    continue
                case ValueVerdict.LEFT:
                    continue
                case ValueVerdict.WRITTEN:
                    learned.changes[name] = value
                    at = fact.at
                case ValueVerdict.SAID_AGAIN:
                    at = max(fact.at, before.at if before else fact.at)
            known[name] = Known(value, fact.place.proof, at)
            learned.sure[name] = (fact.place.proof, at)
    return learned
