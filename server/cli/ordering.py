"""An order given from the command line: what is answered, or why it is declined."""

import asyncio
from collections.abc import Mapping

from server.cli.outcome import WRONG, CommandStop
from server.cli.safe import safe
from server.cli.terminal import Console
from server.clock import SystemClock
from server.orders.ask import ask
from server.orders.declined import Declined
from server.orders.spool import Order
from server.settings import Settings


def ordered(settings: Settings, verb: str, given: Mapping[str, str]) -> str:
    """What is said of it once it is done; CommandStop, with the reason, when it is declined."""
    try:
        return asyncio.run(ask(settings, SystemClock(), Order(verb, given)))
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined


def order(settings: Settings, verb: str, given: Mapping[str, str]) -> None:
    """Have it done, and say what is said of it."""
    say_line(ordered(settings, verb, given))


def say_line(said: str) -> None:
    """Print a sentence, whatever names it holds, and leave its lines to the terminal."""
    Console(highlight=False).print(safe(said), soft_wrap=True)
