"""Scenarios played before a publication: once for the same files, and never for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from relance.errors import RelanceError
from relance.project_files import ProjectFiles
from server.orders.failed_rehearsal import refusal
from server.publication.reading import DraftReader, DraftReading
from server.rehearsal import progress
from server.rehearsal import rehearsals as bounds
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress, ScenarioBegun
from server.rehearsal.rehearsals import Rehearsals
from server.settings import Settings
from server.setup import setup_of
from tests.http.conftest import all_plugins

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli
  Étiqueter (Venu)
fin

scénario « venu »
  lead (A) : courriel (a@exemple.ca)
  le 2026-12-01 à 9 h, (A) : Formulaire (Infolettre) rempli
  vérifier (A) : Lead étiqueté (Venu)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
_FIRST = ScenarioBegun("regles.relance", 1, "venu", 7)
Opened = Callable[[Callable[[RehearsalProgress], Awaitable[DraftRehearsal]]], Rehearsals]


def draft(script: str = SCRIPT) -> DraftReading:
    plugins, files = all_plugins(), ProjectFiles.of({"regles.relance": script})
    return DraftReader(plugins, setup_of(Settings(folder=Path()), files)).read(files, None)


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    made: list[Rehearsals] = []

    def of(play: Callable[[RehearsalProgress], Awaitable[DraftRehearsal]]) -> Rehearsals:
        made.append(Rehearsals(lambda _, progress: play(progress)))
        return made[-1]

    yield of
    for one in made:
        await one.close()


async def test_the_same_files_are_played_once_whoever_asks_and_others_in_their_turn(
    opened: Opened,
) -> None:
    played = 0

    async def play(_: RehearsalProgress) -> DraftRehearsal:
        nonlocal played
        played += 1
        await asyncio.sleep(0)
        return DraftRehearsal("", played)

    rehearsals, reading = opened(play), draft()
    first, second = await asyncio.gather(rehearsals.of(reading), rehearsals.of(reading))
    assert (first.played, second.played, await rehearsals.known(reading)) == (1, 1, first)
    assert (await rehearsals.of(draft(SCRIPT + "\n"))).played == 2
    none = await rehearsals.of(draft(SCRIPT.partition("\nscénario")[0]))
    assert (none.played, none.passes, played) == (0, True, 2), "where there is none, none is played"


async def test_a_draft_that_changed_is_no_longer_played_once_nobody_waits_for_it(
    opened: Opened,
) -> None:
    ended = asyncio.Event()

    async def play(_: RehearsalProgress) -> DraftRehearsal:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()
        raise AssertionError

    rehearsals = opened(play)
    assert isinstance(await rehearsals.known(draft()), RehearsalProgress)
    await asyncio.sleep(0)
    await rehearsals.known(draft(SCRIPT + "\n"))
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_scenario_that_does_not_end_is_given_up_and_named(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(progress: RehearsalProgress) -> DraftRehearsal:
        progress.begins(_FIRST, 0, 3)
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(progress, "SECONDS_OF_ONE", 0.0)
    found = await opened(play).of(draft())
    (late,) = found.failed
    assert (late.name, late.line, found.played) == ("venu", 7, 1)
    assert "il a été arrêté, et ceux d’après n’ont pas été joués" in late.message
    assert refusal(found) is not None
    monkeypatch.setattr(progress, "SECONDS_OF_ONE", 60.0)
    monkeypatch.setattr(bounds, "SECONDS_OF_ALL", 0.0)
    whole = await opened(play).of(draft())
    assert "0 sur 3 ont été joués" in whole.unplayed
    assert not whole.passes


async def test_what_keeps_scenarios_from_being_played_is_said_and_tried_again_later(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = RelanceError("Le réglage est faux."), KeyError("une faute d’extension")
    answers, clock, lasts = iter([*wrong, DraftRehearsal("", 1)]), 0.0, iter([0.0, 100.0, 0.0])
    for module in (bounds, progress):
        monkeypatch.setattr(module, "monotonic", lambda: clock)

    async def play(_: RehearsalProgress) -> DraftRehearsal:
        nonlocal clock
        found, clock = next(answers), clock + next(lasts)
        if isinstance(found, Exception):
            raise found
        return found

    rehearsals, reading = opened(play), draft()
    for _ in range(2):
        assert (
            "n’ont pas pu être joués. Le réglage est faux."
            in (await rehearsals.of(reading)).headline
        )
    clock += 21
    assert "Une erreur imprévue les a arrêtés" in (await rehearsals.of(reading)).unplayed
    clock += 90
    assert not (await rehearsals.of(reading)).passes, "it took long: there is the time to say why"
    clock += 20
    assert (await rehearsals.of(reading)).passes
