"""A page: its address, who may ask for it, and what answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response


class Access(Enum):
    """Who may ask. There is no default: a page open by omission is a hole."""

    ANYBODY = "anybody"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Page:
    """`path` as Starlette writes it: « /parcours/{lead:int} ». HEAD comes with GET."""

    path: str
    access: Access
    answer: Callable[[Request], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET",)
    #: Whether the deadline of all is its own; no, for one that has a shorter, and something to say.
    in_time: bool = True
