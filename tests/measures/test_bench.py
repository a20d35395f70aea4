"""Each bench still runs, in a tiny size; what it measures is nobody's business here."""

import pytest

from bench import (
    behind,
    filling,
    goals,
    hostile,
    imports,
    intake,
    journeys,
    journeys_postgresql,
    language,
    latency,
    lists,
    mails,
    pages,
    policies,
    reports,
    sizes,
    starting,
    ticks,
    transfers,
    watched,
)
from bench.figures import Figure, Goal, french, interleaved, table


def well_formed(figures: list[Figure], runs: int) -> bool:
    assert figures
    for figure in figures:
        assert len(figure.ours) == len(figure.baseline) == runs
        assert all(value > 0 for value in (*figure.ours, *figure.baseline))
        assert figure.what in table([figure])
    return True


def test_the_journeys_write_the_same_rows_as_the_loop_written_by_hand() -> None:
    assert well_formed(journeys.measure(runs=1, leads=60), 1)


def test_on_postgresql_three_ways_of_a_journey_leave_the_same_rows() -> None:
    assert well_formed(journeys_postgresql.measure(runs=1, leads=60), 1)


@pytest.mark.timeout(120)
def test_a_server_with_campaigns_starts_beside_one_that_has_a_single_one() -> None:
    assert well_formed(starting.measure(campaigns=3, runs=1), 1)


def test_what_a_lead_takes_on_disk_is_compared_on_both_stores() -> None:
    assert well_formed(sizes.measure(leads=40), 1)


def test_a_crowd_that_waits_lets_those_due_go() -> None:
    assert well_formed(ticks.measure(rounds=3, due=10, many=400, few=40), 2)


def test_a_list_is_built_three_ways_and_a_crowd_of_others_is_kept() -> None:
    assert well_formed(lists.measure(runs=2, leads=300, others=5, forms=3), 2)


def test_people_inside_pass_to_a_version_beside_a_bare_statement() -> None:
    assert well_formed(transfers.measure(count=30), 1)


def test_a_report_of_a_year_is_read_beside_the_journal() -> None:
    assert well_formed(reports.measure(runs=1, leads=60, rows=600), 1)


def test_a_goal_is_counted_as_the_statement_written_by_hand_counts_it() -> None:
    assert well_formed(goals.measure(runs=1, leads=60), 1)


def test_forms_are_taken_while_pages_are_open() -> None:
    assert well_formed(watched.measure(runs=1, seconds=0.4, pages=3), 1)


def test_the_generated_project_is_read_without_a_fault() -> None:
    assert well_formed(language.measure(runs=1, lines=200), 1)


@pytest.mark.timeout(120)
def test_forms_are_taken_by_both_servers() -> None:
    assert well_formed(intake.measure(runs=1, seconds=0.3, connections=4), 1)


@pytest.mark.timeout(120)
def test_a_form_becomes_a_mail_on_both_servers() -> None:
    assert well_formed(latency.measure(runs=1, posts=3), 1)


@pytest.mark.timeout(120)
def test_a_form_is_measured_behind_a_past_and_beside_a_crowd() -> None:
    assert {figure.unit for figure in behind.measure(events=50, crowd=20, posts=5)} == {"ms"}


@pytest.mark.timeout(120)
def test_a_visitor_is_served_while_somebody_does_his_worst() -> None:
    assert all(0 < taken < 60 for taken in hostile.measure(hostile.silent, seconds=1))


def test_mails_are_filled_in_apart_and_where_one_stands() -> None:
    assert well_formed(filling.measure(runs=1, mails=20), 1)


@pytest.mark.timeout(120)
def test_mails_are_written_and_handed_over_both_ways() -> None:
    assert well_formed(mails.measure(runs=1, mails=20), 1)


def test_messages_are_taken_under_a_policy_beside_none() -> None:
    assert well_formed(policies.measure(runs=1, leads=5), 1)


@pytest.mark.timeout(120)
def test_a_page_is_asked_of_a_house_that_was_filled() -> None:
    figures = pages.measure(runs=1, leads=60, rows=600, only="/campagnes")
    assert well_formed(figures, 1)
    assert any(figure.what.startswith("/campagnes/") for figure in figures)


def test_leads_are_brought_in_both_ways() -> None:
    assert well_formed(imports.measure(runs=1, rows=200), 1)


def test_both_sides_take_turns_at_going_first() -> None:
    order: list[str] = []

    def ours() -> float:
        order.append("o")
        return 2.0

    def baseline() -> float:
        order.append("b")
        return 1.0

    assert interleaved(2, ours, baseline) == ([2.0, 2.0], [1.0, 1.0])
    assert order == ["o", "b", "b", "o"]


@pytest.mark.parametrize(
    ("goal", "ours", "reached"),
    [
        (Goal.AT_LEAST, 2.0, True),
        (Goal.AT_LEAST, 0.5, False),
        (Goal.AT_MOST, 0.5, True),
        (Goal.AT_MOST, 2.0, False),
    ],
)
def test_a_goal_is_judged_on_the_median_ratio(goal: Goal, ours: float, reached: bool) -> None:
    figure = Figure("x", "/s", [ours, 9 * ours, ours], "y", [1.0, 1.0, 1.0], goal, 1.0)
    assert figure.reached is reached
    assert ("non atteint" in table([figure])) is not reached


def test_numbers_are_written_as_in_french() -> None:
    assert french(1234567.8) == "1\u202f234\u202f568"
    assert french(1.234) == "1,23"
