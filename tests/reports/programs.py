"""Small programs for the reports to tell, written statement by statement."""

from dsl.program import Place, Program, Reentry, Statement
from relance.said import Said


def place(text: str) -> Place:
    return Place(1, Said(text))


def program(*statements: Statement, name: str = "Essai") -> Program:
    return Program(
        name=name,
        description=None,
        zone=None,
        starts=None,
        ends=None,
        reentry=Reentry.NEVER,
        reentry_delay=None,
        timeout=None,
        entries=(),
        exits=(),
        statements=statements,
    )
