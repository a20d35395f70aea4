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
    crowd = tuple(
        GroupedCampaign(str(one), str(one), "a.relance", 1, Span(0, 1)) for one in range(500)
    )
    lines = list(group_lines([ExclusiveGroup("G", "g", crowd)], {}))
    assert {(len(line.ties), line.tied_with) for line in lines} == {(20, 499)}, "not all by each"
    assert (
        groups_report(lines)
        .notes[-1]
        .endswith("même priorité que 0, 1, 2 et 496 de plus, leurs noms décident.")
    )
    (two, _) = groups_report(list(group_lines([ExclusiveGroup("G", "g", several[:2])], {}))).notes
    assert two == "A\u00a0: même priorité que B, leurs noms décident."
