"""A day on the command line, written as scripts write it; apart, since reading one loads the language."""

from datetime import date

from dsl.language.fr.values import day as read_day
from relance.slot import Unreadable
from server.cli.outcome import MISUSED, CommandStop


def day_of(text: str) -> date:
    """A day as people write it."""
    found = read_day(text)
    if isinstance(found, Unreadable):
        raise CommandStop(MISUSED, f"{found.reason}. Écrivez par exemple 2026-12-24.")
    return found
