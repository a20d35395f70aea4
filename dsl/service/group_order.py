"""The exclusive groups of a draft, each with its campaigns in their order; and what another order writes.

The number of a priority alone is written anew: the rest of its line stays as its author wrote it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.check.header import LAST_PRIORITY
from dsl.service.edits import TextEdit
from dsl.service.grouped import GroupedCampaign, grouped_campaigns
from dsl.service.language_service import LanguageService
from relance.fold import key_of


@dataclass(frozen=True, slots=True)
class ExclusiveGroup:
    """A group, named as its first campaign names it; `campaigns`: the first to let in first."""

    name: str
    key: str
    campaigns: tuple[GroupedCampaign, ...]

    @property
    def tied(self) -> frozenset[int]:
        """The priorities that several have: their names decide (R471)."""
        counts = Counter(one.priority for one in self.campaigns)
        return frozenset(priority for priority, count in counts.items() if count > 1)

    def arranged(self, keys: Iterable[str]) -> tuple[GroupedCampaign, ...]:
        """Its campaigns in that order; one that is not named stays behind the one it follows."""
        known = {one.key: one for one in self.campaigns}
        found = [known[key] for key in dict.fromkeys(keys) if key in known]
        named = {one.key for one in found}
        before: GroupedCampaign | None = None
        for one in self.campaigns:
            if one.key not in named:
                found.insert(found.index(before) + 1 if before else 0, one)
            before = one
        return tuple(found)


@dataclass(frozen=True, slots=True)
class NewPriority:
    """What an order makes of the priority of a campaign."""

    campaign: GroupedCampaign
    priority: int

    @property
    def edit(self) -> TextEdit:
        """What is written for it."""
        return TextEdit(self.campaign.file, self.campaign.at, str(self.priority))


def exclusive_groups(service: LanguageService) -> tuple[ExclusiveGroup, ...]:
    """Those that its scripts name, as people sort them. A line that does not read is of none."""
    found: dict[str, dict[str, GroupedCampaign]] = {}
    names: dict[str, str] = {}
    for script in service.scripts.values():
        for name, one in grouped_campaigns(script):
            names.setdefault(key_of(name), name)
            found.setdefault(key_of(name), {}).setdefault(one.key, one)
    return tuple(
        ExclusiveGroup(names[key], key, tuple(sorted(found[key].values(), key=_rank)))
        for key in sorted(found)
    )


def renumbered(campaigns: Sequence[GroupedCampaign]) -> tuple[NewPriority, ...]:
    """The priorities that change for these campaigns of a group to come in that order.

    The numbers that there are go round, each place keeping its own; those that several have are parted.
    """
    numbers: list[int] = []
    for number in sorted(one.priority for one in campaigns):
        numbers.append(max(number, numbers[-1] + 1) if numbers else number)
    if numbers and numbers[-1] > LAST_PRIORITY:
        numbers = list(range(1, len(numbers) + 1))
    pairs = zip(campaigns, numbers, strict=True)
    return tuple(NewPriority(one, number) for one, number in pairs if one.priority != number)


def _rank(one: GroupedCampaign) -> tuple[int, str]:
    return one.priority, one.key
