"""The verb that publishes: what is checked, counted and agreed upon before a draft is what runs."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TypeAlias

from relance.errors import RelanceError, StoreUnavailable
from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from relance.project_files import ProjectFiles
from server.engine.life.journal import Author
from server.engine.publication.project import project_of
from server.engine.transfer.fate import FateOf, plans
from server.orders import crowds
from server.orders.conflict import conflict
from server.orders.declined import OF_COMMANDS, Declined, Gesture, Words
from server.orders.failed_rehearsal import refusal
from server.orders.insiders import asked, misnamed
from server.publication import archive
from server.publication.archive import Decision
from server.publication.archived import Archived
from server.publication.based_on import note, noted
from server.publication.difference import difference
from server.publication.draft import edited
from server.publication.publisher import Publisher
from server.publication.reading import DraftReading
from server.publication.report import PublishedChange, changes_of
from server.publication.requests import figures_of
from server.publication.unusable import reading_draft
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.rehearsals import Rehearsals, name_of
from server.reports.glossary import Glossary
from server.reports.outlook import Outlook, outlook
from server.reports.verdict import Askable
from server.settings import AgreementMode, Settings
from server.store.store import Store
from server.store.written_with import WriteDown
from server.system_words import os_message

log = logging.getLogger("relance.rules")

PUBLISH = "publier"
#: How long, in seconds, after a start or a publication, what runs is played behind if it was not.
_BEHIND = 30.0
#: What could not be played is played again so long after, then twice that, up to the longest.
_AGAIN, _LONGEST_AGAIN = 60.0, 3_600.0
#: What is asked of a publication besides, once it is known what it would do: raises to refuse it.
AlsoAsked: TypeAlias = Callable[[DraftReading, Sequence[PublishedChange]], Awaitable[None]]
_BY_REQUEST = (
    "Publier demande l’accord d’une autre personne (réglage «\u00a0accord\u00a0») : un démarrage ne publie rien "
    "de lui-même."
)
_MOVED = "Le brouillon a changé pendant que ses scénarios étaient joués : rien n’a été publié. Recommencez."
_FIGURES = (
    "Entre-temps, ce que la publication ferait à des personnes a changé : rien n’a été publié. Relisez ce "
    "qu’elle ferait maintenant."
)
CHANGED_SINCE = (
    "Le brouillon a changé depuis que cette page a été ouverte, ou quelqu’un vient de publier : rien "
    "n’a été publié. Voici ce que la publication ferait maintenant."
)


@dataclass(frozen=True, slots=True)
class PublishOrder:
    """What is asked. `activate`: names of new campaigns that begin at once, None for all of them.

    `again`: the publication whose files are published again, instead of the draft. `allowed`: how
    many people may enter at once; None: as the settings say.
    """

    who: str
    note: str = ""
    activate: tuple[str, ...] | None = ()
    again: int | None = None
    allowed: int | None = None
    #: The publication that whoever edited the draft has seen; None: as the folder has it noted.
    based_on: int | None = None
    #: What becomes of those inside: of which campaign or step, and their fate.
    fates: tuple[FateOf, ...] = ()
    #: The mark of what was shown to whoever agrees to it; None: nothing was, they ask without looking.
    seen: str | None = None
    #: Whether it is published without the agreement that is asked of whoever publishes.
    alone: bool = False
    #: Whether it is published though scenarios of the draft fail.
    despite: bool = False
    #: Of what is only asked for: which failed then, in a sentence, and were passed over.
    overlooked: str = ""
    #: A name for what it does to people, of who is not there any more to look; None: whatever it does.
    figures: str | None = None

    def arguments(self) -> Mapping[str, str]:
        """As an order carries it."""
        return {"publication": json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "PublishOrder":
        """What such an order asks."""
        found = cls(**json.loads(given["publication"]))
        fates = tuple((whose, fate) for whose, fate in found.fates)
        activate = None if found.activate is None else tuple(found.activate)
        return replace(found, activate=activate, fates=fates)

    @property
    def decision(self) -> Decision:
        """What is kept of it with the publication."""
        keys = frozenset(map(key_of, self.activate or ()))
        all_begin = self.activate is None
        return Decision(self.who, self.note, self.again, all_begin, keys, self.fates)


@dataclass(frozen=True, slots=True)
class PublishAnswer:
    """What became of it. `problems`: what is wrong with what was to be published; nothing was then.

    `number` None: nothing was, or there was nothing to change.
    """

    number: int | None = None
    problems: Sequence[str] = ()
    changes: Sequence[PublishedChange] = ()
    #: Of what is only tried: why it must not be done.
    refusal: str = ""
    #: And its mark, by which it is agreed to and nothing else is: `PublishOrder.seen`.
    mark: str = ""
    #: The number under which it waits for another person, instead of being done.
    request: int | None = None
    #: The one that waited until then, whose place it takes: its number and who asked, in words.
    replaces: str = ""
    #: How the scenarios of it went, where they were played.
    rehearsal: DraftRehearsal = field(default_factory=DraftRehearsal)

    def written(self) -> str:
        """As an answer carries it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, written: str) -> "PublishAnswer":
        """What such an answer says."""
        found = json.loads(written)
        changes = [PublishedChange(**one) for one in found.pop("changes")]
        rehearsal = DraftRehearsal.of(found.pop("rehearsal"))
        return cls(**found, changes=changes, rehearsal=rehearsal)

    def rehearsed(
        self, order: PublishOrder, found: DraftRehearsal, words: Words = OF_COMMANDS
    ) -> "PublishAnswer":
        """The same of what is tried, its scenarios having gone so: one that fails is a refusal."""
        refusal = forbids(order, found)
        said = "" if refusal is None else refusal.in_words(words)
        return replace(self, rehearsal=found, refusal=self.refusal or said)


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides of a publication beside the draft: the base, the hour, what is set."""

    store: Askable
    clock: Clock
    settings: Settings
    glossary: Glossary

    async def foresee(
        self, order: PublishOrder, reading: DraftReading
    ) -> tuple[Outlook, Sequence[PublishedChange]]:
        """What publishing that would do."""
        async with self.store.read() as conn:
            last = await archive.publication(conn)
        files = last.files if last is not None else ProjectFiles()
        decision, zone = order.decision, self.settings.zone
        project = replace(
            project_of(reading.checked, reading.people),
            activating=decision.activating,
            activated=decision.activated,
            transfers=plans(
                order.fates,
                [one.program.name for one in reading.checked.programs],
                Author(order.who, order.note),
            ),
        )
        found = await outlook(self.store, project, self.clock.now(), zone, self.glossary)
        differs = difference(edited(reading.files), files)
        return found, changes_of(found, differs, zone, self.glossary)

    async def agreed(self, order: PublishOrder, reading: DraftReading) -> Sequence[PublishedChange]:
        """What publishing that would do; `Declined` when it must not be."""
        if await self.overtaken(order, reading):
            raise Declined(CHANGED_SINCE)
        refusal, foreseen = await self._weighed(order, reading)
        if refusal is not None:
            raise refusal
        if order.figures is not None and order.figures != figures_of(foreseen):
            raise Declined(_FIGURES)
        return foreseen

    async def overtaken(self, order: PublishOrder, reading: DraftReading) -> bool:
        """Whether what was shown to whoever asks it is no longer what it would publish."""
        return order.seen is not None and order.seen != await self._mark(reading)

    async def tried(
        self, order: PublishOrder, reading: DraftReading, words: Words = OF_COMMANDS
    ) -> PublishAnswer:
        """What publishing that would do, and why it must not be, if so, in these words."""
        refusal, foreseen = await self._weighed(order, reading)
        said = "" if refusal is None else refusal.in_words(words)
        return PublishAnswer(changes=foreseen, refusal=said, mark=await self._mark(reading))

    async def _weighed(
        self, order: PublishOrder, reading: DraftReading
    ) -> tuple[Declined | None, Sequence[PublishedChange]]:
        taken_back = await self.conflict(order, reading)
        found, foreseen = await self.foresee(order, reading)
        return taken_back or self.refusal(order, found), foreseen

    async def _mark(self, reading: DraftReading) -> str:
        """A name for what publishing that would change: the draft, and what it would come after."""
        return hashlib.sha256("{} {}".format(*await self.basis(reading)).encode()).hexdigest()

    async def basis(self, reading: DraftReading) -> tuple[int, str]:
        """The publication it would come after, none being 0, and a name for the files."""
        async with self.store.read() as conn:
            made = await archive.made_at(conn)
        return made[0] if made is not None else 0, edited(reading.files).digest

    async def conflict(self, order: PublishOrder, reading: DraftReading) -> Declined | None:
        """What others published, and this would take back unseen."""
        if order.again is not None:
            return None  # former files are published again knowingly
        folder, zone = self.settings.folder, self.settings.zone
        seen = noted(folder) if order.based_on is None else order.based_on
        async with self.store.read() as conn:
            return await conflict(conn, reading.files, seen, zone)

    def refusal(self, order: PublishOrder, found: Outlook) -> Declined | None:
        """Why it must not be, in figures; None when it may."""
        if found.asked:
            return Declined(" ".join(one.question for one in found.asked))
        if used := [one.refusal for one in found.lost if one.still]:
            return Declined(f"{' '.join(used)} Rien n’a été publié.")
        new = {key_of(name) for name in found.changes.new}
        if unknown := [name for name in order.activate or () if key_of(name) not in new]:
            return Declined(
                f"{', '.join(map(quoted, unknown))} : le projet n’a pas de campagne nouvelle de ce nom. "
                "Une campagne déjà publiée s’active par ",
                *(Gesture.ACTIVATE, "."),
                about="activer",
            )
        if wrong := misnamed(order.fates, found.campaigns, found.insiders):
            return Declined(wrong, about="sorts")
        crowd = crowds.refusal(found.entering, self.settings, order.allowed, done="publié")
        if crowd is not None:
            return crowd
        left = asked(order.fates, found.campaigns, found.insiders, self.glossary)
        return Declined(*left, about="sorts") if left else None


class Publishing:
    """Publishes what a server's publisher edits."""

    def __init__(
        self, situation: Situation, store: Store, rules: Publisher, rehearsals: Rehearsals
    ) -> None:
        self.situation, self._store, self.rehearsals = situation, store, rehearsals
        #: What watches the draft, and knows how it differs from what runs.
        self.rules = rules
        #: How the scenarios of what runs went, once they were played.
        self.rehearsal = DraftRehearsal()

    async def perform(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Do the order; `PublishAnswer`, written. `Declined` when it must not be done."""
        return (await self.publish(PublishOrder.of(given), write_down)).written()

    async def attempt(self, order: PublishOrder, words: Words = OF_COMMANDS) -> PublishAnswer:
        """What doing the order would do, as things stand, and why it must not be, if so.

        Its scenarios, which may last, are not played: `rehearsed` does it, and the answer’s own
        `rehearsed` says what comes of it.
        """
        reading = await self.reading(order)
        if reading.problems:
            return PublishAnswer(problems=reading.problems)
        return await self.situation.tried(order, reading, words)

    async def reading(self, order: PublishOrder) -> DraftReading:
        """What it would publish, as it is now; UnusableDraft where it cannot be read."""
        source = await self._source(order)
        with reading_draft():
            return await self.rules.reading(source)

    async def rehearsed(self, order: PublishOrder) -> DraftRehearsal:
        """How the scenarios of what it would publish go; not those of files that run, or ran, already."""
        reading = await self.reading(order)
        digest, running = await name_of(reading.files), self.rules.running
        same = running is not None and digest == await name_of(running)
        if order.again is not None or reading.problems or same:
            return DraftRehearsal(digest)
        return await self.rehearsals.of(reading)

    async def begin(self, order: PublishOrder, write_down: WriteDown) -> None:
        """Do it as a server starts, if there is anything to do: what keeps it from being is known.

        Scenarios do not: a server that starts must not wait for them. They are played behind.
        """
        if self.rules.on_saving:
            return  # by being saved, what there is to publish is published
        try:
            if not await self.rules.differs():
                return
            if self.situation.settings.agreement is not AgreementMode.NOBODY:
                self.rules.withhold(_BY_REQUEST)
                return
            answer = await self.publish(order, write_down, plays=False)
            if answer.problems:
                self.rules.refuse(answer.problems)
        except Declined as declined:
            self.rules.withhold(str(declined))  # nothing is wrong with the draft
        except OSError as error:
            self.rules.unread(error)

    async def publish(
        self,
        order: PublishOrder,
        write_down: WriteDown,
        also: AlsoAsked | None = None,
        *,
        plays: bool = True,
    ) -> PublishAnswer:
        """Do it; `Declined` when it must not be done. `plays`: a scenario that fails is a reason."""
        changes: list[PublishedChange] = []

        async def agreed(reading: DraftReading) -> None:
            foreseen = await self.situation.agreed(order, reading)
            if also is not None:
                await also(reading, foreseen)
            if not foreseen and not self.rules.never:
                raise _Unchanged
            if plays:
                await allow(order, reading, found)
            changes.extend(foreseen)

        try:
            # Before the draft is held: what may last must not keep others from it.
            found = await self.rehearsed(order) if plays else DraftRehearsal()
            decision = replace(_decision(order, found), write_down=write_down)
            reading = await self.rules.publish(decision, agreed, await self._source(order))
        except _Unchanged:
            await self._note_seen()
            return PublishAnswer()
        except StoreUnavailable:
            raise
        except (RelanceError, OSError) as error:
            raise Declined(
                os_message(error) if isinstance(error, OSError) else str(error)
            ) from error
        if reading.problems:
            return PublishAnswer(problems=reading.problems)
        # Those of former files, which are published again, were not played: they are, behind.
        self.rehearsal = found if order.again is None else DraftRehearsal()
        if not found.passes:
            log.warning("%s publie malgré des scénarios : %s", order.who, found.overlooked)
        return PublishAnswer(await self._note_seen(), (), changes, rehearsal=found)

    async def watch(self) -> None:
        """Play behind, until cancelled, what runs without having been: a concern names what fails.

        That is what a start published, or the saving of files; and what another Relance did.
        """
        seen: ProjectFiles | None = None
        pause = _AGAIN
        while True:
            await asyncio.sleep(_BEHIND)
            running = self.rules.running
            if running is None or running is seen:
                continue
            if self.rehearsal.digest != await name_of(running) or self.rehearsal.unplayed:
                reading = await self.rules.reading(Archived(self._store.read))
                found = await self.rehearsals.of(reading)
                if self.rules.running is running:
                    self.rehearsal = found
                if found.unplayed:
                    log.warning("%s", found.headline)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_AGAIN)
                    continue
            seen, pause = running, _AGAIN

    async def _note_seen(self) -> int | None:
        """Note what the folder now stands beside: the last publication, by its number."""
        async with self._store.read() as conn:
            made = await archive.made_at(conn)
        if made is None:
            return None
        await asyncio.to_thread(note, self.situation.settings.folder, made[0])
        return made[0]

    async def _source(self, order: PublishOrder) -> Archived | None:
        if order.again is None:
            return None
        if self.rules.on_saving:
            raise Declined(
                "Ce projet est publié à l’enregistrement de ses fichiers : c’est le dossier qui décide. "
                "Remettez-y les fichiers d’alors, ou publiez sur demande (réglage "
                f"{quoted('publication')})."
            )
        async with self._store.read() as conn:
            if await archive.made_at(conn, order.again) is None:
                raise Declined(
                    f"Aucune publication ne porte le numéro {order.again} : "
                    f"{quoted('relance publications')} en donne la liste."
                )
        return Archived(self._store.read, order.again)


class _Unchanged(Exception):
    """What is to be published is what runs."""


def forbids(order: PublishOrder, found: DraftRehearsal) -> Declined | None:
    """Why, of how its scenarios went, it must not be published; None when it may."""
    return None if order.despite else refusal(found)


async def allow(order: PublishOrder, reading: DraftReading, found: DraftRehearsal) -> None:
    """What was played must be what is published, and nothing of it forbid that."""
    if found.digest != await name_of(reading.files):
        raise Declined(_MOVED)
    if (refusal := forbids(order, found)) is not None:
        raise refusal


def _decision(order: PublishOrder, found: DraftRehearsal) -> Decision:
    """What is kept of it; with its note, the scenarios that failed and were passed over."""
    if found.passes:
        return order.decision
    return replace(order.decision, note=f"{order.note}\nPublié quand même. {found.overlooked}")
