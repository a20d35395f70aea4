"""Challenges: codes sent to an address, which whoever types them back is known to hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code sent to the `address` of a lead by the message of that `key`; it holds until `until`."""

    lead_id: int
    address: str
    key: str
    sent: datetime
    until: datetime


class Miss(Enum):
    """Why what was typed proves nothing; whether a code holds there, nobody outside is told."""

    WRONG = "wrong"  # another code, or none that holds yet
    TOO_MANY = "too many"  # that address, or whoever tries, has tried enough for a day
