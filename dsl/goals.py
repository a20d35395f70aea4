"""A goal of a campaign, ready to be counted: which events reach it, within how long of the campaign.

It changes no rule: it is no part of the program, and its own changes make no version of the campaign.
"""

from dataclasses import dataclass
from decimal import Decimal

from dsl.program import Trigger
from relance.values import Duration, Percentage


@dataclass(frozen=True, slots=True)
class Goal:
    """« objectif « Abonnement » : Formulaire (Abonnement) rempli, cible 25 % », of that campaign.

    `key` is the identity of what it asks: two campaigns with the same one have the same goal. `own`:
    of events that name a message, only those of a message of the campaign count. `kind`: a key of
    `dsl.language.fr.goals.KINDS`. `target`: a share of the leads who entered, a number of leads, or
    nothing.
    """

    campaign: str
    name: str
    key: str
    triggers: tuple[Trigger, ...]
    window: Duration
    main: bool = False
    own: bool = False
    kind: str = "custom"
    target: Percentage | Decimal | None = None
