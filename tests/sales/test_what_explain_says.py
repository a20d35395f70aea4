"""What became of a lead among those who sell, as « relance explain » tells it."""

from dsl.program import END, Act
from relance.effects import Assign, Owner, Send
from relance.person import Person
from relance.testing import FakeChannel
from server.dispatch.dispatch import Dispatch
from server.intake.intake import Intake
from server.plugins import load_plugins
from server.reports.timeline import timeline
from tests.engine.world import HERE, World, program

BOTH = program(
    Act("a", HERE, (Assign(), Send("alert", "Chaud", Owner()), Send("crm", "lead")), END)
)


async def explained(world: World, *people: Person) -> list[str]:
    await world.publish(BOTH, people=people)
    lead = await world.lead(courriel="aline@exemple.ca")
    await world.event(lead)
    await world.settle()
    channels = [FakeChannel("alert", address_field=None), FakeChannel("crm")]
    intake = Intake(world.store, world.clock)
    await Dispatch(world.store, world.clock, channels, intake).drain()
    lines = await timeline(world.store, lead, load_plugins().glossary)
    return [f"{line.text} ({line.reason})" if line.reason else line.text for line in lines]


async def test_an_alert_says_to_whom_and_a_synchronisation_when(world: World) -> None:
    found = await explained(world, Person("Zoé Roy", "zoe@exemple.ca"))
    assert "Assigné à (Zoé Roy)" in found
    assert "Alerte «\u00a0Chaud\u00a0» à Zoé Roy : envoyée" in found
    assert "Synchronisation au CRM : faite" in found


async def test_an_alert_to_nobody_says_why(world: World) -> None:
    found = await explained(world)
    assert "Personne à qui assigner le lead : l’équipe est vide" in found
    assert "Alerte «\u00a0Chaud\u00a0» : refusée (aucun vendeur assigné)" in found
