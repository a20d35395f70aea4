"""Searches that no address may hold, kept for who made them: theirs says only which.

Somebody's address or telephone is written in no history and in no log of a relay, and a long sentence
fits nowhere; yet one reloads a page, goes back to it, follows a link and returns. The search stays in
the memory of the server that serves pages, under a key nobody can guess, for the session that made it
and a while only: a restart forgets it, and nothing of it is stored.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from relance.host import Clock
from server.store.instants import HOUR, Micros, now_micros

#: How long after it was last looked at.
KEPT_HOURS = 2
#: So many of one session, and so many in all: the oldest go.
_MOST_OF_ONE, _MOST = 50, 5_000


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """What was looked for: by what is known of somebody, or by a sentence."""

    sought: str
    sentence: str


@dataclass(slots=True)
class _Held:
    session: int
    search: KeptSearch
    until: Micros


class KeptSearches:
    """Those of everybody, the ones looked at last at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def keep(self, session: int, search: KeptSearch) -> str:
        """The key it is found under; that of the same search when it is kept already."""
        now = self._forget()
        mine = [key for key, one in self._held.items() if one.session == session]
        key = next((one for one in mine if self._held[one].search == search), None)
        if key is None:
            key = secrets.token_urlsafe(16)
            for old in mine[: max(0, len(mine) - _MOST_OF_ONE + 1)]:
                del self._held[old]
            while len(self._held) >= _MOST:
                self._held.popitem(last=False)
        self._look_at(key, _Held(session, search, now))
        return key

    def find(self, session: int, key: str) -> KeptSearch | None:
        """What that session keeps there; None when it is nobody’s any more, or somebody else’s."""
        self._forget()
        held = self._held.get(key)
        if held is None or held.session != session:
            return None
        self._look_at(key, held)
        return held.search

    def _look_at(self, key: str, held: _Held) -> None:
        held.until = now_micros(self._clock) + KEPT_HOURS * HOUR
        self._held[key] = held
        self._held.move_to_end(key)

    def _forget(self) -> Micros:
        """Let go of those whose time is over: the first, each being put last when it is looked at."""
        now = now_micros(self._clock)
        while self._held and next(iter(self._held.values())).until <= now:
            self._held.popitem(last=False)
        return now
