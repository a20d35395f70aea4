"""What a project says outside any campaign, for all its leads, as long as it stands.

Points that facts give or take (`pointage`, `intérêt`), conversions counted (`conversion`), links
followed wherever they are put (`lien suivi`). Each stands by itself: no entry, no journey.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dsl.program import Trigger
from relance.values import Change


@dataclass(frozen=True, slots=True)
class PointRule:
    """« +5 quand Courriel (*) lu »: to the score, or to the interest in `topic`.

    `key` names the rule across publications: what it says (`dsl.identity`), and which of its
    like it is.
    """

    key: str
    topic: str | None
    change: Change
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Conversion:
    """« conversion « Démo » : Formulaire (Démo) rempli »."""

    name: str
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class TrackedLink:
    """« lien suivi « Infolettre de mai » : https://… »; `utm` by parameter (`utm_source`…)."""

    name: str
    url: str
    utm: Mapping[str, str] = field(default_factory=dict)
