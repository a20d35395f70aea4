"""What a fact changes of whether, and where, somebody may be written to.

Told with the fact (`Incoming.reach`, `Sent.reach`, `Refused.reach`), it is stored in its
transaction: neither survives without the other, and a sender whose attempt failed tells both again.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Suppress:
    """Never write to that address through that channel again.

    `asked`: the person asked for it, and may alone come back on it; False where a server says
    that nobody is there, which may be a mistake and can be lifted by the operator. It holds
    whenever it is told, even of a lead that is gone or with a fact that was told before.
    """

    channel: str
    address: str
    reason: str
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Welcome:
    """Write again to an address that asks to be written to.

    Once a fact: told again, it must not bring back who has left since.
    """

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Attach:
    """Keep an address of the fact's lead that no field holds.

    `name` tells it apart on that channel (a browser's own address), `text` is all there is to know
    of it. One that was another lead's is this one's from then on. `visitor`: the mark of the
    browser it came by; once that browser is proven to be another lead's, the address is too, and
    an event of the type `event_type` is recorded of that lead.
    """

    channel: str
    name: str
    text: str
    visitor: str | None = None
    event_type: str | None = None


@dataclass(frozen=True, slots=True)
class Detach:
    """Forget an attached address, whoever's it is; when it was the last its lead had on that
    channel, an event of the type `last` is recorded of that lead.
    """

    channel: str
    name: str
    last: str | None = None


Reach: TypeAlias = Suppress | Welcome | Attach | Detach
