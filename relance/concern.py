"""Concerns: what keeps a server from doing what is asked of it, each with its remedy.

Whoever sees one tells it: the server of itself, a plugin of its settings and its accounts. They are
put together, worst first, in one place, and shown the same everywhere.
"""

from dataclasses import dataclass
from enum import IntEnum


class Gravity(IntEnum):
    """How bad it is; the greater the worse."""

    #: Nothing fails; somebody should look.
    NOTICE = 1
    #: Some of what is asked for is not done.
    IMPAIRED = 2
    #: A whole part of the work is not done: a channel, the rules.
    STOPPED = 3
    #: Nothing is received or kept.
    DOWN = 4


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that is wrong, in French.

    `code` is stable, for whoever watches from outside: « email.expediteur ». `fact` and `remedy`
    are sentences, read by the operator only: they may name people and machines.
    """

    code: str
    gravity: Gravity
    fact: str
    remedy: str
    details: tuple[str, ...] = ()
