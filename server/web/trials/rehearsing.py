"""A trial played, and written of what was found: a scenario that passes as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue
from dsl.service.language_service import LanguageService
from relance.fold import key_of
from server.language.draft import DraftLanguage
from server.language.trial_appending import free_name
from server.language.trial_claims import TrialClaim, claims, held, verifying
from server.language.trial_text import trial_text
from server.web.scenarios import Played, ScenarioPlayer, Try, tries
from server.web.trials.asked import AskedTrial

_HALTED = "Ce scénario n’a pas pu être joué jusqu’au bout."
_STRANGE = (
    "Joué une seconde fois, ce scénario ne donne pas la même chose : écrivez-le plutôt à la main."
)


@dataclass(frozen=True, slots=True)
class Unplayed:
    """Why a trial gave nothing."""

    why: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A scenario as it would be written, and how it went. `entered`: whether the campaign let in."""

    text: str
    shown: Try
    entered: bool


@dataclass(frozen=True, slots=True)
class TrialScript:
    """A trial as it is written: with all that may be asked of it, then with what was found."""

    asked: AskedTrial
    #: A name that no scenario of the script has.
    name: str
    claims: Sequence[TrialClaim]

    def sought(self) -> str:
        """The scenario that asks everything."""
        return self._written([one.text for one in self.claims])

    def found(self, rows: Sequence[Any], catalogue: Catalogue) -> str | Unplayed:
        """The scenario that verifies what was so, when the other was played."""
        happens = len(self.asked.lines)
        lines = [row for row in rows if row["ligne"] is not None]
        if len(lines) < happens + len(self.claims) or any(
            row["message"] for row in lines[:happens]
        ):
            return Unplayed(next((one["message"] for one in lines if one["message"]), _HALTED))
        truths = [not row["message"] for row in lines[happens:]]
        said = [held(one, so) for one, so in zip(self.claims, truths, strict=True)]
        written = self._written([one for one in said if one is not None])
        return format_source(written, catalogue)

    def _written(self, checks: Sequence[str]) -> str:
        asked = self.asked
        lines = [verifying(one, "" if at else asked.look) for at, one in enumerate(checks)]
        return trial_text(self.name, asked.fields, asked.lines, lines)


def trial_script(draft: LanguageService, file: str, asked: AskedTrial) -> TrialScript:
    """A trial of that script of the draft."""
    name = free_name(draft, file, asked.name)
    return TrialScript(asked, name, claims(draft, file, asked.campaign))


@dataclass(frozen=True, slots=True)
class TrialRehearsal:
    """Plays what is asked on the draft, twice: to find out, then as it would be written."""

    folder: Path
    draft: DraftLanguage
    player: ScenarioPlayer

    async def of(self, file: str, asked: AskedTrial) -> Rehearsed | Unplayed:
        """What it gives; else why it gives nothing."""
        made = await self.draft.ask(lambda draft: trial_script(draft, file, asked))
        async with self.player.following(self.folder / file) as player:
            rows = _rows(made, await player.played(made.sought()))
            if isinstance(rows, Unplayed):
                return rows
            text = await self.draft.ask(lambda draft: made.found(rows, draft.catalogue))
            if isinstance(text, Unplayed):
                return text
            again = _rows(made, await player.played(text))
        if isinstance(again, Unplayed):
            return again
        if not all(row["passe"] for row in again):
            return Unplayed(_STRANGE)
        # Its lines are numbered as at the end of the script: it is shown from where it would begin.
        before = await self.draft.ask(lambda draft: _before(draft, file))
        (shown,) = tries("\n" * before + text, {key_of(made.name): again}, asked.campaign)
        key = key_of(asked.campaign)
        entered = any(row["campagne"] and key_of(row["campagne"]) == key for row in again)
        return Rehearsed(text, shown, entered)


def _rows(made: TrialScript, played: Played | str) -> Sequence[Any] | Unplayed:
    if isinstance(played, str):
        return Unplayed(played)
    return played.get(key_of(made.name)) or Unplayed(_HALTED)


def _before(draft: LanguageService, file: str) -> int:
    """The lines that stand before what is put at the end of a script."""
    return draft.sources[file].rstrip("\n").count("\n") + 2
