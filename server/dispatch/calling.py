"""One call of a channel: what came of handing a message over, or of asking after it."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from relance.channel import Channel, Doubtful, Outcome, Retry
from relance.host import Clock
from server.crash import crash_point
from server.dispatch.book import Book, attempt_of
from server.dispatch.claim import Claim

logger = logging.getLogger(__name__)

TOO_LONG = "l’expéditeur n’a pas répondu à temps"
BROKEN = "l’extension a échoué pendant l’envoi"
PAUSED = "le serveur est resté figé avant l’envoi"


class _Late(Exception):
    """The message may be another process's by now: it is not to leave from here."""


class Calling:
    """The calls of one channel, each noted in the book as it leaves."""

    def __init__(self, channel: Channel, clock: Clock, book: Book) -> None:
        self._channel, self._clock, self._book = channel, clock, book

    def attempt(self, claim: Claim) -> str:
        """How the book calls it."""
        return attempt_of(self._channel.name, claim.message.key, claim.message.attempt)

    async def answer(self, claim: Claim, until: datetime | None) -> tuple[Outcome, bool]:
        """What became of it, and whether that was asked of the provider's own books.

        `until`: from then on another process may have it.
        """
        try:
            async with asyncio.timeout(self._channel.limits.timeout):
                if claim.ask:
                    found = await self._channel.lookup(claim.message.key)
                    return found or Doubtful("le fournisseur ne sait pas"), True
                return await self._sent(claim, until), False
        except TimeoutError:
            return Doubtful(TOO_LONG), claim.ask
        except _Late:
            return Retry(PAUSED, ours=True), False
        except Exception:
            logger.exception("canal %s : échec d’un envoi", self._channel.name)
            return Doubtful(BROKEN), claim.ask

    async def _sent(self, claim: Claim, until: datetime | None) -> Outcome:
        """Hand a message over; the answer is noted before this connection sends another."""
        attempt = self.attempt(claim)

        def leaving() -> None:
            self._make_sure(until)
            self._book.leaving(attempt)

        crash_point("dispatch.before_send")
        self._make_sure(until)
        outcome = await self._channel.send(replace(claim.message, leaving=leaving))
        crash_point("dispatch.after_send")
        self._book.answered(attempt, outcome, self._clock.now())
        crash_point("dispatch.after_answer_noted")
        return outcome

    def _make_sure(self, until: datetime | None) -> None:
        """Raise `_Late` when the message may be another's: this process was paused meanwhile."""
        if until is not None and self._clock.now() >= until:
            raise _Late
