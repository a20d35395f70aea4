"""Tracked links and the open pixel: what they are made of, and the routes that answer them.

A link's token says which lead, which message and which stored address; the redirect goes to that
stored address and to no other. Names and addresses are stored once and stand as numbers in tokens.
"""

import base64
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from plugins.email.machines import Machines
from plugins.email.template import Template
from relance.channel import Message
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.route import Guard, Request, Response, Route
from relance.visitor import mark_rules, new_mark

logger = logging.getLogger(__name__)

CLICK, OPEN = "click", "open"
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NOT_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_REMEMBERED = 10_000


class Tracking:
    """Makes the addresses put in messages, answers those who follow them."""

    def __init__(self, host: Host) -> None:
        self._host = host
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
        own = f"{self._host.public_url}/d/"
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
        for at, url, name in zip(tracked, of_urls, of_names, strict=True):
            token = self._host.sign(
                CLICK, message.lead_id, message.key, url, name, numbers[0], sent
            )
            made[f"lien_{at}"] = f"{self._host.public_url}/c/{token}"
        return made

    async def pixel(self, template: Template, message: Message) -> str:
        """The address of the message's open pixel."""
        (number,) = await self.numbers([template.name])
        sent = int(message.at.timestamp())
        token = self._host.sign(OPEN, message.lead_id, message.key, number, sent)
        return f"{self._host.public_url}/o/{token}.gif"

    def routes(self) -> list[Route]:
        """The routes of tracked links and of the pixel."""
        methods = ("GET", "HEAD")
        return [
            Route("/c/{token}", methods, Guard.TOKEN, self._clicked, purpose=CLICK),
            Route("/o/{token}.gif", methods, Guard.TOKEN, self._opened, purpose=OPEN),
        ]

    async def _clicked(self, request: Request) -> Response:
        lead, key, url, name, message, sent = (request.parameters[str(at)] for at in range(6))
        target = await self._host.kept(int(url))
        if target is None or not target.startswith(("http://", "https://")):
            return Response(status=404)
        headers = _NOT_KEPT
        if request.method == "GET":
            signs = self._machines.signs(request, key, url, float(sent), self._host.clock.now())
            event = NewEvent(
                type="link_prefetched" if signs else "link_clicked",
                subject=await self._host.kept(int(name)),
                address=target,
                context=await self._host.kept(int(message)),
                properties=_properties(key, signs),
            )
            mark, given = (None, {}) if signs else self._mark(request)
            await self._record(int(lead), event, mark)
            headers = {**_NOT_KEPT, **given}
        return Response(status=302, location=target, headers=headers)

    def _mark(self, request: Request) -> tuple[str | None, dict[str, str]]:
        """The browser's mark, which joins what it did on the site to the lead; given if it may be."""
        known = self._marks.mark_of(request.cookies, request.headers)
        if known is not None or not self._marks.may_mark(request.headers):
            return known, {}
        mark = new_mark()
        return mark, {"set-cookie": self._marks.kept(mark)}

    async def _opened(self, request: Request) -> Response:
        lead, key, message, sent = (request.parameters[str(at)] for at in range(4))
        if request.method == "GET":
            signs = self._machines.signs(request, key, "", float(sent), self._host.clock.now())
            event = NewEvent(
                type="email_prefetched" if signs else "email_opened",
                subject=await self._host.kept(int(message)),
                properties=_properties(key, signs),
            )
            await self._record(int(lead), event)
        return Response(_PIXEL, content_type="image/gif", headers=_NOT_KEPT)

    async def _record(self, lead: int, event: NewEvent, mark: str | None = None) -> None:
        """Store a visit; one that cannot be stored now keeps nobody from the page they asked for."""
        try:
            await self._host.record(
                [Incoming("email", Identities(lead_id=lead, visitor=mark), events=[event])]
            )
        except StoreUnavailable:
            logger.error("une visite n’a pas pu être notée")


def untracked(targets: Sequence[str]) -> dict[str, str]:
    """What each `{{ lien_n }}` stands for when nothing is followed."""
    return {f"lien_{at}": target or "#" for at, target in enumerate(targets)}


def _name(template: Template, at: int, target: str) -> str:
    """The name a link goes by: its own, or where it leads when that depends on the lead."""
    name = template.links[at].name
    return target if "{" in name or not name else name


def _properties(key: str, signs: Sequence[str]) -> dict[str, object]:
    if signs:
        return {"message": key, "machine": True, "signes": list(signs)}
    return {"message": key}
