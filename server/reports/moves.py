"""A move of the journal in words: what was done, and why."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import Await, Branch, Decide, Jump, Loop, Program, Split, Statement, Trigger
from relance.facts import Condition
from relance.fold import key_of
from relance.french import quoted
from server.engine.moves import TIMED_OUT, Cause, Move
from server.engine.own_events import STATE_STANDS
from server.reports import french, words
from server.reports.leaves import LeafLine, false_lists, leaf_lines
from server.reports.ledger import Ledger
from server.reports.thresholds import triggers
from server.store.instants import from_micros


def move_text(ledger: Ledger, move: Any) -> str:
    """What was done."""
    program = ledger.programs[move.version_id]
    if move.kind in (Move.ENTERED, Move.LEFT):
        return _threshold(program, _stay(ledger, move), move)
    statement = _statement(program, move)
    if move.kind == Move.TRANSFERRED:
        return _transferred(ledger, statement, move)
    if statement is None:
        return "Suit son parcours"  # a line the version no longer has
    if move.kind == Move.SKIPPED:
        return f"{ledger.glossary.said(statement.place.said)} : déjà fait avant de revenir ici"
    if move.kind == Move.WITHHELD:
        return f"{ledger.glossary.said(statement.place.said)} : pas fait, il est témoin"
    if move.kind == Move.RESUMED:
        return _resumed(ledger, statement, move)
    return ledger.glossary.said(statement.place.said) + _taken(statement, move)


def _threshold(program: Program, stay: Any, move: Any) -> str:
    """Who enters, or leaves, and by which of its stays; `stay` None: its row is gone."""
    value = words.stay_value(program.reentry_property, stay.stay_value) if stay is not None else ""
    if move.kind == Move.LEFT:
        outcome = words.outcome(stay.outcome if stay is not None else None)
        return f"Quitte la campagne{words.parenthesis(value)} : {outcome}"
    again = f"fois n° {move.entry}" if move.entry > 1 else ""
    return f"Entre dans la campagne {quoted(program.name)}{words.parenthesis(again, value)}"


def line_of(ledger: Ledger, move: Any) -> int | None:
    """The line of the script it was made at; None for who enters or leaves."""
    if move.kind in (Move.ENTERED, Move.LEFT):
        return None
    statement = _statement(ledger.programs[move.version_id], move)
    return None if statement is None else statement.place.line


def move_reason(ledger: Ledger, move: Any, zone: ZoneInfo) -> str:
    """Why: the event, the time, or how long it is for."""
    if move.kind in (Move.WAITED, Move.TRANSFERRED) and move.until is not None:
        return _until(ledger, move, zone)
    if move.cause == Cause.EVENT:
        event = _event(ledger, move)
        if move.kind == Move.LEFT and (rule := _stood(ledger, move)):
            return f"{event} : {rule}"
        # « dès que X » needs no « because X ».
        return "" if event in move_text(ledger, move) else event
    if move.cause == Cause.TIME:
        return "le moment est venu"
    if move.cause == Cause.OPERATOR:
        return "décision de l’exploitant"
    return ""


def _stood(ledger: Ledger, move: Any) -> str:
    """The exit that was said to stand already, in the words of its campaign; empty for any other."""
    event = ledger.events.get(move.cause_event)
    if event is None or event.type != STATE_STANDS:
        return ""
    found = _triggers(ledger, ledger.programs[move.version_id], move)
    return ledger.glossary.said(found[0].place.said) if len(found) == 1 else ""


def _until(ledger: Ledger, move: Any, zone: ZoneInfo) -> str:
    when = f"jusqu’au {french.instant(from_micros(move.until), zone)}"
    awaits = isinstance(_statement(ledger.programs[move.version_id], move), Await)
    return f"{when} au plus tard" if awaits else when


def _event(ledger: Ledger, move: Any) -> str:
    event = ledger.events.get(move.cause_event)
    return (
        ledger.glossary.event(event.type, event.subject, event.context) if event else "un événement"
    )


def move_details(ledger: Ledger, move: Any, zone: ZoneInfo) -> list[LeafLine]:
    """The truth of each phrase that was looked at."""
    program = ledger.programs[move.version_id]
    for conditions in _candidates(ledger, program, move):
        found = leaf_lines(conditions, move.leaves, zone, ledger.glossary)
        if found:
            return [*found, *_parts(ledger, conditions, move)]
    return []


def _parts(ledger: Ledger, conditions: Sequence[Condition], move: Any) -> list[LeafLine]:
    """What the lists that were not so ask, and what is so now: « faux » says not which part."""
    return [
        line.within(f"liste ({name}), à présent")
        for name in false_lists(conditions, move.leaves)
        for line in ledger.lists.get(key_of(name), ())
    ]


def lists_of(ledger: Ledger) -> set[str]:
    """The lists that the moves of a ledger found a lead not to be on, by folded name."""
    found: set[str] = set()
    for move in ledger.moves:
        for conditions in _candidates(ledger, ledger.programs[move.version_id], move):
            found |= {key_of(name) for name in false_lists(conditions, move.leaves)}
    return found


def _candidates(ledger: Ledger, program: Program, move: Any) -> list[list[Condition]]:
    """The conditions the stored leaves may be those of, the likeliest first."""
    if move.kind in (Move.ENTERED, Move.LEFT):
        found = _triggers(ledger, program, move)
        return [[trigger.condition] for trigger in found if trigger.condition is not None]
    statement = _statement(program, move)
    if isinstance(statement, Decide):
        return [[statement.condition]]
    if isinstance(statement, Await):
        every = [branch.condition for branch in statement.branches]
        taken = [every[move.branch]] if _is_branch(move, len(every)) else []
        return [taken, every] if taken else [every]
    return []


def _triggers(ledger: Ledger, program: Program, move: Any) -> Sequence[Trigger]:
    """By which of its triggers that move over the threshold may be."""
    stay = _stay(ledger, move)
    event = ledger.events.get(move.cause_event)
    return triggers(program, move, event, stay.outcome if stay is not None else None)


def _is_branch(move: Any, count: int) -> bool:
    return move.branch is not None and 0 <= move.branch < count


def _statement(program: Program, move: Any) -> Statement | None:
    if move.statement is None or not 0 <= move.statement < len(program.statements):
        return None
    index: int = move.statement
    return program.statements[index]


def _stay(ledger: Ledger, move: Any) -> Any:
    """The stay that a move is of; None once its row is gone."""
    mine = (move.campaign_id, move.entry)
    return next((row for row in ledger.enrolments if (row.campaign_id, row.entry) == mine), None)


def _transferred(ledger: Ledger, statement: Statement | None, move: Any) -> str:
    """It passed to another version: where it is in that one."""
    place = ledger.glossary.said(statement.place.said) if statement is not None else "la fin"
    if move.branch:
        return f"Passe à une autre version de la campagne, où il revient à : {place}"
    return f"Passe à une autre version de la campagne, au même endroit : {place}"


def _resumed(ledger: Ledger, statement: Statement, move: Any) -> str:
    if move.branch == TIMED_OUT:
        return "Passé ce délai"
    if isinstance(statement, Await) and _is_branch(move, len(statement.branches)):
        branch: Branch = statement.branches[move.branch]
        return ledger.glossary.said(branch.place.said)
    return "Fin de l’attente"


def _taken(statement: Statement, move: Any) -> str:
    """Which way was taken, when there was a choice."""
    match statement:
        case Decide():
            return " : oui" if move.branch else " : non"
        case Split() if _is_branch(move, len(statement.shares)):
            return f" : {statement.shares[move.branch].name}"
        case Jump() if statement.limit is not None and move.branch != statement.target:
            return " : déjà fait le nombre de fois permis, le parcours continue"
        case Loop() if move.branch != statement.body:
            return " : fini"
        case _:
            return ""
