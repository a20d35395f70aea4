"""How surely a share is the best: intervals that hold what they say, and winners that are seldom wrong."""

from random import Random

import pytest

from server.engine.experiments.likelihood import LEAST_LEADS, Outcome, best, interval, winner

#: Below so many standard errors apart, the surest share is never sure enough: most are far below.
_APART = 2.3


def drawn(dice: Random, leads: int, rate: float) -> int:
    """Of so many leads, how many reach a goal that each reaches at that rate."""
    return sum(dice.random() < rate for _ in range(leads))


@pytest.mark.parametrize(("rate", "leads"), [(0.03, 400), (0.1, 150), (0.25, 600), (0.5, 100)])
def test_an_interval_holds_the_true_rate_95_times_in_a_hundred(rate: float, leads: int) -> None:
    dice, runs = Random(rate * leads), 1_500
    held = 0
    for _ in range(runs):
        low, high = interval(Outcome(leads, drawn(dice, leads, rate)))
        held += low <= rate <= high
    assert 0.93 <= held / runs <= 0.97


@pytest.mark.parametrize("rate", [0.03, 0.2])
def test_without_any_difference_a_winner_is_told_in_less_than_five_runs_in_a_hundred(
    rate: float,
) -> None:
    """Though somebody looks ten times at each, and believes the first that is told."""
    dice, runs, wrong = Random(11), 1_000, 0
    for _ in range(runs):
        first = second = 0
        for look in range(1, 11):
            leads = 100 * look
            first += drawn(dice, 100, rate)
            second += drawn(dice, 100, rate)
            both = first + second
            if (first - second) ** 2 < _APART**2 * both * (1 - both / (2 * leads)):
                continue
            if winner([Outcome(leads, first), Outcome(leads, second)]) is not None:
                wrong += 1
                break
    assert 0 < wrong < 0.05 * runs


def test_two_rates_a_little_apart_make_no_winner_and_further_apart_one() -> None:
    assert winner([Outcome(1_000, 100), Outcome(1_000, 132)]) is None
    assert winner([Outcome(1_000, 100), Outcome(1_000, 150)]) == 1


def test_a_difference_that_is_there_is_found() -> None:
    dice, found = Random(3), []
    for _ in range(60):
        outcomes = [Outcome(3_000, drawn(dice, 3_000, rate)) for rate in (0.1, 0.14, 0.1)]
        found.append(winner(outcomes))
    assert set(found) <= {1, None}
    assert found.count(1) > 50


def test_no_winner_is_told_before_each_share_has_a_hundred_leads() -> None:
    few, many = Outcome(LEAST_LEADS - 1, 0), Outcome(5_000, 4_000)
    assert winner([few, many]) is None
    assert winner([Outcome(LEAST_LEADS, 0), many]) == 1
    assert winner([many]) is None


def test_the_probability_to_be_the_best_is_what_draws_find() -> None:
    outcomes = [Outcome(100, 10), Outcome(120, 17), Outcome(1_000, 110), Outcome(30, 0)]
    dice, wins, runs = Random(5), [0] * len(outcomes), 8_000
    for _ in range(runs):
        rates = [dice.betavariate(1 + one.reached, 1 + one.leads - one.reached) for one in outcomes]
        wins[rates.index(max(rates))] += 1
    found = best(outcomes)
    assert sum(found) == pytest.approx(1)
    assert found == pytest.approx([one / runs for one in wins], abs=0.015)


def test_of_nobody_nothing_is_known() -> None:
    assert interval(Outcome(0, 0)) == (0, 1)
    assert best([Outcome(0, 0), Outcome(0, 0)]) == pytest.approx([0.5, 0.5])
    assert interval(Outcome(10, 0))[0] == 0
    assert interval(Outcome(10, 10))[1] == pytest.approx(1)
