"""A visit of what a message holds: a link followed, its picture loaded, its hidden link found.

Judging one needs what came around it, so visits are kept as notes of the host for a while: a note
is all that a judge after a restart knows of them.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.requests import Request

from relance.client import client_of
from relance.host import Held

CLICK, OPEN, TRAP = "click", "open", "trap"
_MOST_AGENT = 200


def address_mark(address: str, key: str) -> str:
    """Which address a message of that key went to, without telling it to who reads the link."""
    mailbox = address.strip().lower().encode("utf-8", "replace")
    salt = hashlib.sha256(key.encode()).digest()
    return hashlib.blake2b(mailbox, digest_size=9, key=salt).hexdigest()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `link` is the number of the address followed; `links` how many the message has.

    `at` and `sent` are seconds since 1970, `client` and `agent` tell visitors apart, `signs` are
    what the request alone betrays (codes of `machines.Sign`).
    """

    kind: str
    lead: int
    key: str
    message: int
    link: int
    name: int
    links: int
    sent: float
    at: float
    client: str
    agent: str
    signs: tuple[str, ...]
    #: What the browser is known by on the site, to be joined to the lead if a person is there.
    mark: str | None = None
    #: Which address the message went to (`address_mark`); empty: it was sent before that was told.
    to: str = ""

    def text(self) -> str:
        """The visit as a note."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @property
    def actor(self) -> tuple[str, str]:
        """Who visited, as far as a request tells."""
        return (self.client, self.agent)


def visit_of(note: Held) -> Visit:
    """The visit that was noted."""
    said = json.loads(note.text)
    return Visit(**{**said, "signs": tuple(said["signs"])})


def visit(
    kind: str, request: Request, now: datetime, signs: tuple[str, ...], mark: str | None
) -> Visit:
    """The visit that a request on one of our addresses is.

    A token holds the lead, the message's key, the number of its name and when it was sent; that of
    a link also the numbers of its address and name, how many links the message has, and the mark
    of the address it went to.
    """
    part = request.path_params
    link = kind == CLICK
    return Visit(
        kind=kind,
        lead=int(part["0"]),
        key=part["1"],
        message=int(part["4" if link else "2"]),
        link=int(part["2"]) if link else 0,
        name=int(part["3"]) if link else 0,
        links=int(part.get("6", "0")) if link else 0,
        sent=float(part["5" if link else "3"]),
        at=now.timestamp(),
        client=client_of(request) or "",
        agent=request.headers.get("user-agent", "").strip()[:_MOST_AGENT],
        signs=signs,
        mark=mark,
        to=part.get("7", "") if link else "",
    )
