"""What a campaign is to bring about, in figures of the house: bounds of indicators, or their growth.

It changes no rule, and is asked only when somebody reads where it stands.
"""

from dataclasses import dataclass
from decimal import Decimal

from relance.values import Comparator, Duration


@dataclass(frozen=True, slots=True)
class IndicatorBound:
    """« nombre de contacts au moins 1000 »; `indicator` is the key of one that a plugin declares.

    `value`: a count, a share from 0 to 1, seconds, or money. `growth`: it is by how much the indicator
    grows, as a share of what it was over as long a time before.
    """

    indicator: str
    comparator: Comparator
    value: Decimal
    growth: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """« objectif chiffré « Mille contacts » : … »; all bounds are to hold.

    `every`: counted over the last span of that length; None: since the campaign was activated.
    """

    name: str
    bounds: tuple[IndicatorBound, ...]
    description: str | None = None
    every: Duration | None = None
