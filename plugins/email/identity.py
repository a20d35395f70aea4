"""What a message is called outside: an id that only we can make, and that says what it was.

Reports come back with the id of the message they are about. Ours is signed, so that nobody can
tell of a message that was not theirs to receive, and needs no table to be looked up in.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from plugins.email.headers import Mailbox, address
from relance.channel import Message
from relance.host import Host

_PURPOSE = "message"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message sent: to whom, under which key, by which name; `mark` stands for its address."""

    lead_id: int
    key: str
    name: int
    mark: str

    def went_to(self, addresses: Iterable[str]) -> str | None:
        """The one of these addresses it was sent to."""
        for one in addresses:
            known = address(one)
            if self.mark in {_mark(one), _mark(known.address) if known else ""}:
                return one
        return None


def message_id(host: Host, message: Message, name: int, recipient: str, sender: Mailbox) -> str:
    """The Message-ID: the same at each attempt; `name` is the number of the template's name."""
    token = host.sign(_PURPOSE, message.lead_id, message.key, name, _mark(recipient))
    return f"<{token}@{sender.domain}>"


def sending(host: Host, references: Iterable[str]) -> Sending | None:
    """The message that one of these left sides of a Message-ID names, if it is ours."""
    for reference in references:
        parts = host.unsign(_PURPOSE, reference)
        if parts is not None and len(parts) == 4:
            return Sending(int(parts[0]), parts[1], int(parts[2]), parts[3])
    return None


def _mark(address: str) -> str:
    return hashlib.blake2b(address.strip().casefold().encode(), digest_size=6).hexdigest()
