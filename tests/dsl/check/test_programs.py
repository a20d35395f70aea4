"""What each structure of a script compiles to."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal

import pytest
from checker_words import campaign, checked, said

from dsl.check.flow import successors
from dsl.program import (
    END,
    Act,
    Await,
    Decide,
    Exit,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Program,
    Reentry,
    Split,
    Statement,
    Step,
    Trigger,
)
from relance.events import EventPattern, PropertyTest
from relance.facts import (
    All,
    AnyOf,
    Compare,
    Draw,
    Events,
    Happened,
    InList,
    Leaf,
    Literal,
    Not,
    Score,
    SinceAgo,
    SinceDate,
    SinceEntry,
    SinceStep,
    SinceWait,
)
from relance.values import Change, Comparator, Duration
from relance.waits import WaitUpTo

SCORE = Leaf(
    said("Pointage lead au-dessus de (5)"), Compare(Score(), Comparator.GREATER, Literal(5))
)
FORM = EventPattern("form_submitted", "Tarif")


def program(body: str, header: str = "", entry: str = "quand Formulaire (Tarif) rempli") -> Program:
    found = checked(campaign(body, header, entry))
    assert found.ok, found.diagnostics
    return found.programs[0].program


def statements(body: str) -> Sequence[Statement]:
    return program(body).statements


def triggers(entry: str) -> tuple[Trigger, ...]:
    return program("Changer pointage (+1)", entry=entry).entries


def condition(written: str) -> object:
    decide = statements(f"si {written}\n Changer pointage (+1)\nfin")[0]
    assert isinstance(decide, Decide)
    return decide.condition


def test_branches_rejoin_after_fin() -> None:
    first, second, third, fourth, last = statements("""
      si Pointage lead au-dessus de (5)
        Changer pointage (+1)
      sinon si Lead membre de la liste (Amis)
        Changer pointage (+2)
      fin
      Changer pointage (+3)
    """)
    assert isinstance(first, Decide)
    assert isinstance(third, Decide)
    assert (first.yes, first.no) == (1, 2)
    assert (third.yes, third.no) == (3, 4)
    assert successors(second) == successors(fourth) == (4,)
    assert successors(last) == (END,)


def test_an_empty_branch_goes_straight_on() -> None:
    decide, after = statements(
        "si Pointage lead au-dessus de (5)\nsinon\nfin\nChanger pointage (+1)"
    )
    assert isinstance(decide, Decide)
    assert (decide.yes, decide.no) == (1, 1)
    assert isinstance(after, Act)


def test_a_wait_links_its_branches_its_limit_and_its_topics() -> None:
    wait, first, late, after = statements("""
      attendre au plus 3 jours
        dès que Formulaire (Tarif) rempli
          Changer pointage (+1)
        dès que Pointage lead au-dessus de (5)
        passé ce délai
          Changer pointage (+2)
      fin
      Changer pointage (+3)
    """)
    assert isinstance(wait, Await)
    assert [branch.next for branch in wait.branches] == [1, 3]
    assert (wait.limit, wait.timeout) == (Duration(days=3), 2)
    assert wait.topics == ("form_submitted", "score_changed")
    assert successors(first) == successors(late) == (3,)
    assert isinstance(after, Act)


def test_in_a_wait_only_what_comes_after_counts_unless_said() -> None:
    wait = statements("""
      attendre au plus 3 jours
        dès que Formulaire (Tarif) rempli
        dès que Formulaire (Essai) rempli depuis l’entrée
      fin
    """)[0]
    assert isinstance(wait, Await)
    without, within = (branch.condition for branch in wait.branches)
    assert without == Leaf(said("Formulaire (Tarif) rempli"), Happened(Events(FORM, SinceWait())))
    assert within == Leaf(
        said("Formulaire (Essai) rempli depuis l’entrée"),
        Happened(Events(EventPattern("form_submitted", "Essai"), SinceEntry())),
    )


def test_waiting_that_something_holds_goes_on_the_same_way_in_the_end() -> None:
    wait, _ = statements(
        "attendre que Formulaire (Tarif) rempli, au plus 2 jours\nChanger pointage (+1)"
    )
    assert isinstance(wait, Await)
    assert wait.branches[0].next == wait.timeout == 1


def test_a_loop_is_tested_at_its_end_and_its_door_leads_to_the_test() -> None:
    start, pause, loop, after = statements(
        "répéter 3 fois au plus\nAttendre pendant 1 jour\nfin\nChanger pointage (+1)"
    )
    assert isinstance(start, LoopStart)
    assert isinstance(loop, Loop)
    assert (start.next, successors(pause)) == (2, (2,))
    assert (loop.start, loop.body, loop.times, loop.next) == (0, 1, 3, 3)
    assert isinstance(after, Act)


def test_a_bounded_jump_goes_on_past_its_bound() -> None:
    step, _, jump, _ = statements("""
      étape « Début »
      Attendre pendant 1 jour
      aller à l’étape « debut », 2 fois au plus
      Changer pointage (+1)
    """)
    assert isinstance(step, Step)
    assert isinstance(jump, Jump)
    assert (step.key, step.name) == ('step(name:"debut")', "Début")
    assert (jump.target, jump.limit, jump.next) == (0, 2, 3)


def test_shares_are_bounds_of_ten_thousand_draws() -> None:
    split = statements("""
      répartir « Objet »
        33,33 % « A »
          Changer pointage (+1)
        66,67 % « B »
      fin
    """)[0]
    assert isinstance(split, Split)
    assert [(one.name, one.upto, one.next) for one in split.shares] == [
        ("A", 3333, 1),
        ("B", 10000, END),
    ]
    assert split.salt == 'campaign(name:"essai")/split(name:"objet")#1'


def test_each_way_out_has_its_outcome() -> None:
    won = statements("si Pointage lead au-dessus de (5)\nsortir (réussite)\nfin\nsortir (échec)")
    assert [one.outcome for one in won if isinstance(one, Leave)] == [Exit.SUCCESS, Exit.FAILURE]


def test_draws_at_two_places_differ_and_stay_the_same_for_ever() -> None:
    body = "si Split 50 %\nChanger pointage (+1)\nfin\nsi Split 50 %\nChanger pointage (+2)\nfin"
    salts = [
        one.condition.condition.salt
        for one in statements(body)
        if isinstance(one, Decide)
        and isinstance(one.condition, Leaf)
        and isinstance(one.condition.condition, Draw)
    ]
    place = 'campaign(name:"essai")//split.split(share:50%)'
    assert salts == [f"{place}#1", f"{place}#2"]
    pause = statements("Attendre entre zéro et 3 jours")[0]
    assert isinstance(pause, Pause)
    assert isinstance(pause.wait, WaitUpTo)
    assert pause.wait.salt


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("depuis l’étape « Début »", SinceStep("Début")),
        ("depuis (2026-12-01)", SinceDate(date(2026, 12, 1))),
        ("dans les (7) derniers jours", SinceAgo(Duration(days=7))),
    ],
)
def test_a_qualifier_says_since_when(written: str, expected: object) -> None:
    decide = statements(
        f"étape « Début »\nsi Formulaire (Tarif) rempli {written}\nChanger pointage (+1)\nfin"
    )[1]
    assert isinstance(decide, Decide)
    assert isinstance(decide.condition, Leaf)
    assert decide.condition.condition == Happened(Events(FORM, expected))  # type: ignore[arg-type]


def test_times_and_properties_narrow_an_event() -> None:
    found = condition("Événement (Achat) survenu où (montant) supérieur à (50) au moins (2) fois")
    test = PropertyTest("montant", Comparator.GREATER, Decimal(50))
    pattern = EventPattern("custom", "Achat", properties=(test,))
    assert isinstance(found, Leaf)
    assert found.condition == Happened(Events(pattern), times=2)


def test_and_or_not_keep_the_author_s_shape() -> None:
    listed = Leaf(said("Lead membre de la liste (Amis)"), InList("Amis"))
    found = condition(
        "[Pointage lead au-dessus de (5) ou non Lead membre de la liste (Amis)]"
        " et Lead membre de la liste (Amis)"
    )
    assert found == All((AnyOf((SCORE, Not(listed))), listed))


def test_or_makes_several_triggers() -> None:
    one, other = triggers("quand Formulaire (Tarif) rempli ou Pointage lead au-dessus de (5)")
    assert (one.on, one.condition) == (FORM, None)
    assert (other.on, other.condition) == (None, SCORE)


def test_an_event_with_a_state_is_heard_then_asked() -> None:
    (one,) = triggers("quand Formulaire (Tarif) rempli et Pointage lead au-dessus de (5)")
    assert (one.on, one.condition, one.schedule) == (FORM, SCORE, None)


def test_two_events_together_are_each_heard_in_turn() -> None:
    one, other = triggers("quand Formulaire (Tarif) rempli et Formulaire (Essai) rempli")
    essai = EventPattern("form_submitted", "Essai")
    assert (one.on, other.on) == (FORM, essai)
    assert one.condition == Leaf(said("Formulaire (Essai) rempli"), Happened(Events(essai)))
    assert other.condition == Leaf(said("Formulaire (Tarif) rempli"), Happened(Events(FORM)))


def test_an_or_of_events_inside_an_and_is_shared_out() -> None:
    found = triggers(
        "quand [Formulaire (Tarif) rempli ou Formulaire (Essai) rempli]"
        " et Pointage lead au-dessus de (5)"
    )
    assert [one.on.subject for one in found if one.on] == ["Tarif", "Essai"]
    assert {one.condition for one in found} == {SCORE}


def test_a_trigger_that_counts_asks_for_the_count_at_each_event() -> None:
    (one,) = triggers("quand Formulaire (Tarif) rempli au moins (3) fois")
    assert one.on == FORM
    assert isinstance(one.condition, Leaf)
    assert one.condition.condition == Happened(Events(FORM), times=3)


@pytest.mark.parametrize(
    ("written", "cron"),
    [
        ("chaque jour à 9 h", "0 9 * * *"),
        ("chaque lundi à 9 h 30", "30 9 * * 1"),
        ("chaque dimanche à 18 h", "0 18 * * 0"),
        ("chaque jour", "0 9 * * *"),
    ],
)
def test_each_day_is_a_schedule(written: str, cron: str) -> None:
    (alone,) = triggers(f"quand {written}")
    assert (alone.schedule, alone.on, alone.condition) == (cron, None, None)
    (joined,) = triggers(f"quand {written} et Pointage lead au-dessus de (5)")
    assert (joined.schedule, joined.condition) == (cron, SCORE)


def test_an_exit_keeps_its_outcome_and_its_delay() -> None:
    found = program("""
      sortie réussie
        quand Événement (Achat) survenu
      sortie échouée
        quand Pointage lead en-dessous de (0)
        après 30 jours

      Changer pointage (+1)
    """)
    assert [one.outcome for one in found.exits] == [Exit.SUCCESS, Exit.FAILURE]
    assert found.timeout == Duration(days=30)


@pytest.mark.parametrize(
    ("written", "policy", "delay"),
    [
        ("", Reentry.NEVER, None),
        ("réentrée : jamais", Reentry.NEVER, None),
        ("réentrée : après sortie", Reentry.AFTER_EXIT, None),
        ("réentrée : après 30 jours", Reentry.AFTER_DELAY, Duration(days=30)),
        ("réentrée : après 1 mois", Reentry.AFTER_DELAY, Duration(months=1)),
        ("réentrée : par (numéro)", Reentry.BY_VALUE, None),
    ],
)
def test_each_wording_of_reentry_is_read(
    written: str, policy: Reentry, delay: Duration | None
) -> None:
    found = program("Changer pointage (+1)", written)
    assert (found.reentry, found.reentry_delay) == (policy, delay)


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        ("du 1er décembre 2026 au 31 décembre 2026", date(2026, 12, 1), date(2026, 12, 31)),
        ("du 2026-12-01 au 2026-12-01", date(2026, 12, 1), date(2026, 12, 1)),
        ("à partir du 2026-12-01", date(2026, 12, 1), None),
        ("jusqu’au 2026-12-31", None, date(2026, 12, 31)),
    ],
)
def test_a_period_is_read_with_the_ends_it_has(
    written: str, starts: date | None, ends: date | None
) -> None:
    found = program("Changer pointage (+1)", f"période : {written}")
    assert (found.starts, found.ends, found.starts_at, found.ends_at) == (starts, ends, None, None)


def test_a_period_may_name_hours() -> None:
    period = "période : du 27 novembre 2026 à 0 h au 27 novembre 2026 à 23 h 59"
    found = program("Changer pointage (+1)", period)
    assert (found.starts, found.starts_at) == (date(2026, 11, 27), time(0, 0))
    assert (found.ends, found.ends_at) == (date(2026, 11, 27), time(23, 59))


def test_a_dynamic_list_is_asked_for_its_members() -> None:
    source = "liste « Amis » : Pointage lead au-dessus de (5)\n" + campaign(
        "si Lead membre de la liste (amis)\nChanger pointage (+1)\nfin"
    )
    found = checked(source)
    decide = found.programs[0].program.statements[0]
    assert isinstance(decide, Decide)
    assert decide.condition == Leaf(said("Lead membre de la liste (amis)"), InList("amis"))
    assert [(one.name, one.condition) for one in found.lists] == [("Amis", SCORE)]


def test_a_statement_knows_its_line_and_its_text() -> None:
    act = statements("\n\nchanger  POINTAGE (+10)")[0]
    assert isinstance(act, Act)
    assert act.place.said.values == (("change", Change(10)),)
    assert act.place.line == 7
