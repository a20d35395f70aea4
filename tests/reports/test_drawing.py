"""A campaign is drawn as it is read: one statement a row, branches indented, joined after."""

from xml.etree import ElementTree as ET

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Jump,
    Leave,
    Program,
    Step,
)
from dsl.program import Exit as Outcome
from relance.facts import HasTag
from relance.values import Duration
from server.reports.drawing import Drawing
from server.reports.glossary import BARE
from server.reports.layout import rows
from tests.reports.programs import place, program

TAGGED = HasTag("Curieux")


def act(text: str, next_: int) -> Act:
    return Act(text, place(text), (), next_)


def shape(of: Program) -> list[tuple[int, int, str]]:
    return [(row.statement, row.depth, row.words) for row in rows(of, BARE)]


def test_branches_are_indented_and_what_follows_fin_is_not() -> None:
    drawn = program(
        Decide("d", place("si"), TAGGED, yes=1, no=2),
        act("oui", 3),
        act("non", 3),
        act("ensuite", END),
    )
    assert shape(drawn) == [(0, 0, ""), (1, 1, "oui"), (2, 1, "non"), (3, 0, "")]


def test_a_decision_without_otherwise_joins_at_once() -> None:
    drawn = program(
        Decide("d", place("si"), TAGGED, yes=1, no=2), act("oui", 2), act("ensuite", END)
    )
    assert shape(drawn) == [(0, 0, ""), (1, 1, "oui"), (2, 0, "")]


def test_a_wait_shows_each_way_out_with_its_words() -> None:
    drawn = program(
        Await(
            "a",
            place("attendre"),
            (Branch(place("dès que X"), TAGGED, 1), Branch(place("dès que Y"), TAGGED, 2)),
            Duration(days=3),
            timeout=3,
        ),
        act("x", 4),
        Leave("s", place("sortir (échec)"), Outcome.FAILURE),
        act("délai", 4),
        act("ensuite", END),
    )
    assert shape(drawn) == [
        (0, 0, ""),
        (1, 1, "dès que X"),
        (2, 1, "dès que Y"),
        (3, 1, "passé ce délai"),
        (4, 0, ""),
    ]


def test_each_branch_hangs_from_what_opens_it_not_from_the_branch_before() -> None:
    drawn = program(
        Decide("d", place("si"), TAGGED, yes=1, no=2),
        act("oui", 3),
        act("non", 3),
        act("ensuite", END),
    )
    assert [row.above for row in rows(drawn, BARE)] == [None, 0, 0, 0]


def test_a_jump_back_draws_nothing_twice() -> None:
    drawn = program(
        Step("e", place("étape « Début »"), "Début", 1),
        act("x", 2),
        Jump("j", place("aller à l’étape « Début »"), 0, 2, 3),
        act("y", END),
    )
    assert [row.statement for row in rows(drawn, BARE)] == [0, 1, 2, 3]


def test_a_very_deep_script_is_drawn_all_the_same() -> None:
    deep = [Decide(str(i), place("si"), TAGGED, yes=i + 1, no=END) for i in range(2000)]
    drawn = program(*deep, act("fond", END))
    assert len(rows(drawn, BARE)) == 2001


def test_the_picture_marks_where_the_lead_stands_and_escapes_the_script_s_words() -> None:
    scripted = act("Envoyer courriel (<script>alert(1)</script> &\u202e fils)", 1)
    drawn = program(scripted, act("b", END), name="Essai <b>")
    picture = Drawing(drawn, BARE).of({0}, 1)
    root = ET.fromstring(picture)
    groups = [g.get("class") for g in root.iter("{http://www.w3.org/2000/svg}g")]
    assert groups == ["activite passe", "activite ici"]
    assert "<script>" not in picture
    assert "\u202e" not in picture
