"""Tracked links, the open pixel, the hidden link: what they are made of, and who answers them.

A link's token says which lead, which message and which stored address; the redirect goes to that
stored address and to no other. Names and addresses are stored once and stand as numbers in tokens.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from plugins.email.machines import Machines, settled, signs_of
from plugins.email.settings import read_settings
from plugins.email.template import Template
from plugins.email.visits import CLICK, OPEN, TRAP, Visit, address_mark, visit, visit_of
from plugins.kit import proven
from plugins.kit.answers import DISCREET, PIXEL
from plugins.kit.links import LINK_PREFETCHED
from plugins.kit.own_pages import OWN_PAGES
from relance.channel import Message
from relance.errors import StoreUnavailable, Unacceptable
from relance.events import LINK_CLICKED, NewEvent
from relance.host import Held, Holder, Host, Identities, Incoming
from relance.route import Guard, Request, Response, Route
from relance.visitor import mark_rules, new_mark

logger = logging.getLogger(__name__)

#: The notes of visits that wait to be judged.
VISITS = "email.visits"
_NOTHING_HERE = """\
<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="robots" content="noindex">
<title>Rien à voir</title></head><body><p>Il n’y a rien à voir ici.</p></body></html>
"""
_REMEMBERED = 10_000


class Tracking:
    """Makes the addresses put in messages, answers those who follow them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._stall = read_settings(host.settings("email")).stall
        self._machines = Machines()
        self._marks = mark_rules(host.public_url, host.settings("web"))
        self._numbers: OrderedDict[str, int] = OrderedDict()

    async def numbers(self, texts: Sequence[str]) -> list[int]:
        """The numbers under which texts are stored."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._numbers))
        if missing:
            found = await self._host.keep(missing)
            self._numbers.update(zip(missing, found, strict=True))
        made = [self._numbers[text] for text in texts]
        while len(self._numbers) > _REMEMBERED:
            self._numbers.popitem(last=False)
        return made

    async def links(
        self, template: Template, targets: Sequence[str], message: Message
    ) -> Mapping[str, str]:
        """What each `{{ lien_n }}` of the template stands for: a tracked address where it may."""
        own = tuple(self._host.public_url + path for path in OWN_PAGES)
        tracked = [
            at
            for at, (link, target) in enumerate(zip(template.links, targets, strict=True))
            if link.tracked and target.startswith("http") and not target.startswith(own)
        ]
        names = [_name(template, at, targets[at]) for at in tracked]
        urls = [targets[at] for at in tracked]
        numbers = await self.numbers([template.name, *urls, *names])
        of_urls, of_names = numbers[1 : len(urls) + 1], numbers[len(urls) + 1 :]
        made = untracked(targets)
        sent = int(message.at.timestamp())
        rest = (numbers[0], sent, len(set(urls)), address_mark(message.address, message.key))
        for at, url, name in zip(tracked, of_urls, of_names, strict=True):
            token = self._host.sign(CLICK, message.lead_id, message.key, url, name, *rest)
            made[f"lien_{at}"] = f"{self._host.public_url}/c/{token}"
        return made

    async def pixel(self, template: Template, message: Message) -> str:
        """The address of the message's open pixel."""
        return f"{self._host.public_url}/o/{await self._token(OPEN, template, message)}.gif"

    async def trap(self, template: Template, message: Message) -> str:
        """The address of the link nobody sees, which only machines follow."""
        return f"{self._host.public_url}/h/{await self._token(TRAP, template, message)}"

    async def _token(self, kind: str, template: Template, message: Message) -> str:
        (number,) = await self.numbers([template.name])
        sent = int(message.at.timestamp())
        return self._host.sign(kind, message.lead_id, message.key, number, sent)

    def holders(self) -> Mapping[str, Holder]:
        """Who judges the visits held."""
        return {VISITS: self._judged}

    def routes(self) -> list[Route]:
        """The routes of tracked links and of the pixel."""
        methods = ("GET", "HEAD")
        return [
            Route("/c/{token}", methods, Guard.TOKEN, self._clicked, purpose=CLICK),
            Route("/o/{token}.gif", methods, Guard.TOKEN, self._opened, purpose=OPEN),
            Route("/h/{token}", methods, Guard.TOKEN, self._trapped, purpose=TRAP),
        ]

    async def _clicked(self, request: Request) -> Response:
        target = await self._host.kept(int(request.parameters["2"]))
        if target is None or not target.startswith(("http://", "https://")):
            return Response(status=404)
        signs = signs_of(CLICK, request)
        mark, given = (None, {}) if settled(signs) else self._mark(request)
        await self._visited(CLICK, request, signs, mark)
        return Response(status=302, location=target, headers={**DISCREET, **given})

    def _mark(self, request: Request) -> tuple[str | None, dict[str, str]]:
        """The browser's mark, which joins what it did on the site to the lead; given if it may be."""
        known = self._marks.mark_of(request.cookies, request.headers)
        if known is not None or not self._marks.may_mark(request.cookies, request.headers):
            return known, {}
        mark = new_mark()
        return mark, {"set-cookie": self._marks.kept(mark)}

    async def _opened(self, request: Request) -> Response:
        await self._visited(OPEN, request, signs_of(OPEN, request))
        return Response(PIXEL, content_type="image/gif", headers=DISCREET)

    async def _trapped(self, request: Request) -> Response:
        await self._visited(TRAP, request, signs_of(TRAP, request))
        return Response(_NOTHING_HERE, headers=DISCREET)

    async def _visited(
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
                await self._host.hold(VISITS, seen.key, seen.text(), now + self._stall)
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
        machine = verdict.machine or seen.kind == TRAP
        said: dict[str, object] = {"message": seen.key}
        if verdict.signs:
            # How surely a machine, in hundredths.
            surely = round(100 * verdict.probability)
            said |= {"signes": list(verdict.signs), "probabilite": surely}
        if machine:
            said |= {"machine": True, "navigateur": seen.agent}
        message = await self._host.kept(seen.message)
        at = datetime.fromtimestamp(seen.at, UTC)
        if seen.kind == OPEN:
            type_ = "email_prefetched" if machine else "email_opened"
            event = NewEvent(type_, message, properties=said, occurred_at=at)
        else:
            link = seen.kind == CLICK
            event = NewEvent(
                LINK_PREFETCHED if machine else LINK_CLICKED,
                await self._host.kept(seen.name) if link else None,
                address=await self._host.kept(seen.link) if link else None,
                context=message,
                properties=said,
                occurred_at=at,
            )
        if machine or seen.kind != CLICK:
            return Incoming("email", Identities(lead_id=seen.lead), events=[event])
        return await self._followed(seen, event)

    async def _followed(self, seen: Visit, event: NewEvent) -> Incoming:
        """A link followed by a person: the mailbox it was sent to is hers, if it is the lead's."""
        email = None
        if seen.to:
            known = str((await self._host.fields(seen.lead) or {}).get("courriel") or "")
            if address_mark(known, seen.key) != seen.to:
                return Incoming("email", Identities(lead_id=seen.lead), events=[event])
            email = known
        held = proven.Held(seen.lead, datetime.fromtimestamp(seen.sent, UTC), email)
        return proven.proven("email", held, [event], seen.mark)


_known: "WeakKeyDictionary[Host, Tracking]" = WeakKeyDictionary()


def tracking_of(host: Host) -> Tracking:
    """The tracking of a host: one, so that who judges visits is who met the visitors."""
    found = _known.get(host)
    if found is None:
        found = _known[host] = Tracking(host)
    return found


def untracked(targets: Sequence[str]) -> dict[str, str]:
    """What each `{{ lien_n }}` stands for when nothing is followed."""
    return {f"lien_{at}": target or "#" for at, target in enumerate(targets)}


def _name(template: Template, at: int, target: str) -> str:
    """The name a link goes by: its own, or where it leads when that depends on the lead."""
    name = template.links[at].name
    return target if "{" in name or not name else name
