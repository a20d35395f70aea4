"""Exclusive groups: what takes all the campaigns of a group to see."""

from collections.abc import Iterable

from dsl.check.campaigns import CheckedCampaign
from relance.fold import key_of
from relance.french import quoted


def judge_priorities(campaigns: Iterable[CheckedCampaign]) -> None:
    """Question two campaigns of a group at the same place.

    No error: their names then decide, so that what runs is known, and two teams may publish.
    """
    taken: dict[tuple[str, int], CheckedCampaign] = {}
    for one in campaigns:
        header = one.bound.header
        if header.group is None or header.grouped is None:
            continue
        place = (key_of(header.group), header.priority)
        other = taken.setdefault(place, one)
        if other is one or other.bound.header.grouped is None:
            continue
        first = min(one.bound.name, other.bound.name, key=key_of)
        line = other.findings.line(other.bound.header.grouped)
        one.findings.warn(
            "R471",
            header.grouped,
            f"{quoted(other.bound.name)} a la même priorité dans ce groupe ({other.findings.file}, ligne {line}). À qui "
            f"peut entrer dans les deux au même instant, l’ordre des noms donne {quoted(first)} : pour en décider "
            "vous-même, donnez à l’une une autre priorité.",
        )
