"""What mails hold beside tracked links: the open pixel, and the hidden link that machines alone follow."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from plugins.email.settings import read_settings
from plugins.email.template import EmailTemplate
from plugins.kit.own_pages import OWN_PAGES
from relance.channel import Message
from relance.events import NewEvent
from relance.host import Host, Incoming
from relance.route import Guard, Route
from relance.tracking import HeldAddress, Tracking, Visit, proven
from relance.tracking.answers import DISCREET, PIXEL
from relance.tracking.machines import signs_of
from relance.tracking.visits import OPEN, TRAP, address_mark

_NOTHING_HERE = """\
<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="robots" content="noindex">
<title>Rien à voir</title></head><body><p>Il n’y a rien à voir ici.</p></body></html>
"""
_METHODS = ("GET", "HEAD")


class MailTracking(Tracking):
    """Makes the addresses put in mails, answers those who follow them."""

    def __init__(self, host: Host) -> None:
        own = tuple(host.public_url + path for path in OWN_PAGES)
        stall = read_settings(host.settings("email")).stall
        super().__init__(host, "email", "/c/", stall=stall, own=own)

    def purpose(self, kind: str) -> str:
        """The kind itself: mails sent long ago hold such tokens."""
        return kind

    async def links(
        self, template: EmailTemplate, targets: Sequence[str], message: Message
    ) -> Mapping[str, str]:
        """What each `{{ lien_n }}` of the template stands for: a tracked address where it may."""
        tracked = [
            at
            for at, (link, target) in enumerate(zip(template.links, targets, strict=True))
            if link.tracked and self.may_track(target)
        ]
        named = [(_name(template, at, targets[at]), targets[at]) for at in tracked]
        own = {targets[at] for at in tracked if not isinstance(template.targets[at], str)}
        addresses = await self.addresses(message, template.name, named, own)
        made = zip(tracked, addresses, strict=True)
        return untracked(targets) | {f"lien_{at}": address for at, address in made}

    async def pixel(self, template: EmailTemplate, message: Message) -> str:
        """The address of the message's open pixel."""
        return f"{self._host.public_url}/o/{await self._token(OPEN, template, message)}.gif"

    async def trap(self, template: EmailTemplate, message: Message) -> str:
        """The address of the link nobody sees, which only machines follow."""
        return f"{self._host.public_url}/h/{await self._token(TRAP, template, message)}"

    async def _token(self, kind: str, template: EmailTemplate, message: Message) -> str:
        (number,) = await self.numbers([template.name])
        sent = int(message.at.timestamp())
        return self._host.sign(self.purpose(kind), message.lead_id, message.key, number, sent)

    def routes(self) -> list[Route]:
        """The routes of tracked links, of the pixel and of the hidden link."""
        opened, trapped = self.purpose(OPEN), self.purpose(TRAP)
        return [
            *super().routes(),
            Route("/o/{token}.gif", _METHODS, Guard.TOKEN, self._opened, purpose=opened),
            Route("/h/{token}", _METHODS, Guard.TOKEN, self._trapped, purpose=trapped),
        ]

    async def _opened(self, request: Request) -> Response:
        await self.visited(OPEN, request, signs_of(OPEN, request))
        return Response(PIXEL, media_type="image/gif", headers=DISCREET)

    async def _trapped(self, request: Request) -> Response:
        await self.visited(TRAP, request, signs_of(TRAP, request))
        return HTMLResponse(_NOTHING_HERE, headers=DISCREET)

    async def fact(self, seen: Visit, said: Mapping[str, object], *, machine: bool) -> Incoming:
        """A mail opened; the hidden link tells a machine, whatever else it looks like."""
        if seen.kind == TRAP and not machine:
            said, machine = {**said, "machine": True, "navigateur": seen.agent}, True
        if seen.kind != OPEN:
            return await super().fact(seen, said, machine=machine)
        type_ = "email_prefetched" if machine else "email_opened"
        message = await self._host.kept(seen.message)
        at = datetime.fromtimestamp(seen.at, UTC)
        return self.about(seen, NewEvent(type_, message, properties=said, occurred_at=at))

    def place(self, message: str | None) -> tuple[str | None, Mapping[str, object]]:
        """A link is followed in the mail of that name."""
        return message, {}

    async def followed(self, seen: Visit, event: NewEvent) -> Incoming:
        """A link followed by a person: the mailbox it was sent to is hers, if it is the lead's."""
        email = None
        if seen.to:
            known = str((await self._host.fields(seen.lead) or {}).get("courriel") or "")
            if address_mark(known, seen.key) != seen.to:
                return self.about(seen, event)
            email = known
        held = HeldAddress(seen.lead, datetime.fromtimestamp(seen.sent, UTC), email)
        return proven("email", held, [event], seen.mark)


def untracked(targets: Sequence[str]) -> dict[str, str]:
    """What each `{{ lien_n }}` stands for when nothing is followed."""
    return {f"lien_{at}": target or "#" for at, target in enumerate(targets)}


def _name(template: EmailTemplate, at: int, target: str) -> str:
    """The name a link goes by: its own, or where it leads when that depends on the lead."""
    name = template.links[at].name
    return target if "{" in name or not name else name
