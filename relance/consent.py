"""Consent: on what basis somebody is written to, and the events that say so.

The ledger is the events themselves: who (the lead), what (the channel, in the context; none: all of
them), how surely (the subject, a basis by its name), when, and in the details how (a form, a file, a
page), the words shown and their SHA-256, until when. They are never changed; who withdraws adds one.
The bases are those of Canada’s anti-spam law (S.C. 2010, c. 23, s. 10); elsewhere « exprès » is the one
that the GDPR calls consent.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from relance.events import NewEvent
from relance.fold import fold

GIVEN, WITHDRAWN = "consent_given", "consent_withdrawn"
CONSENTS = frozenset((GIVEN, WITHDRAWN))
#: The details of such an event.
HOW, WORDS, HASH, UNTIL, TO_CONFIRM = "comment", "texte", "empreinte", "jusqu-a", "a-confirmer"
#: How a consent came that a file says: the team’s word, which takes nobody’s refusal back.
IMPORTED = "import:"
_LONGEST_WORDS = 4_000


class Basis(IntEnum):
    """What lets a marketing message leave, each surer than those before it."""

    #: Nobody asked for it, nor against it.
    NONE = 0
    #: A purchase, a request: it lapses with time.
    IMPLIED = 1
    #: The person said so.
    EXPRESS = 2

    @property
    def label(self) -> str:
        """How people write it."""
        return {Basis.NONE: "aucun", Basis.IMPLIED: "implicite", Basis.EXPRESS: "exprès"}[self]

    @classmethod
    def read(cls, text: str) -> "Basis | None":
        """What an author wrote; None when it is none of them."""
        asked = fold(text.strip())
        return next((one for one in cls if fold(one.label) == asked), None)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a form of the project asks to agree to: the words of its box, the channels it is about."""

    form: str
    words: str
    channels: tuple[str, ...]

    @property
    def hash(self) -> str:
        """By which the ledger knows its words."""
        return hash_of(self.words)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a ledger comes to on a channel: the consents that count, or the withdrawal since.

    `waiting`: those given since that will count once the address is confirmed; until then a
    withdrawal outlasts them.
    """

    given: tuple[NewEvent, ...] = ()
    waiting: tuple[NewEvent, ...] = ()
    withdrawn: NewEvent | None = None

    @property
    def basis(self) -> Basis:
        """The surest that they come to."""
        read = (Basis.read(one.subject or "") or Basis.NONE for one in self.given)
        return max(read, default=Basis.NONE)

    @property
    def words(self) -> frozenset[str]:
        """The words agreed to, by hash; a consent without words has the empty one."""
        return frozenset(str(one.properties.get(HASH, "")) for one in self.given)


def hash_of(words: str) -> str:
    """The SHA-256 of words shown, in hexadecimal."""
    return hashlib.sha256(words[:_LONGEST_WORDS].encode()).hexdigest()


def agreed(
    ledger: Iterable[NewEvent], channel: str, now: datetime, *, confirmed: bool = True
) -> Agreed:
    """What the consents of somebody, the oldest first, come to on that channel now.

    `confirmed`: whether the address that channel writes to is proven to be theirs.
    """
    found = Agreed()
    for one in ledger:
        if one.context not in (None, channel):
            continue
        if one.type == WITHDRAWN:
            found = Agreed(withdrawn=one)
            continue
        by_file = str(one.properties.get(HOW, "")).startswith(IMPORTED)
        if (found.withdrawn and by_file) or not _holds(one.properties.get(UNTIL), now):
            continue
        if one.properties.get(TO_CONFIRM) and not confirmed:
            found = replace(found, waiting=(*found.waiting, one))
        else:
            found = Agreed((*found.given, one))
    return found


def _holds(until: object, now: datetime) -> bool:
    """Whether a consent said to last until then still does; one that says nothing does."""
    if not isinstance(until, str):
        return True
    try:
        return datetime.fromisoformat(until) > now
    except (ValueError, TypeError):
        return False


def given(
    basis: Basis,
    channel: str | None,
    how: str,
    words: str = "",
    until: datetime | None = None,
    *,
    to_confirm: bool = False,
) -> NewEvent:
    """The event of a consent. `how`: what it came by; `to_confirm`: it counts once the address is."""
    details = _details(how, words)
    if until is not None:
        details[UNTIL] = until.isoformat()
    if to_confirm:
        details[TO_CONFIRM] = True
    return NewEvent(GIVEN, basis.label, context=channel, properties=details)


def withdrawn(channel: str | None, how: str, words: str = "") -> NewEvent:
    """The event of a consent taken back, before those words."""
    return NewEvent(WITHDRAWN, context=channel, properties=_details(how, words))


def _details(how: str, words: str) -> dict[str, object]:
    details: dict[str, object] = {HOW: how}
    if words:
        details |= {WORDS: words[:_LONGEST_WORDS], HASH: hash_of(words)}
    return details
