"""What gave each point is told where a lead is explained, in words and in order."""

import textwrap
from zoneinfo import ZoneInfo

from dsl.project import check
from relance.testing import VirtualClock
from server.plugins import load_plugins
from server.reports.points import Warmth, read_warmth, warmth_text
from server.reports.timeline import timeline
from server.simulation import run_scenarios
from server.store.store import Store
from tests.engine.rules.test_rules import gives
from tests.engine.world import World

SCRIPT = textwrap.dedent(
    """
    pointage
      +5 quand Formulaire (Plan) rempli
      =2 quand Formulaire (Remise) rempli
    fin

    intérêt « Vélo »
      +1 quand Formulaire (Plan) rempli
    fin

    campagne « Plan »
      entrée
        quand Formulaire (Plan) rempli
      Changer pointage (+10)
    fin

    scénario « montre d’où viennent les points »
      lead (Aline) : courriel (aline@exemple.ca)
      (Aline) : Formulaire (Plan) rempli
      1 heure plus tard, (Aline) : Formulaire (Remise) rempli
      vérifier (Aline) : Pointage lead entre (0) et (0)
    fin
    """
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


async def test_a_failed_scenario_shows_what_gave_each_point() -> None:
    plugins = load_plugins()
    checked = check({"a": SCRIPT}, plugins.catalogue, {})
    assert checked.ok
    (result,) = await run_scenarios(checked, plugins)
    (failure,) = result.failures
    assert failure.found == ("Pointage lead entre (0) et (0) : faux (2)",)
    timeline = [plain(f"{line.text} — {line.reason}") for line in failure.timeline]
    assert timeline == [
        "Formulaire (Plan) rempli — ",
        "+5 points (pointage : 5) — +5 quand Formulaire (Plan) rempli",
        "+1 point (intérêt pour « Vélo » : 1) — +1 quand Formulaire (Plan) rempli",
        "Entre dans la campagne « Plan » — Formulaire (Plan) rempli",
        "Changer pointage (+10) — ",
        "Quitte la campagne : parcours terminé — ",
        "+10 points (pointage : 15) — campagne « Plan »",
        "Formulaire (Remise) rempli — ",
        "−13 points (pointage : 2) — =2 quand Formulaire (Remise) rempli",
    ]


async def test_a_lead_s_warmth_is_its_score_and_its_interests_the_strongest_first(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    await world.publish(
        points=[gives(1500), gives(2, topic="Ski"), gives(9, topic="Vélo"), gives(0, topic="Rien")]
    )
    lead, unknown = await world.lead(), await world.lead()
    await world.event(lead)
    await world.settle()
    async with store.read() as conn:
        warm, cold = await read_warmth(conn, lead), await read_warmth(conn, unknown)
    assert plain(warmth_text(warm)) == "Pointage : 1 500. Intérêts : « Vélo » 9, « Ski » 2."
    assert plain(warmth_text(cold)) == "Pointage : 0."
    assert plain(warmth_text(Warmth(-3, (("A", 1),)))) == "Pointage : -3. Intérêt : « A » 1."


async def test_the_timeline_of_thousands_of_changes_keeps_the_newest(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    await world.publish(points=[gives(1, key=str(number)) for number in range(60)])
    lead = await world.lead()
    for _ in range(20):
        await world.event(lead)
    await world.settle()
    lines = await timeline(store, lead, load_plugins().glossary, zone=ZoneInfo("UTC"))
    changes = [line for line in lines if line.kind == "points"]
    assert len(changes) == 1_000
    assert "1 200" in plain(changes[-1].text)
    assert changes[-1].at == clock.now()
