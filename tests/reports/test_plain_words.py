"""No name of the inside reaches a reader: every code the store may hold has words of its own."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.program import Decide, Exit
from relance import events as contract
from relance.event_type import EventType
from relance.facts import InList, Leaf
from relance.said import Said
from server.engine import own_events
from server.engine.moves import Cause, Move
from server.plugins import load_plugins
from server.reports import french, words
from server.reports.glossary import Glossary
from server.reports.leaves import LeafLine
from server.reports.ledger import Ledger
from server.reports.moves import lists_of, move_details, move_reason, move_text
from server.reports.timeline import timeline_of, zone_of

#: Nothing people read in French looks like this: « schedule_due », « 3/0 », « RESUMED ».
_CODES = "|".join([*Move, *Cause])
INNER = re.compile(rf"\b[a-z]+_[a-z_]+\b|\b\d+/\d+\b|\b(?:{_CODES})\b")
PARIS, MONTREAL = ZoneInfo("Europe/Paris"), ZoneInfo("America/Montreal")
AT = datetime(2026, 11, 29, 1, 2, 3, tzinfo=UTC)


GLOSSARY = load_plugins().glossary


def types() -> set[str]:
    """Every type of event: the contract's, the engine's own, the plugins'."""
    known = {one.type for one in load_plugins().event_types()}
    for module in (contract, own_events):
        known |= {
            text for name, text in vars(module).items() if name.isupper() and isinstance(text, str)
        }
    return known


@pytest.mark.parametrize("type_", sorted(types()))
def test_an_event_is_told_in_french(type_: str) -> None:
    own = {own_events.SCHEDULE_DUE: "3/0", own_events.CAMPAIGN_REQUESTED: "essai_routier"}
    sentence = GLOSSARY.event(type_, own.get(type_, "Vélo"), "Courriel")
    for said in (sentence, GLOSSARY.event_label(type_)):
        assert not INNER.search(said), said


@pytest.mark.parametrize("code", [one.value for one in Exit])
def test_an_exit_is_told_in_french(code: str) -> None:
    assert not INNER.search(words.outcome(code))


@pytest.mark.parametrize(
    "reason",
    [
        "already_in",
        "excluded",
        "suppressed",
        "in_group",
        "once_only",
        "value_came",
        "no_value",
        "too_soon",
        "too_often",
        "out_of_period",
    ],
)
def test_a_refusal_is_told_in_french(reason: str) -> None:
    assert not INNER.search(words.refusal(reason))


STATES = ("pending", "sending", "sent", "refused", "unreachable", "failed", "doubtful", "suppressed", "cancelled")  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_state_of_a_message_is_told_in_french(state: str) -> None:
    for channel in ("email", "sms", "push", "alert", "crm", "vendeur"):
        assert state not in GLOSSARY.message(channel, "Bonjour", None, state)
    assert state not in words.outbox_label(state)


def move(kind: str, cause: str, **more: Any) -> Any:
    usual = {"version_id": 1, "campaign_id": 1, "entry": 1, "move": 1, "statement": None}
    others = {"cause_event": 7, "branch": None, "until": None, "leaves": None, "at": 1}
    return SimpleNamespace(kind=kind, cause=cause, lead_id=1, **{**usual, **others, **more})


def ledger(zone: str | None = None, **more: Any) -> Ledger:
    program = SimpleNamespace(name="Bienvenue", zone=zone, statements=(), entries=(), exits=())
    usual: dict[str, Any] = {
        "glossary": GLOSSARY,
        "enrolments": (),
        "moves": (),
        "messages": (),
        "refusals": (),
        "events": {},
    }
    return Ledger(campaigns={1: "Bienvenue"}, programs={1: program}, **{**usual, **more})  # type: ignore[arg-type]


def event(**more: Any) -> Any:
    usual = {"id": 7, "type": "schedule_due", "subject": "3/0", "context": None, "address": None}
    return SimpleNamespace(**{**usual, "properties": None, "occurred_at": 1, **more})


@pytest.mark.parametrize("kind", list(Move))
@pytest.mark.parametrize("cause", list(Cause))
def test_a_move_is_told_in_french_even_when_its_line_is_gone(kind: str, cause: str) -> None:
    book = ledger(events={7: event()})
    one = move(kind, cause)
    for said in (move_text(book, one), move_reason(book, one, PARIS)):
        assert not INNER.search(said), said


def test_an_answer_tells_its_hours_in_one_zone_that_of_the_campaign_when_there_is_one() -> None:
    assert zone_of(ledger("Europe/Paris"), MONTREAL) == PARIS
    assert zone_of(ledger(), MONTREAL) == MONTREAL
    two = ledger("Europe/Paris")
    mixed = Ledger(**{**{name: getattr(two, name) for name in two.__slots__}, "programs": {**two.programs, **{2: ledger().programs[1]}}})  # fmt: skip
    assert zone_of(mixed, MONTREAL) == MONTREAL
    until = int(AT.timestamp() * 1_000_000)
    book = ledger("Europe/Paris", moves=(move(Move.WAITED, Cause.MOVE, until=until),))
    (line,) = timeline_of(book, zone_of(book, MONTREAL))
    assert "29 nov. 2026 à 2 h 02" in line.reason.replace("\u00a0", " ")
    assert french.zone_name(PARIS) == "Heures de Paris (Europe/Paris)."
    montreal = ZoneInfo("America/Montreal")
    assert french.zone_name(montreal) == "Heures de Montréal (America/Montreal)."


def test_seconds_are_told_where_lines_share_a_minute_and_only_there() -> None:
    later, alone = AT + timedelta(seconds=4), AT + timedelta(minutes=5)
    shared = french.shared_minutes([AT, later, alone, alone])
    assert shared == {AT, later}
    assert french.instant(AT, UTC_ZONE, seconds=True).endswith(
        "1\u00a0h\u00a002\u00a0min\u00a003\u00a0s"
    )


UTC_ZONE = ZoneInfo("UTC")


def test_an_event_of_a_vendor_goes_by_the_name_its_plugin_gives_it() -> None:
    adopted = EventType("pet_adopted", "animal adopté", "Un animal a une famille.", icon="☺")
    book = ledger(
        events={7: event(type="pet_adopted", subject="Rex")}, glossary=Glossary([adopted])
    )
    assert move_reason(book, move(Move.ENTERED, Cause.EVENT), PARIS) == "Animal adopté (Rex)"
    (line,) = timeline_of(book, PARIS)
    assert (line.text, line.icon) == ("Animal adopté (Rex)", "☺")


def test_a_list_that_one_is_not_on_says_which_part_is_not_so() -> None:
    asked = Leaf(Said("Lead membre de la liste (Fidèles)"), InList("Fidèles"))
    place = SimpleNamespace(text="si Lead membre de la liste (Fidèles)")
    statement = Decide("a", place, asked, 1, 2)  # type: ignore[arg-type]
    parts = {"fideles": (LeafLine("Pointage lead au-dessus de (10)", False, "3"),)}
    book = ledger(lists=parts)
    book.programs[1].statements = (statement,)  # type: ignore[misc]
    decided = move(Move.DECIDED, Cause.MOVE, statement=0, leaves="[[0, null]]")
    assert lists_of(replace(book, moves=(decided,))) == {"fideles"}
    assert move_details(book, decided, PARIS) == [
        "Lead membre de la liste (Fidèles) : faux",
        "liste (Fidèles), à présent : Pointage lead au-dessus de (10) : faux (3)",
    ]
    so = move(Move.DECIDED, Cause.MOVE, statement=0, leaves="[[1, null]]")
    assert move_details(book, so, PARIS) == ["Lead membre de la liste (Fidèles) : vrai"]
