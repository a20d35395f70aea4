"""Who starts a server, and is told when it answers and how it does: a command, the demonstration."""

from typing import Protocol

from server.health.health import Health


class Onlooker(Protocol):
    """Whoever started the server, and waits to be told."""

    def answers(self, url: str) -> None:
        """Requests are answered, at that address."""

    def awaits_first(self, link: str) -> None:
        """Nobody has an account yet: that link makes the first, once."""

    def examined(self, health: Health) -> None:
        """How it is doing, to begin with."""


class HelperOnlooker(Onlooker, Protocol):
    """One who started a process among several, which may not be the first."""

    def helps(self, url: str | None) -> None:
        """It helps the first; where requests are answered, if they are."""
