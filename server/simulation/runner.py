"""Plays the scenarios of a project, each from nothing, always with the same outcome."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from dsl.project import Checked
from dsl.scenario import CheckedScenario
from relance.consent import Basis
from relance.fold import key_of
from relance.person import Person
from relance.project_files import ProjectFiles
from server.dispatch.terms import Terms
from server.engine.publication.project import project_of
from server.engine.wake import Works, weekdays
from server.plugins import Plugins
from server.simulation.moments import start_of
from server.simulation.outside import Outside, Sections, StageHost
from server.simulation.player import Player
from server.simulation.results import ScenarioResult
from server.simulation.stage import Stage
from server.simulation.touched import touched
from server.store.contacts import DEFAULT_REGION
from server.store.fields import DEFAULT_CURRENCY
from server.store.instants import DEFAULT_ZONE


def every(scenario: CheckedScenario) -> bool:
    """Any scenario will do."""
    return True


def unheard(_: object) -> None:
    """Nobody is there to hear which one begins, or how it went."""


async def run_scenarios(
    checked: Checked,
    plugins: Plugins,
    zone: ZoneInfo = DEFAULT_ZONE,
    wanted: Callable[[CheckedScenario], bool] = every,
    people: Sequence[Person] = (),
    currency: str = DEFAULT_CURRENCY,
    region: str = DEFAULT_REGION,
    files: ProjectFiles | None = None,
    sections: Sections | None = None,
    works: Works = weekdays,
    consent: Basis = Basis.NONE,
    *,
    follows: bool = False,
    begins: Callable[[CheckedScenario], None] = unheard,
    ends: Callable[[ScenarioResult], None] = unheard,
    chosen: Sequence[CheckedScenario] | None = None,
) -> tuple[ScenarioResult, ...]:
    """Play the wanted scenarios, in the order written, every campaign of the project running.

    `region` is the country, two letters, whose phone numbers are written without their prefix.
    `files` are the project's, whose messages are then written too; `sections` are its settings,
    `consent` what it asks of those its marketing is sent to. `follows`: their course is kept;
    `begins` hears each before it is played, `ends` how it went. `chosen`: those that are played, in
    that order, what each touches being noted; None: all.
    """
    programs = [one.program for one in checked.programs]
    fields = [(one.name, one.type, one.choices) for one in checked.fields]
    types = {one.type: one for one in plugins.event_types()}
    lists = {key_of(one.name): one.condition for one in checked.lists}
    results: list[ScenarioResult] = []
    natures = plugins.natures(lambda: files or ProjectFiles())
    terms = Terms(nature=natures, zone=zone, consent=consent, implied=plugins.implied())
    async with Stage(zone, region, works, plugins.words, terms) as stage:
        await stage.set_up(fields, project_of(checked, people), plugins.rewriters())
        await stage.store.declare_currency(currency)
        outside = Outside(programs, plugins, _host(stage, plugins, files, sections or {}))
        for scenario in checked.scenarios if chosen is None else chosen:
            if wanted(scenario):
                begins(scenario)
                here = _zone_of(scenario, checked) or zone
                await stage.begin(start_of(scenario.lines, here), outside.channels())
                result = await Player(
                    scenario, stage, here, types, plugins.glossary, lists, follows
                ).play()
                if chosen is not None:
                    result = replace(result, touched=await touched(stage.store))
                ends(result)
                results.append(result)
    return tuple(results)


def _host(
    stage: Stage, plugins: Plugins, files: ProjectFiles | None, sections: Sections
) -> StageHost | None:
    if files is None:
        return None
    host = StageHost(files, sections, stage.store, stage.clock, stage.zone)
    host.offered = plugins.variables(host)
    return host


def _zone_of(scenario: CheckedScenario, checked: Checked) -> ZoneInfo | None:
    """The zone of the campaigns written beside the scenario, when they agree on one."""
    zones = {one.program.zone for one in checked.programs if one.file == scenario.file}
    zone = zones.pop() if len(zones) == 1 else None
    return ZoneInfo(zone) if zone else None
