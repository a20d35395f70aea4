"""A channel that sends nothing: it keeps what it was given and answers as it was told."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from relance.channel import Doubt, Limits, Message, Outcome, Sent


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer `outcome`, but only after `seconds` of real time."""

    seconds: float
    outcome: Outcome = Sent()  # noqa: RUF009 — frozen, so sharing it is safe


#: What a test can script: an outcome, a slow one, an exception to raise.
Scripted: TypeAlias = Outcome | Slow | Exception


def accept(message: Message) -> Outcome:
    """Take the message, and give its key back as the provider's reference."""
    return Sent(reference=message.key)


class FakeChannel:
    """A `relance.channel.Channel` for tests.

    Outcomes are given out in order, one an attempt; when there are no more, `otherwise`
    answers. `attempts` holds every message handed over, `sent` those that were accepted.
    """

    def __init__(
        self,
        name: str = "email",
        address_field: str | None = "courriel",
        outcomes: Iterable[Scripted] = (),
        otherwise: Callable[[Message], Scripted] = accept,
        limits: Limits | None = None,
        doubt: Doubt = Doubt.RESEND,
    ) -> None:
        self.name = name
        self.address_field = address_field
        self.limits = limits or Limits()
        self.doubt = doubt
        self.attempts: list[Message] = []
        self.sent: list[Message] = []
        self.known: dict[str, Outcome] = {}
        self.lookups: list[str] = []
        self.closed = False
        self._outcomes = list(outcomes)
        self._otherwise = otherwise

    def script(self, *outcomes: Scripted) -> None:
        """Append outcomes for the attempts to come."""
        self._outcomes.extend(outcomes)

    async def send(self, message: Message) -> Outcome:
        """Keep the message and answer the next scripted outcome."""
        self.attempts.append(message)
        scripted = self._outcomes.pop(0) if self._outcomes else self._otherwise(message)
        if isinstance(scripted, Slow):
            await asyncio.sleep(scripted.seconds)
            scripted = scripted.outcome
        if isinstance(scripted, Exception):
            raise scripted
        if isinstance(scripted, Sent):
            self.sent.append(message)
        return scripted

    async def lookup(self, key: str) -> Outcome | None:
        """What `known` says of that key."""
        self.lookups.append(key)
        return self.known.get(key)

    async def close(self) -> None:
        """Remember that the server let go."""
        self.closed = True
