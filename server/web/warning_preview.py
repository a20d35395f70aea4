"""What somebody of the team will be written when a lead is given to them: seen before they are saved."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from relance.channel import Previewer
from relance.errors import RelanceError
from relance.fold import key_of
from relance.person import Person
from server.language.draft import DraftLanguage
from server.preview.stage import SAMPLE
from server.reports.people import find_lead
from server.web.messages.desk import LookedAt, MessageDesk

#: What is shown where no script warns anybody yet.
_USUAL = "Nouveau lead"
_LONGEST = 254


@dataclass(frozen=True, slots=True)
class SeenWarning:
    """What is shown under a form. `asked`: the type and the lead; `wrong`: why there is nothing."""

    type: str
    sought: str
    of: str
    found: LookedAt | None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class WarningPreview:
    """Shows it, through the channel that would send it."""

    desk: MessageDesk
    draft: DraftLanguage

    async def types(self) -> Sequence[str]:
        """The types of alert that the scripts and the files of the draft name, as far as it can be read."""
        named: set[str] = set()
        with suppress(OSError, RelanceError):
            named = await self._named()
        return sorted({key_of(one): one for one in named}.values(), key=key_of) or [_USUAL]

    async def _named(self) -> set[str]:
        kinds = self.desk.office.plugins.warnings()
        slots = [one.slot_type.name for one in kinds if one.slot_type is not None]
        files = (await self.desk.messages()).files
        written = {
            name for one in kinds for slot in slots for name in one.references(files).get(slot, ())
        }
        said: set[str] = await self.draft.soon(
            lambda service: {one.name for slot in slots for one in service.names.of(key_of(slot))},
            set(),
        )
        return written | said

    async def look(self, type_: str, person: Person, sought: str, *, personal: bool) -> SeenWarning:
        """What `person` would be written of the lead that answers, else of somebody made up.

        `personal`: who looks may read what is known of people.
        """
        type_, sought, lead = type_[:_LONGEST] or _USUAL, sought.strip()[:_LONGEST], None
        if sought and not personal:
            wrong = "Le rôle «\u00a0données personnelles\u00a0» permet de la voir d’un lead ; sans lui, d’une personne inventée."
            return SeenWarning(type_, sought, "", None, wrong)
        if sought:
            async with self.desk.office.store.read() as conn:
                number = await find_lead(conn, sought)
            if number is None:
                wrong = f"Aucun lead ne répond à «\u00a0{sought[:80]}\u00a0»."
                return SeenWarning(type_, sought, "", None, wrong)
            lead = str(number)
        channel = next(
            (
                name
                for name, one in self.desk.office.channels.items()
                if isinstance(one, Previewer) and one.address_field is None
            ),
            "",
        )
        found = await self.desk.look_at_warning(channel, type_, person, lead)
        who = sought or f"{SAMPLE['prénom']} {SAMPLE['nom']}, une personne inventée"
        wrong = (
            ""
            if found is not None and found.shown
            else "".join(one.words for one in found.checks)
            if found
            else ""
        )
        return SeenWarning(type_, sought, who, found, wrong)
