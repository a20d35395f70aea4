"""Who comes to a site: what a request tells of its visitor, and what is stored about them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from plugins.kit.pace import Pace
from plugins.web.crawlers import signs
from plugins.web.happenings import PAGE_PREFETCHED
from relance.client import client_of
from relance.errors import StoreUnavailable, Unacceptable
from relance.events import LINK_CLICKED, PAGE_VISITED, NewEvent
from relance.host import Host, Identities, Incoming
from relance.tracking.happenings import LINK_PREFETCHED
from relance.visitor import MarkRules, new_mark, refuses

log = logging.getLogger(__name__)

#: What machines do is kept under names of its own: no rule counts it.
_BY_MACHINES = {PAGE_VISITED: PAGE_PREFETCHED, LINK_CLICKED: LINK_PREFETCHED}


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of what a request told: the headers its answer takes."""

    headers: Mapping[str, str]


NOTHING = Heard({})


class Visitors:
    """Records what visitors do, if it may be."""

    def __init__(self, host: Host, rules: MarkRules) -> None:
        self._host = host
        self._rules = rules
        self._pace = Pace()

    async def record(self, request: Request, event: NewEvent, *, agreed: bool = False) -> Heard:
        """Store an event about whoever asks; a browser met for the first time is marked."""
        known = self._rules.mark_of(request.cookies, request.headers)
        why = signs(request.headers)
        # A machine keeps no cookie: each of its visits would make a lead of its own.
        may_mark = not why and self._rules.may_mark(request.cookies, request.headers, agreed=agreed)
        mark = known or (new_mark() if may_mark else None)
        now = self._host.clock.now().timestamp()
        if mark is None or not self._pace.allows(known, client_of(request), now):
            return NOTHING
        await self._store(mark, _by_machine(event, why) if why else event)
        return NOTHING if known else Heard({"set-cookie": self._rules.kept(mark)})

    def forget(self) -> Heard:
        """Take a browser's mark back."""
        return Heard({"set-cookie": self._rules.taken_back()})

    async def _store(self, mark: str, event: NewEvent) -> None:
        """What cannot be stored now, or ever, keeps nobody from the page they asked for."""
        try:
            await self._host.note([Incoming("web", Identities(visitor=mark), events=[event])])
        except Unacceptable:
            log.debug("ce qu’un visiteur a dit ne peut pas être noté")  # a stranger fills no log
        except StoreUnavailable as error:
            log.error("ce qu’un visiteur a fait n’a pas pu être noté : %s", type(error).__name__)

    @staticmethod
    def refuses(request: Request) -> bool:
        """Whether the browser asks not to be followed."""
        return refuses(request.headers)


def _by_machine(event: NewEvent, why: tuple[str, ...]) -> NewEvent:
    return NewEvent(
        _BY_MACHINES.get(event.type, event.type),
        event.subject,
        event.address,
        properties={**event.properties, "machine": True, "signes": list(why)},
    )
