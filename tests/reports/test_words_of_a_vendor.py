"""What a vendor calls its events and its channel is what people read, wherever they read it."""

from collections.abc import Callable

import pytest

from relance.channel_type import ChannelType
from relance.errors import ContractError
from relance.event_type import EventType
from relance.events import NewEvent
from relance.hookspecs import hookimpl
from relance.sentence import fill
from relance.testing import VirtualClock, check_plugin
from server.plugins import Plugins, load_plugins, plugins_of
from server.reports.timeline import timeline
from server.store.store import Store
from tests.engine.world import World


@pytest.fixture
def world(store: Store, clock: VirtualClock) -> World:
    return World(store, clock)


class Shelter:
    """A vendor's plugin: animals find a family, and letters leave."""

    relance_contract = 1

    def __init__(self, **said: object) -> None:
        usual = {"sentence": "Animal[ ({subject})] adopté[ au refuge ({context})]", "icon": "☺"}
        self.event = EventType("pet_adopted", "animal adopté", "Un animal a une famille.", **{**usual, **said})  # type: ignore[arg-type]  # fmt: skip
        self.channel = ChannelType("courrier", "lettre", "Lettre {message}", feminine=True)

    @hookimpl
    def relance_event_types(self) -> list[EventType]:
        return [self.event]

    @hookimpl
    def relance_channel_types(self) -> list[ChannelType]:
        return [self.channel]


def shelter(**said: object) -> Plugins:
    return plugins_of({"refuge": Shelter(**said)})


async def journal(world: World, plugins: Plugins, event: NewEvent) -> list[str]:
    lead = await world.lead(courriel="aline@exemple.ca")
    await world.event(lead, event.type, event.subject, context=event.context)
    await world.settle()
    lines = await timeline(world.store, lead, plugins.glossary)
    return [f"{line.icon} {line.text}" for line in lines]


async def test_an_event_of_a_vendor_is_told_in_the_journal_in_its_own_french(world: World) -> None:
    event = NewEvent("pet_adopted", "Rex", context="Laval")
    assert await journal(world, shelter(), event) == ["☺ Animal (Rex) adopté au refuge (Laval)"]


async def test_an_echo_is_told_only_when_it_set_something_going(world: World) -> None:
    assert await journal(world, shelter(echo=True), NewEvent("pet_adopted", "Rex")) == []


async def test_an_event_says_why_in_the_words_of_its_plugin(world: World) -> None:
    plugins = shelter(reason=lambda said: f"{said['age']} ans")
    assert plugins.glossary.reason("pet_adopted", '{"age": 3}') == "3 ans"


@pytest.mark.parametrize("reason", [lambda said: said["âge"], lambda _: 3, lambda: ""])
async def test_a_reason_that_fails_leaves_the_journal_to_be_read(
    world: World, reason: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    plugins = shelter(reason=reason)
    lead = await world.lead(courriel="aline@exemple.ca")
    for name in ("Rex", "Mina"):
        await world.event(lead, "pet_adopted", name, properties={"age": 3})
    await world.settle()
    lines = await timeline(world.store, lead, plugins.glossary)
    assert [(line.text, line.reason) for line in lines if "Animal" in line.text] == [
        ("Animal (Rex) adopté", ""),
        ("Animal (Mina) adopté", ""),
    ]
    (said,) = caplog.messages
    assert "pet_adopted" in said


def test_a_message_of_a_vendors_channel_is_named_and_agrees() -> None:
    glossary = shelter().glossary
    assert glossary.channel("courrier") == "lettre"
    sentence = glossary.message("courrier", "Bienvenue", None, "sent")
    assert sentence == "Lettre «\u00a0Bienvenue\u00a0» : envoyée"


def test_what_stands_between_brackets_goes_where_there_is_nothing_to_say() -> None:
    sentence = "Animal[ ({subject})] adopté[ au refuge ({context})]"
    assert fill(sentence, {"subject": None, "context": None}) == "Animal adopté"
    assert fill(sentence, {"subject": "[{context}]", "context": "x"}).startswith("Animal ([{c")


@pytest.mark.parametrize(
    "said",
    [
        {"label": " "},
        {"label": "deux\nlignes"},
        {"type": "Pet Adopted"},
        {"help": ""},
        {"icon": "ab"},
        {"icon": ""},
        {"sentence": ""},
        {"sentence": "Animal {subject}"},
        {"sentence": "Animal[ ({name})]"},
        {"sentence": "Animal[ ({subject})"},
        {"sentence": "Animal {subject.__class__}"},
        {"by_context": {"refuge": "deux\nlignes"}},
    ],
)
def test_words_that_cannot_be_said_are_refused_by_name(said: dict[str, object]) -> None:
    plugin = Shelter()
    parts = {name: getattr(plugin.event, name) for name in EventType.__slots__}
    plugin.event = EventType(**{**parts, **said})  # type: ignore[arg-type]
    assert {one.about for one in check_plugin(plugin)} == {plugin.event.type}
    with pytest.raises(ContractError, match="refuge"):
        plugins_of({"refuge": plugin}).event_types()


def test_a_channel_whose_recipient_may_be_missing_says_so_between_brackets() -> None:
    plugin = Shelter()
    plugin.channel = ChannelType("courrier", "lettre", "Lettre à {recipient}")
    assert [one.about for one in check_plugin(plugin)] == ["courrier"]
    with pytest.raises(ContractError, match="courrier"):
        plugins_of({"refuge": plugin}).channel_types()


def test_two_plugins_may_share_an_event_only_in_the_same_words() -> None:
    assert plugins_of({"un": Shelter(), "deux": Shelter()}).event_types()
    with pytest.raises(ContractError, match="un"):
        plugins_of({"un": Shelter(), "deux": Shelter(icon="☻")}).event_types()
    assert check_plugin(Shelter()) == ()


def test_nobody_takes_an_event_of_the_core() -> None:
    plugin = Shelter()
    plugin.event = EventType("list_added", "ajout", "Rien.", public=True)
    with pytest.raises(ContractError, match="list_added"):
        plugins_of({"refuge": plugin}).event_types()


def test_a_plugin_that_is_not_enabled_keeps_its_words_and_its_events() -> None:
    asleep = load_plugins(disabled=("email",))
    assert asleep.glossary.event("email_opened", "Tarifs") == "Courriel (Tarifs) lu"
    assert asleep.glossary.channel("email") == "courriel"
    assert "email_opened" in asleep.reserved
