"""Consent: on what basis somebody is written to, and the events that say so.

The ledger is the events themselves: who (the lead), what (the channel, in the context; none: all of
them), how surely (the subject, a basis by its name), when, and in the details how (a form, a file, a
page), the words shown and their SHA-256, until when. They are never changed; who withdraws adds one.
The bases are those of Canada’s anti-spam law (S.C. 2010, c. 23, s. 10); elsewhere « exprès » is the one
that the GDPR calls consent.
"""

import hashlib
from datetime import datetime
from enum import IntEnum

from relance.events import NewEvent
from relance.fold import fold

GIVEN, WITHDRAWN = "consent_given", "consent_withdrawn"
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
    shown = words[:_LONGEST_WORDS]
    details: dict[str, object] = {HOW: how}
    if shown:
        details |= {WORDS: shown, HASH: hashlib.sha256(shown.encode()).hexdigest()}
    if until is not None:
        details[UNTIL] = until.isoformat()
    if to_confirm:
        details[TO_CONFIRM] = True
    return NewEvent(GIVEN, basis.label, context=channel, properties=details)


def withdrawn(channel: str | None, how: str) -> NewEvent:
    """The event of a consent taken back."""
    return NewEvent(WITHDRAWN, context=channel, properties={HOW: how})
