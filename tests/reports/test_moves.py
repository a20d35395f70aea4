"""Each kind of move is told in French, with its reason and the truth of what was looked at."""

import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Exit,
    ExitRule,
    Jump,
    Loop,
    Pause,
    Place,
    Share,
    Split,
    Trigger,
)
from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    AnyOf,
    Compare,
    Contains,
    Events,
    Field,
    Happened,
    HasTag,
    IsEmpty,
    Leaf,
    Literal,
    Not,
    Score,
)
from relance.said import Said
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from server.engine.moves import TIMED_OUT
from server.plugins import load_plugins
from server.reports.glossary import BARE
from server.reports.leaves import leaf_lines
from server.reports.ledger import Ledger
from server.reports.moves import move_details, move_reason, move_text
from server.reports.position import position
from tests.reports.programs import place, program

ZONE = ZoneInfo("America/Montreal")
NOON = 1_796_144_400_000_000  # 1 December 2026, 12:00 in Montréal
LEAD_IS_KEEN = Leaf(Said("Lead étiqueté (Curieux)"), HasTag("Curieux"))
SCORE = Leaf(
    Said("Pointage lead au-dessus de (4)"),
    Compare(Score(), Comparator.GREATER, Literal(Decimal(4))),
)
CLICKED = Leaf(
    Said("Lien (Essai) cliqué"), Happened(Events(EventPattern("link_clicked", subject="Essai")))
)


PROGRAM = program(
    Act("0", place("Envoyer courriel (Tarifs)"), (), 1),
    Decide("1", place("si Lead étiqueté (Curieux)"), All((LEAD_IS_KEEN, SCORE)), 2, 3),
    Pause("2", place("Attendre pendant 1 jour"), WaitFor(Duration(days=1)), 3),
    Await(
        "3",
        place("attendre au plus 3 jours"),
        (Branch(Place(1, Said("as_soon", (), (Said("Lien (Essai) cliqué"),))), CLICKED, 4),),
        Duration(days=3),
        4,
    ),
    Jump("4", place("aller à l’étape « Début », 2 fois au plus"), 0, 2, 5),
    Loop("5", place("répéter 3 fois au plus"), 0, 0, 3, 6),
    Split("6", place("répartir « Objet »"), "s", (Share("Question", 5000, END),)),
)
EVENT = SimpleNamespace(type="link_clicked", subject="Essai", context="Tarifs")


def move(**values: Any) -> Any:
    defaults = dict.fromkeys(("statement", "cause_event", "branch", "until", "leaves"))
    return SimpleNamespace(
        **{
            **defaults,
            "lead_id": 1,
            "campaign_id": 1,
            "entry": 1,
            "move": 1,
            "version_id": 1,
            "at": NOON,
            "cause": "move",
            **values,
        }
    )


def ledger(**enrolment: Any) -> Ledger:
    row: Any = SimpleNamespace(
        campaign_id=1, entry=1, stay_value="", **{"outcome": "success", **enrolment}
    )
    event: Any = EVENT
    return Ledger(
        {1: "Essai"}, {1: PROGRAM}, [row], [], {7: event}, [], [], glossary=load_plugins().glossary
    )


def words_of(one: Any) -> tuple[str, str]:
    texts = (move_text(ledger(), one), move_reason(ledger(), one, ZONE))
    return texts[0].replace("\u00a0", " "), texts[1].replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("given", "text", "reason"),
    [
        (
            {"kind": "entered", "cause": "event", "cause_event": 7},
            "Entre dans la campagne « Essai »",
            "Lien (Essai) cliqué dans courriel (Tarifs)",
        ),
        (
            {"kind": "entered", "entry": 2, "cause": "time"},
            "Entre dans la campagne « Essai » (fois n° 2)",
            "le moment est venu",
        ),
        ({"kind": "acted", "statement": 0}, "Envoyer courriel (Tarifs)", ""),
        ({"kind": "decided", "statement": 1, "branch": 1}, "si Lead étiqueté (Curieux) : oui", ""),
        ({"kind": "decided", "statement": 1, "branch": 0}, "si Lead étiqueté (Curieux) : non", ""),
        (
            {"kind": "waited", "statement": 2, "until": NOON},
            "Attendre pendant 1 jour",
            "jusqu’au 1er déc. 2026 à 12 h",
        ),
        (
            {"kind": "waited", "statement": 3, "until": NOON},
            "attendre au plus 3 jours",
            "jusqu’au 1er déc. 2026 à 12 h au plus tard",
        ),
        (
            {"kind": "resumed", "statement": 3, "branch": 0, "cause": "event", "cause_event": 7},
            "dès que Lien (Essai) cliqué",
            "Lien (Essai) cliqué dans courriel (Tarifs)",
        ),
        (
            {"kind": "resumed", "statement": 3, "branch": TIMED_OUT, "cause": "time"},
            "Passé ce délai",
            "le moment est venu",
        ),
        ({"kind": "resumed", "statement": 2}, "Fin de l’attente", ""),
        (
            {"kind": "jumped", "statement": 4, "branch": 0},
            "aller à l’étape « Début », 2 fois au plus",
            "",
        ),
        (
            {"kind": "jumped", "statement": 4, "branch": 5},
            "aller à l’étape « Début », 2 fois au plus : déjà fait le nombre de fois permis, "
            "le parcours continue",
            "",
        ),
        ({"kind": "looped", "statement": 5, "branch": 6}, "répéter 3 fois au plus : fini", ""),
        ({"kind": "split", "statement": 6, "branch": 0}, "répartir « Objet » : Question", ""),
        (
            {"kind": "left", "cause": "operator"},
            "Quitte la campagne : sortie réussie",
            "décision de l’exploitant",
        ),
    ],
)
def test_a_move_is_told_with_its_reason(given: dict[str, Any], text: str, reason: str) -> None:
    assert words_of(move(**given)) == (text, reason)


def test_a_decision_tells_each_leaf_with_its_truth_and_value() -> None:
    one = move(kind="decided", statement=1, branch=0, leaves=json.dumps([[1, None], [0, 3]]))
    assert move_details(ledger(), one, ZONE) == [
        "Lead étiqueté (Curieux) : vrai",
        "Pointage lead au-dessus de (4) : faux (3)",
    ]


def test_a_wait_tells_when_what_it_waited_for_happened() -> None:
    one = move(kind="resumed", statement=3, branch=0, leaves=json.dumps([[1, NOON]]))
    (line,) = move_details(ledger(), one, ZONE)
    assert line.replace("\u00a0", " ") == "Lien (Essai) cliqué : vrai (1er déc. 2026 à 12 h)"


@pytest.mark.parametrize(
    ("condition", "value", "text"),
    [
        (Compare(Age(Field("date de naissance")), Comparator.LESS, Literal(30)), 41, "41 ans"),
        (Compare(Field("ville"), Comparator.EQUAL, Literal("Laval")), "Montréal", "Montréal"),
        (Compare(Field("ville"), Comparator.EQUAL, Literal("Laval")), None, "valeur absente"),
        (Contains(Field("ville"), "mont"), None, "vide"),
        (Not(IsEmpty(Field("ville"))), "Laval", "Laval"),
        (Happened(Events(EventPattern("page_visited")), times=3), 2, "2 fois"),
    ],
)
def test_the_value_of_a_leaf_is_in_words(condition: Any, value: Any, text: str) -> None:
    (line,) = leaf_lines([Leaf(Said("Phrase"), condition)], json.dumps([[0, value]]), ZONE, BARE)
    assert line.replace("\u00a0", " ") == f"Phrase : faux ({text})"


def test_a_phrase_that_is_denied_is_told_with_its_non_and_true_once_met() -> None:
    empty = Leaf(Said("Champ lead (courriel) est vide"), IsEmpty(Field("courriel")))
    asked = [All((LEAD_IS_KEEN, Not(empty), Not(AnyOf((SCORE, Not(CLICKED))))))]
    stored = json.dumps([[1, None], [0, "a@b.ca"], [0, 3], [1, None]])
    lines = leaf_lines(asked, stored, ZONE, load_plugins().glossary)
    assert [(line.phrase, line.holds) for line in lines] == [
        ("Lead étiqueté (Curieux)", True),
        ("non Champ lead (courriel) est vide", True),
        ("non Pointage lead au-dessus de (4)", True),
        ("Lien (Essai) cliqué", True),
    ]
    assert "non Champ lead (courriel) est vide : vrai (a@b.ca)" in lines


def test_leaves_of_another_version_of_the_script_are_not_guessed_at() -> None:
    assert leaf_lines([LEAD_IS_KEEN], json.dumps([[1, None], [0, 3]]), ZONE, BARE) == []


def enrolment(**values: Any) -> Any:
    defaults = {"active": True, "statement": 3, "step": None, "deadline": None}
    rest = {"expires_at": None, "wake_at": None, "left_at": None, "outcome": None, "stay_value": ""}
    return SimpleNamespace(**{**defaults, **rest, **values})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"deadline": NOON}, "Attend : Lien (Essai) cliqué, jusqu’au 1er déc. 2026 à 12 h au plus tard."),
        ({}, "Attend : Lien (Essai) cliqué, sans limite de temps."),
        (
            {"statement": 2, "wake_at": NOON, "step": "Début"},
            "Se trouve à : Attendre pendant 1 jour, jusqu’au 1er déc. 2026 à 12 h (étape « Début »).",
        ),
        (
            {"active": False, "left_at": NOON, "outcome": "timeout"},
            "Sorti de la campagne le 1er déc. 2026 à 12 h : sortie échouée, délai écoulé.",
        ),
    ],
)  # fmt: skip
def test_where_a_lead_stands_is_said_in_a_sentence(given: dict[str, Any], text: str) -> None:
    assert position(PROGRAM, enrolment(**given), ZONE, BARE).replace("\u00a0", " ") == text


def test_who_leaves_is_given_the_sentence_of_the_exit_and_never_that_of_an_entry() -> None:
    cold = Leaf(Said("Lead étiqueté (Froid)"), HasTag("Froid"))
    bought = Leaf(Said("Lead étiqueté (Client)"), HasTag("Client"))

    def when(leaf: Leaf) -> Trigger:
        return Trigger(Place(1, Said("quand", (), (leaf.said,))), condition=leaf)

    clicked = Trigger(
        Place(1, Said("quand", (), (CLICKED.said,))),
        on=EventPattern("link_clicked", "Essai"),
        condition=LEAD_IS_KEEN,
    )
    rules = (
        ExitRule(Exit.SUCCESS, when(bought)),
        ExitRule(Exit.FAILURE, when(cold)),
        ExitRule(Exit.FAILURE, clicked),
    )
    owed = replace(PROGRAM, entries=(when(LEAD_IS_KEEN),), exits=rules)
    stood: Any = SimpleNamespace(type="state_stands", subject="1/2", context="nouvelle version")
    found = replace(ledger(outcome="failure"), programs={1: owed}, events={7: EVENT, 8: stood})
    left = {"kind": "left", "cause": "event", "leaves": "[[1, null]]"}
    # Told that it stood as he passed: that very exit, in its own words.
    named = move(**left, cause_event=8)
    assert move_details(found, named, ZONE) == ["Lead étiqueté (Froid) : vrai"]
    reason = move_reason(found, named, ZONE).replace("\u00a0", " ")
    assert reason.startswith("Déjà vrai au passage à la nouvelle version : ")
    assert "Lead étiqueté (Froid)" in reason
    # By an event: the exit that hears of it, of those that end so.
    assert move_details(found, move(**left, cause_event=7), ZONE) == [
        "Lead étiqueté (Curieux) : vrai"
    ]
    # By what is no more kept: one that ends so, and no entry.
    assert move_details(found, move(**left), ZONE) == ["Lead étiqueté (Froid) : vrai"]
    entered = move(kind="entered", cause="event", leaves="[[1, null]]")
    assert move_details(found, entered, ZONE) == ["Lead étiqueté (Curieux) : vrai"]
