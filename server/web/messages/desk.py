"""What the pages of messages, and programs, ask of the messages of the draft: one place for both.

The draft is read again once it has changed. What is shown of a message is kept a while under a name
nobody can guess, for the frame that shows it: it is hostile HTML, and stands on no page of ours.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_urlsafe
from typing import Any, TypeAlias, TypeVar

from dsl.service.language_service import LanguageService
from relance.channel import Channel, Preview, Previewer
from relance.fold import key_of
from relance.french import quoted
from relance.message_files import MessageFiles
from relance.person import Person
from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.language.draft import DraftLanguage
from server.language.uses import NameUse, uses_of
from server.preview.checks import MessageCheck, checks_of, doubts_of, faults_of
from server.preview.emptiness import LOOKED_AT, EmptyVariable, empty_variables
from server.preview.messages import ProjectMessages, WrittenMessage, files_of, is_message
from server.preview.page import alone
from server.preview.sayable import sayable
from server.preview.showing import NotShown, reason_of, send, show
from server.preview.stage import PreviewStage, stage_in
from server.publication.drafting import DraftTexts
from server.publication.source import Stamp, seen_lately
from server.publication.unusable import reading_draft
from server.web.office import Office

T = TypeVar("T")
#: By channel and key of its name, who sends each message.
Uses: TypeAlias = Mapping[tuple[str, str], Sequence[NameUse]]
#: Pages kept for their frames, and how many bytes they may be together.
_KEPT, _KEPT_BYTES = 60, 24_000_000


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What a frame shows: a whole page, the plain text of the message, either empty."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a look at a message found. `mark`: under which its page is kept, empty when there is none.

    `former`: what is shown is what was published last: the draft cannot be.
    """

    shown: Preview | None
    checks: Sequence[MessageCheck]
    mark: str = ""
    former: bool = False


@dataclass
class MessageDesk:
    """The messages of a draft, looked at and tried."""

    office: Office
    draft: DraftLanguage

    def __post_init__(self) -> None:
        folder = self.office.settings.folder
        plugins = self.office.plugins
        self.texts = DraftTexts(folder, partial(files_of, plugins), partial(is_message, plugins))
        self._stamp: Stamp | None = None
        self._read: ProjectMessages | None = None
        self._made: tuple[ProjectMessages, Uses, Any] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._kept: OrderedDict[str, KeptPage] = OrderedDict()

    # --- What there is ----------------------------------------------------------------------

    async def messages(self, *, soon: bool = False) -> ProjectMessages:
        """Those of the draft as it is now, or (`soon`) of a great one as it just was; UnusableDraft when it
        cannot be read."""
        source = self.draft.source
        async with self._one_at_a_time:
            if soon and self._read is not None and seen_lately(source, self._stamp):
                return self._read
            with reading_draft():
                stamp = await source.stamp()
                if self._read is None or stamp != self._stamp:
                    draft = await source.read()
                    self._read = await in_daemon_thread(
                        ProjectMessages.of, self.office.plugins, draft
                    )
                    self._stamp = stamp
            return self._read

    async def made_of(
        self, messages: ProjectMessages, uses: Uses, made: Callable[[ProjectMessages, Uses], T]
    ) -> T:
        """What is made of both, once for as long as they are these."""
        if self._made is None or self._made[0] is not messages or self._made[1] is not uses:
            self._made = messages, uses, await in_daemon_thread(made, messages, uses)
        found: T = self._made[2]
        return found

    async def uses(self, *, soon: bool = False) -> Uses:
        """By channel and key of its name, who sends each message."""
        kinds = [
            (one.channel, one.slot_type.name)
            for one in self.office.plugins.edited()
            if isinstance(one, MessageFiles) and one.slot_type is not None
        ]

        def found(service: LanguageService) -> Uses:
            uses = [(channel, uses_of(service, slot)) for channel, slot in kinds]
            return {(channel, key): those for channel, each in uses for key, those in each.items()}

        return await self.draft.ask_kept(found, "uses of messages", soon=soon)

    # --- One of them ------------------------------------------------------------------------

    async def look(self, messages: ProjectMessages, file: str, lead: str | None) -> LookedAt | None:
        """What that message is to that lead, else to somebody made up; None for no such lead."""
        faults = await in_daemon_thread(faults_of, messages, file)
        if faults:
            return await self._former(file, lead, faults)
        here = await self._stage(messages.files, lead)
        if here is None:
            return None
        one = messages.at(file)
        found = await self._shown(here, one)
        if isinstance(found, NotShown):
            return LookedAt(None, (MessageCheck("bad", found.reason),))
        nature = self.office.plugins.natures(lambda: messages.files)(one.channel, one.name)
        fields = [each.name for each in self.office.store.fields]
        doubts = await in_daemon_thread(doubts_of, messages, file, fields, here.host.offered)
        empty = await self._lacking(messages, one, here)
        checks = (*doubts, *empty, *checks_of(found, nature))
        return LookedAt(found, checks, self.keep(found, here))

    async def sayable(self, messages: ProjectMessages) -> Sequence[tuple[str, str]]:
        """What a message may say by name, and what each is."""
        here = await self._stage(messages.files, None)
        fields = [each.name for each in self.office.store.fields]
        return sayable(fields, here.host.offered if here is not None else ())

    async def try_out(
        self, messages: ProjectMessages, file: str, lead: str | None, to: str
    ) -> NotShown | None:
        """Send it to that address, as that lead would read it; None once it left."""
        if faults := await in_daemon_thread(faults_of, messages, file):
            return NotShown(f"Rien n’est parti. {faults[0].words}")
        here = await self._stage(messages.files, lead)
        if here is None:
            return NotShown("Rien n’est parti : ce lead n’existe plus.")
        one = messages.at(file)
        channel = self._channel(here, one)
        if channel is None:
            return NotShown("Ce canal n’est pas en service.")
        try:
            return await send(here, channel, one.name, to)
        finally:
            await channel.close()

    def keep(self, shown: Preview, here: PreviewStage) -> str:
        """Keep what is to be shown in a frame; its mark."""
        mark = token_urlsafe(18)
        self._kept[mark] = KeptPage(alone(shown.html, here.host), shown.text)
        while len(self._kept) > _KEPT or (
            len(self._kept) > 1 and sum(len(one.html) for one in self._kept.values()) > _KEPT_BYTES
        ):
            self._kept.popitem(last=False)
        return mark

    def kept(self, mark: str) -> KeptPage | None:
        """What is kept under that mark; None once it is not any more."""
        return self._kept.get(mark)

    async def look_at_warning(
        self, channel: str, type_: str, person: Person, lead: str | None
    ) -> LookedAt | None:
        """What that person would be warned with of that lead, else of somebody made up; None for no lead."""
        messages = await self.messages()
        here = await self._stage(messages.files, lead)
        if here is None:
            return None
        warns = self.office.plugins.channels(here.host).get(channel)
        if not isinstance(warns, Previewer):
            return LookedAt(
                None, (MessageCheck("bad", "Ce canal ne sait pas montrer ce qu’il enverrait."),)
            )
        message = replace(here.message(type_, ""), recipient=person.name, person=person)
        try:
            found = await warns.preview(message)
        finally:
            await warns.close()
        if not isinstance(found, Preview):
            return LookedAt(None, (MessageCheck("bad", reason_of(found)),))
        return LookedAt(found, (), self.keep(found, here))

    # ----------------------------------------------------------------------------------------

    async def _stage(self, files: ProjectFiles, lead: str | None) -> PreviewStage | None:
        office = self.office
        return await stage_in(office.store, office.settings, office.plugins, files, lead)

    def _channel(self, here: PreviewStage, one: WrittenMessage) -> Channel | None:
        return self.office.plugins.channels(here.host).get(one.channel)

    async def _shown(self, here: PreviewStage, one: WrittenMessage) -> Preview | NotShown:
        channel = self._channel(here, one)
        if channel is None:
            return NotShown("Ce canal n’est pas en service.")
        try:
            return await show(here, channel, one.name)
        finally:
            await channel.close()

    async def _former(
        self, file: str, lead: str | None, faults: Sequence[MessageCheck]
    ) -> LookedAt | None:
        """What is wrong, and what runs in its place until it is mended."""
        running = self.office.publishing.rules.running
        if running is None:
            return LookedAt(None, faults)
        former = ProjectMessages.of(self.office.plugins, running)
        sound = any(one.file == file for one in former) and not faults_of(former, file)
        if not sound:
            return LookedAt(None, faults)
        here = await self._stage(former.files, lead)
        if here is None:
            return None
        found = await self._shown(here, former.at(file))
        if isinstance(found, NotShown):
            return LookedAt(None, faults)
        return LookedAt(found, faults, self.keep(found, here), former=True)

    async def _lacking(
        self, messages: ProjectMessages, one: WrittenMessage, here: PreviewStage
    ) -> Sequence[MessageCheck]:
        text = messages.files.contents[one.file].decode("utf-8", "replace")
        channel = self._channel(here, one)
        address = channel.address_field if channel is not None else None
        async with self.office.store.read() as conn:
            found = await empty_variables(conn, self.office.store.fields, text, address)
        return [MessageCheck("warn", _hole(each), each.line) for each in found]


def _hole(one: EmptyVariable) -> str:
    among = f"les {LOOKED_AT} derniers venus" if one.looked >= LOOKED_AT else "vos leads"
    many = "personne n’a" if one.lacking == 1 else "personnes n’ont"
    otherwise = f'{{{{ {one.name} | default: "…" }}}}'
    return (
        f"{quoted(one.name)} peut être vide : {one.lacking} {many} pas de {one.name} parmi {among}. "
        f"Écrivez ce qui se lit alors : {quoted(otherwise)}."
    )


def key_of_message(one: WrittenMessage) -> tuple[str, str]:
    """By what its uses are found."""
    return one.channel, key_of(one.name)
