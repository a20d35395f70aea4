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
