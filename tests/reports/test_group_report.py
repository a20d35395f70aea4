"""What is read out of exclusive groups whose campaigns nobody has put in order yet."""

from dsl.diagnostics import Span
from dsl.service.group_order import ExclusiveGroup
from dsl.service.grouped import GroupedCampaign
from server.reports.group_report import group_lines, groups_report


def test_only_the_first_campaigns_of_the_same_priority_are_named() -> None:
    several = tuple(
        GroupedCampaign(one, one.lower(), "a.relance", 1, Span(0, 1)) for one in "ABCDEF"
    )
    notes = groups_report(list(group_lines([ExclusiveGroup("G", "g", several)], {}))).notes
    assert notes[0] == "A\u00a0: même priorité que B, C, D et 2 de plus, leurs noms décident."
    (two, _) = groups_report(list(group_lines([ExclusiveGroup("G", "g", several[:2])], {}))).notes
    assert two == "A\u00a0: même priorité que B, leurs noms décident."
