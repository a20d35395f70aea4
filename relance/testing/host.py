"""A host in memory, for a plugin's own tests: it records, signs and suppresses like the server."""

import base64
import hashlib
import json
import ssl
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from relance.challenge import Challenge, Miss
from relance.channel import Message
from relance.consent import Purpose
from relance.errors import NetworkRefused
from relance.events import NewEvent
from relance.host import Clock, Held, Holder, Identities, Incoming, Network, Receipt
from relance.link import Link
from relance.preferences import Preferences
from relance.project_files import ProjectFiles
from relance.reach import Attach, Detach, Reach, Suppress, Welcome
from relance.testing.clock import VirtualClock
from relance.values import Several, Value


class NoNetwork:
    """A `relance.host.Network` that connects nowhere."""

    def smtp(
        self, host: str, port: int, *, tls: bool, context: ssl.SSLContext | None, timeout: float
    ) -> AbstractAsyncContextManager[Any]:
        """Refuse."""
        raise NetworkRefused(f"un test ne se connecte pas à {host}:{port}")

    def http(self, *, timeout: float) -> AbstractAsyncContextManager[Any]:
        """Refuse."""
        raise NetworkRefused("un test n’ouvre pas de connexion HTTP")


class FakeHost:
    """A `relance.host.Host` that keeps everything in plain attributes a test can look at."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, object]] | None = None,
        clock: Clock | None = None,
        network: Network | None = None,
        files: ProjectFiles | None = None,
        zone: str = "America/Montreal",
        public_url: str = "https://relance.exemple.ca",
        region: str = "CA",
    ) -> None:
        self.clock: Clock = clock or VirtualClock()
        self.network: Network = network or NoNetwork()
        self.public_url = public_url
        self.files = files or ProjectFiles()
        self.zone = ZoneInfo(zone)
        self.region = region
        self.recorded: list[Incoming] = []
        self.leads: dict[int, dict[str, Value]] = {}
        self.addresses: dict[tuple[str, str], tuple[int, str]] = {}
        self.suppressions: dict[tuple[str, str], str] = {}
        self.asked: dict[tuple[str, str], bool] = {}
        #: The codes sent, by address.
        self.challenges: dict[str, tuple[Challenge, str]] = {}
        self.texts: list[str] = []
        self._sealed: dict[tuple[str, str], tuple[str, ...]] = {}
        self.held: list[tuple[str, datetime, Held]] = []
        self.tracked: list[Link] = []
        #: What `variables` tells, by name.
        self.values: dict[str, object] = {}
        #: The event that let every lead in.
        self.entered: NewEvent | None = None
        #: What `preferences` and `purposes` answer.
        self.preferences_by_lead: dict[int, Preferences] = {}
        self.asks: list[Purpose] = []
        self._settings = settings or {}
        self._ids: dict[Identities, int] = {}
        self._receipts: dict[tuple[str, str], Receipt] = {}

    def settings(self, plugin: str) -> Mapping[str, object]:
        """What the test said that section holds."""
        return self._settings.get(plugin, {})

    async def record(self, incoming: Sequence[Incoming]) -> Sequence[Receipt]:
        """Keep facts in `recorded`, once a key; leads are told apart by their identities.

        What they change of who is written to is in `suppressions`, `asked` and `addresses`.
        """
        return [self._record(item) for item in incoming]

    async def note(self, incoming: Sequence[Incoming]) -> None:
        """Keep facts in `recorded`, as `record` does."""
        await self.record(incoming)

    def _record(self, item: Incoming) -> Receipt:
        receipt = self._receipt(item)
        for one in item.reach:
            self._change(one, receipt)
        return receipt

    def _receipt(self, item: Incoming) -> Receipt:
        known = self._receipts.get((item.source, item.key)) if item.key else None
        if known:
            return Receipt(known.lead_id, duplicate=True)
        lead_id = item.identities.lead_id or self._ids.setdefault(
            item.identities, 1 + len(self._ids)
        )
        plain = {k: v for k, v in item.fields.items() if not isinstance(v, Several)}
        self.leads.setdefault(lead_id, {}).update(plain)
        self.recorded.append(item)
        receipt = Receipt(lead_id)
        if item.key:
            self._receipts[(item.source, item.key)] = receipt
        return receipt

    def _change(self, one: Reach, receipt: Receipt) -> None:
        match one:
            case Suppress(channel, address, reason, asked):
                key = (channel, address.strip().lower())
                self.suppressions.setdefault(key, reason)
                self.asked[key] = asked or self.asked.get(key, False)
            case Welcome(channel, address) if not receipt.duplicate:
                self.suppressions.pop((channel, address.strip().lower()), None)
            case Attach(channel, name, text):  # no browser is proven to be anybody's here
                self.addresses[(channel, name)] = (receipt.lead_id, text)
            case Detach(channel, name, last):
                lead, _ = self.addresses.pop((channel, name), (None, ""))
                others = {(of, whose) for (of, _), (whose, _) in self.addresses.items()}
                if lead is not None and last and (channel, lead) not in others:
                    ended = Incoming(channel, Identities(lead_id=lead), events=[NewEvent(last)])
                    self.recorded.append(ended)

    async def fields(self, lead_id: int) -> Mapping[str, Value] | None:
        """A lead's fields, from `leads`."""
        return self.leads.get(lead_id)

    async def variables(self, message: Message, names: Collection[str]) -> Mapping[str, object]:
        """Those of `values` that are asked for."""
        return {name: self.values[name] for name in names if name in self.values}

    async def entrance(self, message: Message) -> NewEvent | None:
        """The event in `entered`."""
        return self.entered

    async def history(
        self, message: Message, types: Sequence[str], most: int
    ) -> Sequence[NewEvent]:
        """What was recorded of the lead, in the order it was."""
        known = self._ids
        mine = [
            event
            for item in self.recorded
            if (item.identities.lead_id or known.get(item.identities)) == message.lead_id
            for event in item.events
        ]
        latest = (one for type_ in types for one in [e for e in mine if e.type == type_][-most:])
        kept = {id(one) for one in latest}
        return [event for event in mine if id(event) in kept]

    async def zone_of(self, message: Message) -> ZoneInfo:
        """The host's own."""
        return self.zone

    async def suppressed(self, channel: str, address: str) -> bool:
        """Whether that address is in `suppressions`."""
        return (channel, address.strip().lower()) in self.suppressions

    async def attached(self, channel: str, lead_id: int) -> Mapping[str, str]:
        """The lead's addresses on that channel."""
        return {
            name: text
            for (of, name), (lead, text) in self.addresses.items()
            if (of, lead) == (channel, lead_id)
        }

    async def holder(self, channel: str, name: str) -> int | None:
        """The lead whose that address is, from `addresses`."""
        return self.addresses.get((channel, name), (None, ""))[0]

    async def holding(self, lead_id: int, address: str) -> Mapping[str, Value]:
        """The fields of the lead, from `leads`, that are that address to the letter."""
        known = self.leads.get(lead_id, {})
        return {name: value for name, value in known.items() if value == address}

    async def preferences(self, lead_id: int, address: str) -> Preferences | None:
        """That of the lead, from `preferences_by_lead`."""
        return self.preferences_by_lead.get(lead_id)

    def purposes(self) -> Sequence[Purpose]:
        """Those in `asks`."""
        return tuple(self.asks)

    async def challenge(self, challenge: Challenge, code: str) -> None:
        """Keep the code in `challenges`."""
        self.challenges[challenge.address] = challenge, code

    async def answer(self, address: str, code: str, client: str | None) -> Challenge | Miss:
        """The challenge of that address, written the same, if that is its code and it holds."""
        challenge, right = self.challenges.get(address, (None, ""))
        holds = challenge is not None and code == right and self.clock.now() < challenge.until
        return challenge if challenge is not None and holds else Miss.WRONG

    async def hold(self, purpose: str, group: str, text: str, until: datetime) -> None:
        """Keep the note in `held`, for `ripen` to hand over."""
        note = Held(group, text, self.clock.now())
        self.held.append((purpose, until, note))

    async def ripen(self, holders: Mapping[str, Holder]) -> None:
        """Hand the groups that are due to their holders, and record what they answer."""
        now = self.clock.now()
        due = dict.fromkeys((p, note.group) for p, until, note in self.held if until <= now)
        for pair in due:
            notes = [note for p, _, note in self.held if (p, note.group) == pair]
            self.held = [one for one in self.held if (one[0], one[2].group) != pair]
            await self.record(await holders[pair[0]](notes))

    async def keep(self, texts: Sequence[str], lead_id: int | None = None) -> Sequence[int]:
        """Number texts from 1, each once."""
        for text in texts:
            if text not in self.texts:
                self.texts.append(text)
        return [self.texts.index(text) + 1 for text in texts]

    async def kept(self, number: int) -> str | None:
        """The text of that number."""
        return self.texts[number - 1] if 1 <= number <= len(self.texts) else None

    async def links(self) -> Sequence[Link]:
        """The links in `tracked`."""
        return tuple(self.tracked)

    def sign(self, purpose: str, *parts: str | int) -> str:
        """A token whose parts can be read back; it protects nothing, a test has no secret."""
        body = json.dumps([str(part) for part in parts]).encode()
        return f"{_text(body)}.{_seal(purpose, body)}"

    def seal(self, purpose: str, *parts: str | int) -> str:
        """A token that says nothing of its parts."""
        texts = tuple(str(part) for part in parts)
        token = _seal(purpose, json.dumps(texts).encode())
        self._sealed[purpose, token] = texts
        return token

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts of a token made for that purpose."""
        if (purpose, token) in self._sealed:
            return self._sealed[purpose, token]
        encoded, _, seal = token.partition(".")
        try:
            body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            return None
        return tuple(json.loads(body)) if seal == _seal(purpose, body) else None


def _seal(purpose: str, body: bytes) -> str:
    return _text(hashlib.sha256(purpose.encode() + b"\0" + body).digest()[:16])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
