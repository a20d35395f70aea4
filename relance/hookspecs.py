"""Every hook of Relance. A vendor's plugin implements any of them; so do the built-in ones.

A plugin is a module or an object with `relance_contract = 1` and these functions, marked with
`relance.hookimpl`, and found through the entry-point group `relance`.
"""

from collections.abc import Callable, Mapping, Sequence

import pluggy

from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.concern import Concern
from relance.event_type import EventType
from relance.fault import Fault
from relance.host import Holder, Host, Setup
from relance.indicator import Indicator
from relance.interface import HouseReport, InterfacePage, LeadPanel
from relance.message_files import MessageFiles
from relance.person import Person
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.route import Route
from relance.setting import SettingsSchema
from relance.sink import Sink
from relance.slot import SlotType
from relance.variable import Variable

CONTRACT = 1

hookspec = pluggy.HookspecMarker("relance")
hookimpl = pluggy.HookimplMarker("relance")


@hookspec
def relance_phrases() -> Sequence[Phrase]:  # type: ignore[empty-body]
    """The phrases this plugin adds to the language."""


@hookspec
def relance_slot_types() -> Sequence[SlotType]:  # type: ignore[empty-body]
    """The slot types its phrases use beyond the language's own."""


@hookspec
def relance_messages() -> Sequence[MessageFiles]:  # type: ignore[empty-body]
    """The kinds of messages it writes from files of the project: named in scripts, checked, reviewed."""


@hookspec
def relance_references(  # type: ignore[empty-body]
    files: ProjectFiles, setup: Setup
) -> Mapping[str, Sequence[str] | Mapping[str, object]]:
    """What a project of these files, set so, offers by slot type: {"courriel": ["Tarifs", …]}.

    Settings that cannot be read are told by `relance_sections`: here, they offer nothing.

    A mapping tells what each name stands for (a promotion, its dates): phrases are then handed
    that in place of the name.
    """


@hookspec
def relance_check(files: ProjectFiles) -> Sequence[Fault]:  # type: ignore[empty-body]
    """What is wrong in the files of a project that this plugin reads (message templates…).

    A file told of here is published as it was when it was sound.
    """


@hookspec
def relance_review(  # type: ignore[empty-body]
    files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
) -> Sequence[Fault]:
    """What an author probably did not mean in those files: a variable nobody knows, a lost link.

    `fields`: the names of the fields of leads, those the scripts declare included; `variables`:
    what messages may speak of beside. Told by `relance check` alone: unlike a fault, it keeps
    nothing from being published.
    """


@hookspec
def relance_variables(host: Setup) -> Sequence[Variable]:  # type: ignore[empty-body]
    """What messages of any channel may speak of beside the lead's fields: a cart, a balance.

    Asked for by `relance check` too, where no server runs: what a variable is, is asked later.
    """


@hookspec
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:  # type: ignore[empty-body]
    """The sections of `relance.toml` that are this plugin's, and what reads each.

    A reader raises `ConfigurationError`, in French, for the first setting that is unknown, of the
    wrong type or missing: what `relance check` says of it, and what would keep the server from
    starting, are then the same.
    """


@hookspec
def relance_settings() -> Sequence[SettingsSchema]:  # type: ignore[empty-body]
    """Its sections as people are asked for them: each is drawn as a form on the page of settings.

    What is read of them, and refused, is what `relance_sections` reads.
    """


@hookspec
def relance_pages(host: Host) -> Sequence[InterfacePage]:  # type: ignore[empty-body]
    """Its pages in the interface, each with its line of the menu if it has one. Called once, at start."""


@hookspec
def relance_panels(host: Host) -> Sequence[LeadPanel]:  # type: ignore[empty-body]
    """What it shows on the page of a lead. Called once, at start."""


@hookspec
def relance_reports() -> Sequence[HouseReport]:  # type: ignore[empty-body]
    """The reports it adds to those of the house: asked for where no server runs, too."""


@hookspec
def relance_event_types() -> Sequence[EventType]:  # type: ignore[empty-body]
    """The types of events it records or hears of: their words, and who may tell them.

    Two plugins may declare the same type if they say the very same of it.
    """


@hookspec
def relance_indicators(host: Setup) -> Sequence[Indicator]:  # type: ignore[empty-body]
    """What it has counted of a period, in the order in which it is read (`relance indicateurs`)."""


@hookspec
def relance_channel_types() -> Sequence[ChannelType]:  # type: ignore[empty-body]
    """What people call its channels: asked for where nothing is sent, so without settings."""


@hookspec
def relance_people(files: ProjectFiles) -> Sequence[Person]:  # type: ignore[empty-body]
    """The team of a project of these files, in the order of turns."""


@hookspec
def relance_change_people(
    files: ProjectFiles, former: str, person: Person | None
) -> Mapping[str, str] | None:
    """The texts of the files where `former` of its team becomes that person, by their paths.

    Added, where `former` is empty; taken out, without a person. None where its files do not let it.
    """


@hookspec
def relance_rewriters() -> Mapping[str, Callable[[str], str]]:  # type: ignore[empty-body]
    """Pure functions over a text, by name (`plugin.name`), that `Rewrite` applies to lead fields."""


@hookspec
def relance_holders(host: Host) -> Mapping[str, Holder]:  # type: ignore[empty-body]
    """What judges the notes it has the host hold, by purpose (`plugin.name`).

    What a holder answers is recorded in the very transaction that forgets the notes; until then a
    crash hands them over again.
    """


@hookspec
def relance_channels(host: Host) -> Sequence[Channel]:  # type: ignore[empty-body]
    """The channels it sends through, built from `host.settings`. Called once, at start."""


@hookspec
def relance_sinks(host: Host) -> Sequence[Sink]:  # type: ignore[empty-body]
    """The programs it hands events to as they happen, built from `host.settings`. Called once, at start."""


@hookspec
def relance_routes(host: Host) -> Sequence[Route]:  # type: ignore[empty-body]
    """The paths it answers. Called once, at start."""


@hookspec
def relance_concerns(host: Setup) -> Sequence[Concern]:  # type: ignore[empty-body]
    """What keeps this plugin from its work as things are set: a sender, an account that misses.

    Asked whenever somebody looks at the server's health, from another thread: it reads settings
    and files, quickly, and nothing else.
    """
