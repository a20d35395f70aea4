"""A channel, each of whose sends is timed: what hands messages over need not know of it."""

from typing import Any, cast

from relance.channel import Channel, Doubtful, Message, Outcome, Refused, Retry, Sent
from server.probe import Probe

_OUTCOMES: dict[type, str] = {
    Sent: "sent",
    Retry: "retry",
    Refused: "refused",
    Doubtful: "doubtful",
}


class _Observed:
    """All of a channel but how it sends is its own."""

    def __init__(self, channel: Channel, probe: Probe) -> None:
        self._channel, self._probe = channel, probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def send(self, message: Message) -> Outcome:
        """What the channel answers."""
        with self._probe.send(self._channel.name, message.attempt) as work:
            outcome = await self._channel.send(message)
            work.said["relance.outcome"] = _OUTCOMES[type(outcome)]
        return outcome


def observed(channel: Channel, probe: Probe) -> Channel:
    """The same, as `probe` sees it."""
    return cast(Channel, _Observed(channel, probe))
