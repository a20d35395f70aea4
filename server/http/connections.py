"""Who is connected: counted, bounded in number, and looked at once in a while.

A stranger may open as many connections as his machine allows, and leave each one where it costs us
most: silent, half asked, half read. So their number is bounded below what the system lets us open,
in all and for one address; when the room is full, the one who has kept us waiting for longest makes
place. Every state in which a connection waits for its client has an end, found by one look at all
of them rather than by a timer each.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Protocol

from server.http.listener import BACKLOG
from server.http.rate import network_of

#: Descriptors left to the database, the sends, the files.
_RESERVED = 128
#: What one address may hold of the room: browsers keep six, offices share an address.
_SHARE = 4
#: How often they are looked at within the shortest of the times allowed.
_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection may keep us waiting, in seconds, by what is waited for."""

    #: The whole head of a request, from the connection or from its first byte.
    head: float = 15.0
    #: The rest of a body that nobody reads any more, once answered.
    rest: float = 3.0
    #: That an answer be read.
    answer: float = 20.0
    #: Another request.
    idle: float = 15.0


PATIENCE = Patience()


class Connection(Protocol):
    """One client, as the room sees it."""

    address: str

    def look(self, now: float) -> None:
        """End it if it has kept us waiting too long; `now` in the loop's seconds."""

    def leave(self) -> None:
        """End it now, whatever is under way."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many may be there at once."""

    most: int
    of_one: int
    backlog: int

    @classmethod
    def within(cls, wanted: int, descriptors: int) -> "ConnectionLimits":
        """As many as wanted, less if the system opens too few."""
        backlog = min(BACKLOG, descriptors // 4)
        most = max(16, min(wanted, descriptors - backlog - _RESERVED))
        return cls(most, max(8, most // _SHARE), backlog)


class Connections:
    """Those of one server."""

    def __init__(
        self,
        limits: ConnectionLimits,
        trusted: Sequence[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self.limits = limits
        self.patience = patience or PATIENCE
        self._trusted = [ip_network(one, strict=False) for one in trusted]
        #: Each with the address it counts under; none for those of which many may stand behind one.
        self._open: dict[Connection, str | None] = {}
        #: Those who keep us waiting, the longest first: of all, and by address.
        self._waiting: dict[Connection, None] = {}
        self._at: dict[str | None, dict[Connection, None]] = {}
        self._count: dict[str | None, int] = {}
        self._turns: deque[Callable[[], None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def come(self, connection: Connection) -> bool:
        """Let it in, somebody else making place if need be; False when nobody can."""
        address = self._counted(connection.address)
        if address is not None and self._count.get(address, 0) >= self.limits.of_one:
            if not self._make_place(self._at.get(address, {})):
                return False
        elif len(self._open) >= self.limits.most and not self._make_place(self._waiting):
            return False
        self._open[connection] = address
        self._count[address] = self._count.get(address, 0) + 1
        self.waits(connection)
        if self._timer is None:
            self._look_later()
        return True

    def go(self, connection: Connection) -> None:
        """It is no more; as often as one likes."""
        if connection not in self._open:
            return
        self.works(connection)
        address = self._open.pop(connection)
        left = self._count.pop(address) - 1
        if left:
            self._count[address] = left

    def waits(self, connection: Connection) -> None:
        """From now on it is its client's turn."""
        if connection in self._open:
            self._waiting[connection] = None
            self._at.setdefault(self._open[connection], {})[connection] = None

    def works(self, connection: Connection) -> None:
        """From now on it is ours."""
        if connection in self._waiting:
            del self._waiting[connection]
            address = self._open[connection]
            at = self._at[address]
            del at[connection]
            if not at:
                del self._at[address]

    def in_turn(self, answer: Callable[[], None]) -> None:
        """Answer what was asked in advance: one at a time, so that others pass in between."""
        self._turns.append(answer)
        if len(self._turns) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        answer = self._turns[0]
        try:
            answer()
        finally:
            self._turns.popleft()
            if self._turns:
                asyncio.get_running_loop().call_soon(self._next)

    def _make_place(self, among: dict[Connection, None]) -> bool:
        oldest = next(iter(among), None)
        if oldest is None:
            return False
        self.go(oldest)
        oldest.leave()
        return True

    def _counted(self, address: str) -> str | None:
        """What it counts under: None for this machine's own, and for our proxies'."""
        try:
            given = ip_address(address)
        except ValueError:
            return None
        if given.is_loopback or any(given in near for near in self._trusted):
            return None
        return network_of(address)

    def _look_later(self) -> None:
        shown = self.patience
        shortest = min(shown.head, shown.rest, shown.answer, shown.idle)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(shortest / _LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._open:
            self._look_later()
        now = loop.time()
        for connection in list(self._open):
            connection.look(now)


def descriptors(wanted: int) -> int:
    """How many files and connections the system lets us open, once asked for what we want."""
    try:
        import resource
    except ImportError:  # no such bound on Windows
        return wanted * 2 + BACKLOG
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + BACKLOG + _RESERVED
    if hard == resource.RLIM_INFINITY or hard > needed:
        hard = needed
    if soft != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        )
        soft = hard
    return needed if soft == resource.RLIM_INFINITY else soft
