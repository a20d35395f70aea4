"""The server as its plugins see it (`relance.host.Host`), over the real store."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dsl.rules import TrackedLink
from relance.challenge import Challenge, Miss
from relance.channel_type import ChannelType
from relance.consent import Purpose
from relance.fold import key_of, setting_of
from relance.host import Clock, Incoming, Network, Receipt
from relance.link import Link
from relance.preferences import Preferences
from relance.project_files import ProjectFiles
from relance.values import Value
from server import private
from server.holding import Holding
from server.http.rate import network_of
from server.intake.intake import Intake
from server.intake.knowledge import REACHED
from server.kept_texts import KeptTexts
from server.past import Recalling
from server.preferences import AddressHolder, preferences_of
from server.settings import Settings
from server.spool import Spool
from server.store import attached, challenges, leads, links, suppressions
from server.store.challenges import Kept, canonical
from server.store.instants import from_micros, now_micros, to_micros
from server.store.store import Store
from server.tokens import Signer
from server.visit_buffer import FILE, VisitBuffer


class ServerHost(Recalling):
    """What a plugin may ask of the running server."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        intake: Intake,
        network: Network,
        clock: Clock,
        signer: Signer,
        buffer: VisitBuffer | None = None,
    ) -> None:
        self.clock = clock
        self.network = network
        self.public_url = settings.public_url
        #: Those of what was published last; the runtime turns to the next in one step.
        self.files = ProjectFiles()
        self.zone: ZoneInfo = settings.zone
        self.region = settings.region
        #: What the channels that write to people are called, and how they are left.
        self.channel_types: Sequence[ChannelType] = ()
        self._settings = settings
        self._store = store
        self._intake = intake
        self._signer = signer
        self._buffer = buffer or visit_buffer(
            settings, clock, intake, Holding(store, clock, intake)
        )
        self.recall(store, settings.zone)
        self._links: Sequence[Link] = ()
        self._texts = KeptTexts(store)

    def settings(self, plugin: str) -> Mapping[str, object]:
        """A section of the configuration by its name; empty when there is none."""
        return self._settings.plugins.get(setting_of(plugin), {})

    async def record(self, incoming: Sequence[Incoming]) -> Sequence[Receipt]:
        """Store facts; they are durable when this returns."""
        return await self._intake.record(incoming)

    async def note(self, incoming: Sequence[Incoming]) -> None:
        """Store facts, or keep them aside until they can be."""
        await self._buffer.note(incoming)

    async def fields(self, lead_id: int) -> Mapping[str, Value] | None:
        """A lead's fields by name, of the lead it was merged into if it was; None for no lead."""
        async with self._store.read() as conn:
            return (await leads.known_of(conn, self._store.fields, [lead_id])).get(lead_id)

    async def suppressed(self, channel: str, address: str) -> bool:
        """Whether that address is not to be written to."""
        async with self._store.read() as conn:
            return await suppressions.find(conn, channel, address) is not None

    async def attached(self, channel: str, lead_id: int) -> Mapping[str, str]:
        """The addresses attached to a lead on that channel, by name."""
        async with self._store.read() as conn:
            return await attached.of_lead(conn, channel, lead_id)

    async def holder(self, channel: str, name: str) -> int | None:
        """The lead an address is attached to on that channel."""
        async with self._store.read() as conn:
            return await attached.holder(conn, channel, name)

    async def holding(self, lead_id: int, address: str) -> Mapping[str, Value]:
        """The fields of a lead that hold that address."""
        whose = canonical(address, self.region)
        reached = {known.name for known in self._store.fields if known.column.name in REACHED}
        return {
            name: value
            for name, value in (await self.fields(lead_id) or {}).items()
            if name in reached and isinstance(value, str) and canonical(value, self.region) == whose
        }

    async def preferences(self, lead_id: int, address: str) -> Preferences | None:
        """How a lead may be written to, and what it agreed to, for the holder of that address."""
        asked = AddressHolder(self._store.fields, self.channel_types, self.region, address)
        async with self._store.read() as conn:
            return await preferences_of(conn, asked, lead_id)

    def purposes(self) -> Sequence[Purpose]:
        """What the forms of the project ask people to agree to, in words."""
        return self._settings.consent.purposes

    async def challenge(self, challenge: Challenge, code: str) -> None:
        """Keep a code about to be sent, as a hash of it."""
        one = challenge
        whom, digest = self._asked(one.address, code)
        kept = Kept(whom, one.lead_id, one.key, digest, to_micros(one.sent), to_micros(one.until))
        async with self._store.write() as conn:
            await challenges.keep(conn, kept)

    async def answer(self, address: str, code: str, client: str | None) -> Challenge | Miss:
        """What a code typed back answers."""
        whom, digest = self._asked(address, code)
        sender = None if client is None else network_of(client)
        now = now_micros(self.clock)
        async with self._store.read() as conn:  # who has tried too often has nothing written
            if await challenges.too_many(conn, whom, sender, now):
                return Miss.TOO_MANY
        async with self._store.write() as conn:
            found = await challenges.answered(conn, whom, digest, sender, now)
        if isinstance(found, Miss):
            return found
        sent, until = from_micros(found.sent_at), from_micros(found.until)
        return Challenge(found.lead_id, canonical(address, self.region), found.key, sent, until)

    def _asked(self, address: str, code: str) -> tuple[str, str]:
        """Under what an address is kept, and the hash of a code sent there."""
        whose = canonical(address, self.region)
        sign = self._signer.digest
        return sign("challenge address", whose), sign("challenge", whose, code)

    async def hold(self, purpose: str, group: str, text: str, until: datetime) -> None:
        """Keep a note, durable when this returns, for that purpose's holder to judge then."""
        await self._buffer.hold(purpose, group, text, until)

    async def keep(self, texts: Sequence[str], lead_id: int | None = None) -> Sequence[int]:
        """Store texts, each once, those of a lead apart; their numbers, in order."""
        return await self._texts.keep(texts, lead_id)

    def forget_texts(self, numbers: Collection[int]) -> None:
        """Those are kept no more."""
        self._texts.forget(numbers)

    async def kept(self, number: int) -> str | None:
        """The text stored under that number, which never changes."""
        return await self._texts.kept(number)

    async def declare_links(self, declared: Sequence[TrackedLink]) -> None:
        """Keep the links the rules declare; each has the slug it was first given, for ever."""
        taken = {link.slug: key_of(link.name) for link in await self._all_links()}
        rows = [
            Link(one.name, one.url, self._slug(key_of(one.name), taken), one.utm)
            for one in declared
        ]
        async with self._store.write() as conn:
            await links.declare(conn, rows)
            self._links = await links.all_links(conn)

    async def load_links(self) -> None:
        """Take up the links declared before, and those of the last messages."""
        self._links = await self._all_links()
        await self._texts.load()

    async def _all_links(self) -> Sequence[Link]:
        async with self._store.read() as conn:
            return await links.all_links(conn)

    def _slug(self, key: str, taken: Mapping[str, str]) -> str:
        """The slug of a key; another if a link of an earlier version, since renamed, has it."""
        slug = self._signer.slug("lien", key)
        return slug if taken.get(slug, key) == key else self._signer.slug("lien", f"{key}\n")

    async def links(self) -> Sequence[Link]:
        """The tracked links of the project, those withdrawn included."""
        return self._links

    def sign(self, purpose: str, *parts: str | int) -> str:
        """An unguessable token for public URLs; the parts can be read back."""
        return self._signer.sign(purpose, *parts)

    def seal(self, purpose: str, *parts: str | int) -> str:
        """As `sign`, for parts that say who somebody is: nobody else can read the token."""
        return self._signer.seal(purpose, *parts)

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts of a token made by `sign` or `seal` for that purpose; None for other texts."""
        return self._signer.unsign(purpose, token)


def visit_buffer(
    settings: Settings, clock: Clock, intake: Intake, holding: Holding, process: int = 0
) -> VisitBuffer:
    """What keeps aside for that project; `process`: of which of its processes, each a file."""
    name = Path(FILE)
    if process:
        name = name.with_stem(f"{name.stem}-{process}")
    return VisitBuffer(Spool(settings.folder / private.FOLDER / name), clock, intake, holding)
