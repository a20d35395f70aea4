"""Tracked links: the addresses put in messages, and what is told of those who follow them.

A link's token says which lead, which message and which stored address; the redirect goes to that
stored address and to no other. Names and addresses are stored once and stand as numbers in tokens.
"""

import logging
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from weakref import WeakKeyDictionary, WeakValueDictionary

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.channel import Message
from relance.errors import StoreUnavailable, Unacceptable
from relance.events import LINK_CLICKED, NewEvent
from relance.host import Held, Holder, Host, Identities, Incoming
from relance.route import Guard, Route
from relance.tracking.answers import DISCREET
from relance.tracking.happenings import LINK_PREFETCHED
from relance.tracking.machines import Machines, settled, signs_of
from relance.tracking.visits import CLICK, Visit, address_mark, visit, visit_of
from relance.visitor import mark_rules, new_mark

logger = logging.getLogger(__name__)

_REMEMBERED = 10_000
_ADDRESS = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«»).,;:!?…]")
_METHODS = ("GET", "HEAD")


class Tracking:
    """That of one plugin's messages; `source` names it, `path` is where its links are answered.

    `stall`: how long a visit waits to be judged with those around it: a click is a machine's if ten
    other links are followed within the second. `own`: addresses that are never tracked, since they
    open something; this server's, unless others are given.
    """

    def __init__(
        self,
        host: Host,
        source: str,
        path: str,
        *,
        stall: timedelta = timedelta(),
        own: Sequence[str] = (),
    ) -> None:
        self._host, self._source, self._path, self._stall = host, source, path, stall
        self._own = tuple(own) or (host.public_url,)
        self._machines = Machines()
        self._marks = mark_rules(host.public_url, host.settings)
        self._numbers: OrderedDict[str, int] = OrderedDict()

    @classmethod
    def of(cls, host: Host, *given: Any, **named: Any) -> Self:
        """The one of a host: who judges visits is who made the links and met the visitors."""
        known = _KNOWN.setdefault(host, WeakValueDictionary())
        found = known.get((cls, given))
        if found is None:
            found = known[cls, given] = cls(host, *given, **named)
        if not isinstance(found, cls):
            raise TypeError(f"{found!r} is no {cls.__name__}")
        return found

    def purpose(self, kind: str) -> str:
        """What its tokens of that kind are signed for."""
        return f"{self._source}.{kind}"

    # --- What a channel asks ------------------------------------------------------------------

    async def text(self, message: Message, name: str, text: str, source: str = "") -> str:
        """A text with a tracked address in the place of each it holds; `name` is the message's.

        `source`: the text before it was filled in for the lead. An address that stands there is
        everybody's, and stored once; any other is stored with the lead, and forgotten with it.
        """
        found = dict.fromkeys(one for one in _ADDRESS.findall(text) if self.may_track(one))
        own = [one for one in found if one not in source]
        made = await self.addresses(message, name, [(one, one) for one in found], own)
        tracked = dict(zip(found, made, strict=True))
        return _ADDRESS.sub(lambda one: tracked.get(one[0], one[0]), text)

    def may_track(self, address: str) -> bool:
        """Whether an address leads to a page of the web that is not our own."""
        return address.startswith(("http://", "https://")) and not address.startswith(self._own)

    async def addresses(
        self,
        message: Message,
        name: str,
        links: Sequence[tuple[str, str]],
        own: Collection[str] = (),
    ) -> Sequence[str]:
        """The tracked address of each link: what it goes by, and where it leads.

        `name` is the message's own; `own`: the addresses that may say something of the lead, which
        are kept with it, and forgotten with it.
        """
        named, urls = [one for one, _ in links], [one for _, one in links]
        texts = [name, *urls, *named]
        numbers = await self._stored(texts, message.lead_id, own)
        of_urls, of_names = numbers[1 : len(urls) + 1], numbers[len(urls) + 1 :]
        sent = int(message.at.timestamp())
        rest = (numbers[0], sent, len(set(urls)), address_mark(message.address, message.key))
        purpose, host = self.purpose(CLICK), self._host
        return [
            f"{host.public_url}{self._path}"
            + host.sign(purpose, message.lead_id, message.key, url, link, *rest)
            for url, link in zip(of_urls, of_names, strict=True)
        ]

    async def _stored(self, texts: Sequence[str], lead: int, own: Collection[str]) -> Sequence[int]:
        if not own:
            return await self.numbers(texts)
        common = [one for one in texts if one not in own]
        found = dict(zip(common, await self.numbers(common), strict=True))
        personal = list(dict.fromkeys(one for one in texts if one in own))
        if personal:
            numbers = await self._host.keep(personal, lead)
            found.update(zip(personal, numbers, strict=True))
        return [found[one] for one in texts]

    async def numbers(self, texts: Sequence[str]) -> list[int]:
        """The numbers under which texts are stored."""
        with suppress(KeyError):  # nearly always: those of a message are those of the one before
            return [self._numbers[text] for text in texts]
        missing = list(dict.fromkeys(text for text in texts if text not in self._numbers))
        if missing:
            found = await self._host.keep(missing)
            self._numbers.update(zip(missing, found, strict=True))
        made = [self._numbers[text] for text in texts]
        while len(self._numbers) > _REMEMBERED:
            self._numbers.popitem(last=False)
        return made

    # --- What hooks answer --------------------------------------------------------------------

    def holders(self) -> Mapping[str, Holder]:
        """Who judges the visits held."""
        return {self._visits: self._judged}

    def routes(self) -> list[Route]:
        """Where its links are answered."""
        purpose = self.purpose(CLICK)
        return [
            Route(f"{self._path}{{token}}", _METHODS, Guard.TOKEN, self._clicked, purpose=purpose)
        ]

    @property
    def _visits(self) -> str:
        """The notes of visits that wait to be judged."""
        return f"{self._source}.visits"

    async def _clicked(self, request: Request) -> Response:
        target = await self._host.kept(int(request.path_params["2"]))
        if target is None or not target.startswith(("http://", "https://")):
            return Response(status_code=404)
        signs = signs_of(CLICK, request)
        mark, given = (None, {}) if settled(signs) else self._mark(request)
        await self.visited(CLICK, request, signs, mark)
        return RedirectResponse(target, 302, {**DISCREET, **given})

    def _mark(self, request: Request) -> tuple[str | None, dict[str, str]]:
        """The browser's mark, which joins what it did on the site to the lead; given if it may be."""
        known = self._marks.mark_of(request.cookies, request.headers)
        if known is not None or not self._marks.may_mark(request.cookies, request.headers):
            return known, {}
        mark = new_mark()
        return mark, {"set-cookie": self._marks.kept(mark)}

    async def visited(
        self, kind: str, request: Request, signs: tuple[str, ...], mark: str | None = None
    ) -> None:
        """Note a visit; one that cannot be noted now keeps nobody from the page they asked for."""
        now = self._host.clock.now()
        seen = visit(kind, request, now, signs, mark)
        self._machines.meet(seen)
        if self._machines.flooding(seen):
            return
        try:
            if self._stall:
                await self._host.hold(self._visits, seen.key, seen.text(), now + self._stall)
            else:
                await self._host.note([await self._fact(seen, self._machines.recent(seen))])
        except (StoreUnavailable, Unacceptable) as error:
            logger.error("une visite n’a pas pu être notée : %s", error)

    async def _judged(self, notes: Sequence[Held]) -> Sequence[Incoming]:
        """What the visits of a message are worth, now that more is known."""
        visits = [visit_of(note) for note in notes]
        return [await self._fact(one, visits) for one in visits]

    async def _fact(self, seen: Visit, session: Sequence[Visit]) -> Incoming:
        verdict = self._machines.judge(seen, session)
        said: dict[str, object] = {"message": seen.key}
        if verdict.signs:
            # How surely a machine, in hundredths.
            surely = round(100 * verdict.probability)
            said |= {"signes": list(verdict.signs), "probabilite": surely}
        if verdict.machine:
            said |= {"machine": True, "navigateur": seen.agent}
        return await self.fact(seen, said, machine=verdict.machine)

    async def fact(self, seen: Visit, said: Mapping[str, object], *, machine: bool) -> Incoming:
        """The fact that a visit is, judged."""
        context, more = self.place(await self._host.kept(seen.message))
        event = NewEvent(
            LINK_PREFETCHED if machine else LINK_CLICKED,
            await self._kept(seen.name),
            address=await self._kept(seen.link),
            context=context,
            properties={**said, **more},
            occurred_at=datetime.fromtimestamp(seen.at, UTC),
        )
        if machine:
            return self.about(seen, event)
        return await self.followed(seen, event)

    async def _kept(self, number: int) -> str | None:
        """The text of that number; 0 where the visit is of no link."""
        return await self._host.kept(number) if number else None

    def place(self, message: str | None) -> tuple[str | None, Mapping[str, object]]:
        """The context of its events, and what else they say, from what the message is called.

        The context of a link followed is a mail: another channel's message of that name is not it.
        """
        return None, {"canal": self._source, "modele": message}

    async def followed(self, seen: Visit, event: NewEvent) -> Incoming:
        """The fact that a person followed a link: of itself, it proves nothing more."""
        return self.about(seen, event)

    def about(self, seen: Visit, event: NewEvent) -> Incoming:
        """An event of the lead that a visit is of."""
        return Incoming(self._source, Identities(lead_id=seen.lead), events=[event])


#: Those that somebody still uses: each holds its host, and none is held here.
_KNOWN: "WeakKeyDictionary[Host, WeakValueDictionary[object, Tracking]]" = WeakKeyDictionary()
