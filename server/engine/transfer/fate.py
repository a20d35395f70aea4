"""What becomes of those inside when a new version is published: for a campaign, or step by step."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from relance.fold import key_of
from server.engine.life.journal import CALENDAR, Author


class Fate(StrEnum):
    """They stay in the version they entered, pass to the new one, or leave."""

    KEEP = "keep"
    MIGRATE = "migrate"
    LEAVE = "leave"


#: Of whom, « Campagne » or « Campagne / étape », and what becomes of them.
FateOf: TypeAlias = tuple[str, str]
#: Between a campaign and one of its steps; with nothing behind, those who have passed none.
_STEP = " /"


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """Of one campaign: the `fate` of those inside, but for those in some `steps`, by folded name.

    The step « » is that of who has passed none yet. `author`: whose decision it is.
    """

    fate: Fate = Fate.KEEP
    steps: Mapping[str, Fate] = field(default_factory=dict)
    author: Author = CALENDAR

    @property
    def moves(self) -> bool:
        """Whether anybody may go anywhere."""
        return any(one is not Fate.KEEP for one in (self.fate, *self.steps.values()))

    @property
    def lets_go(self) -> bool:
        """Whether anybody may leave."""
        return Fate.LEAVE in (self.fate, *self.steps.values())


def whose(text: str, campaigns: Iterable[str]) -> tuple[str, str | None]:
    """The campaign, and the step if one is named, of such a text; `campaigns`: the names there are."""
    keys = {key_of(name) for name in campaigns}
    at = len(text)
    while key_of(text) not in keys and (at := text.rfind(_STEP, 0, at)) >= 0:
        if key_of(text[:at]) in keys:
            return text[:at].strip(), text[at + len(_STEP) :].strip()
    return text, None


def plans(
    fates: Iterable[FateOf], campaigns: Collection[str], author: Author
) -> Mapping[str, TransferPlan]:
    """What was decided, by the key of each campaign."""
    found: dict[str, TransferPlan] = {}
    for text, fate in fates:
        campaign, step = whose(text, campaigns)
        plan = found.get(key_of(campaign), TransferPlan(author=author))
        if step is None:
            plan = replace(plan, fate=Fate(fate))
        else:
            plan = replace(plan, steps={**plan.steps, key_of(step): Fate(fate)})
        found[key_of(campaign)] = plan
    return found
