"""Where a lead stands in a campaign now, and what it waits for."""

from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import Await, Program
from relance.french import quoted
from relance.said import Said
from server.reports import french, words
from server.reports.glossary import Glossary
from server.store.instants import from_micros


def position(program: Program, enrolment: Any, zone: ZoneInfo, glossary: Glossary) -> str:
    """The state of an enrolment, in a sentence."""
    value = words.stay_value(program.reentry_property, enrolment.stay_value)
    if not enrolment.active:
        when = ""
        if enrolment.left_at is not None:
            when = f" le {french.instant(from_micros(enrolment.left_at), zone)}"
        return f"Sorti de la campagne{when}{words.parenthesis(value)} : {words.outcome(enrolment.outcome)}."
    place = _place(program, enrolment.statement, glossary)
    step = f"étape {quoted(enrolment.step)}" if enrolment.step else ""
    return f"{place}{_until(program, enrolment, zone)}{words.parenthesis(step, value)}."


def _place(program: Program, index: int, glossary: Glossary) -> str:
    if not 0 <= index < len(program.statements):
        return "Arrive au bout du parcours"
    statement = program.statements[index]
    if isinstance(statement, Await):
        awaited = " ; ou ".join(
            glossary.said(_awaited(branch.place.said)) for branch in statement.branches
        )
        return f"Attend : {awaited}"
    return f"Se trouve à : {glossary.said(statement.place.said)}"


def _awaited(said: Said) -> Said:
    """What is waited for: the line, less what says that it is waited for."""
    return said.parts[0] if said.what == "as_soon" else said


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
