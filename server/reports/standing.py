"""Where a lead stands in a campaign now, and what it waits for."""

from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import Await, Program
from relance.french import quoted
from server.reports import french, words
from server.store.instants import from_micros


def standing(program: Program, enrolment: Any, zone: ZoneInfo) -> str:
    """The state of an enrolment, in a sentence."""
    if not enrolment.active:
        when = ""
        if enrolment.left_at is not None:
            when = f" le {french.instant(from_micros(enrolment.left_at), zone)}"
        return f"Sorti de la campagne{when} : {words.outcome(enrolment.outcome)}."
    place = _place(program, enrolment.statement)
    step = f" (étape {quoted(enrolment.step)})" if enrolment.step else ""
    return f"{place}{_until(program, enrolment, zone)}{step}."


def _place(program: Program, index: int) -> str:
    if not 0 <= index < len(program.statements):
        return "Arrive au bout du parcours"
    statement = program.statements[index]
    if isinstance(statement, Await):
        awaited = " ; ou ".join(_awaited(branch.place.text) for branch in statement.branches)
        return f"Attend : {awaited}"
    return f"Se trouve à : {statement.place.text}"


def _awaited(text: str) -> str:
    """What is waited for: the line, less the words that say that it is waited for."""
    for words_ in ("dès que ", "attendre que "):
        text = text.removeprefix(words_)
    return text


def _until(program: Program, enrolment: Any, zone: ZoneInfo) -> str:
    instants = [enrolment.deadline, enrolment.expires_at]
    awaits = isinstance(_statement(program, enrolment.statement), Await)
    if not awaits:
        instants.append(enrolment.wake_at)
    known = [instant for instant in instants if instant is not None]
    if not known:
        return ", sans limite de temps"
    when = french.instant(from_micros(min(known)), zone)
    return f", jusqu’au {when} au plus tard" if awaits else f", jusqu’au {when}"


def _statement(program: Program, index: int) -> object:
    return program.statements[index] if 0 <= index < len(program.statements) else None
