"""An order given from the command line: what is answered, or why it is declined."""

import asyncio
from collections.abc import Mapping

from server.cli.account import account
from server.cli.outcome import WRONG, CommandStop
from server.cli.report import tell
from server.cli.safe import safe
from server.cli.terminal import Console
from server.clock import SystemClock
from server.orders.ask import ask
from server.orders.declined import Declined
from server.orders.spool import Order
from server.reports.answer import answer_report
from server.settings import Settings
from server.store.instants import DEFAULT_ZONE


def ordered(settings: Settings, verb: str, given: Mapping[str, str]) -> str:
    """What is said of it once it is done; CommandStop, with the reason, when it is declined."""
    try:
        return asyncio.run(ask(settings, SystemClock(), Order(verb, given, account())))
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined


def order(
    settings: Settings, verb: str, given: Mapping[str, str], *, as_json: bool = False
) -> None:
    """Have it done, and say what is said of it."""
    say_answer(ordered(settings, verb, given), as_json=as_json)


def say_answer(said: str, *, as_json: bool) -> None:
    """Print what was answered: a sentence, or the object that holds it."""
    if as_json:
        tell(answer_report(said), DEFAULT_ZONE, as_json=True)
    else:
        say_line(said)


def say_line(said: str) -> None:
    """Print a sentence, whatever names it holds, and leave its lines to the terminal."""
    Console(highlight=False).print(safe(said), soft_wrap=True)
