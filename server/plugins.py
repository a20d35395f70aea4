"""Loads plugins, built-in and installed, and hands out what they bring.

Every plugin comes through the same door. A plugin that does not keep the contract is refused
by name before anything runs, with a French message for the operator; one that is installed
but not enabled still lends its phrases to the catalogue, so that a script that uses them is
told why they do nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from operator import methodcaller
from pathlib import Path
from typing import Any

import pluggy

from dsl.check.lexicon import INDICATOR
from dsl.check.references import Offered
from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.phrases.words import Words
from dsl.policy import CHANNELS, KnownChannel
from relance import hookspecs
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.concern import Concern
from relance.errors import ConfigurationError, ContractError
from relance.event_type import EventType
from relance.fault import Fault
from relance.fold import fold
from relance.host import Holder, Host, Setup
from relance.indicator import Indicator
from relance.message_files import EditedMessages, MessageFiles
from relance.message_mark import MessageMark
from relance.nature import Nature, NaturedFiles
from relance.person import Person
from relance.project_files import ProjectFiles
from relance.route import Route
from relance.setting import SettingsSchema
from relance.sink import Sink
from relance.variable import Variable
from server import plugin_contract as contract
from server.engine.own_events import EVENT_TYPES
from server.reports.glossary import Glossary
from server.variables import core_variables

log = logging.getLogger("relance.plugins")

#: The built-in plugins, in the order of the catalogue.
BUILT_IN = (
    "plugins.leads",
    "plugins.scoring",
    "plugins.interests",
    "plugins.conversions",
    "plugins.lists",
    "plugins.campaigns",
    "plugins.web",
    "plugins.commerce",
    "plugins.bookings",
    "plugins.contacts",
    "plugins.custom",
    "plugins.promotions",
    "plugins.email",
    "plugins.sms",
    "plugins.push",
    "plugins.confirmation",
    "plugins.consent",
    "plugins.preferences",
    "plugins.waits",
    "plugins.split",
    "plugins.sales",
    "plugins.crm",
    "plugins.house",
    "plugins.calls",
)

#: The entry-point group of installed plugins.
GROUP = "relance"


@dataclass(frozen=True, slots=True)
class Asleep:
    """What an installed plugin that is not enabled lends: its words, so that others are told."""

    phrases: PluginPhrases
    #: The sections of the settings that it would read.
    sections: tuple[str, ...] = ()
    event_types: tuple[EventType, ...] = ()
    channel_types: tuple[ChannelType, ...] = ()


@dataclass(frozen=True)
class Plugins:
    """The plugins of a running server."""

    manager: pluggy.PluginManager
    names: tuple[str, ...]
    phrases: tuple[PluginPhrases, ...]
    catalogue: Catalogue
    disabled: tuple[str, ...] = field(default=())
    #: What those lend all the same.
    asleep: tuple[Asleep, ...] = field(default=())

    def sources(self) -> Iterator[Path]:
        """Where the code of each plugin stands: its folder, or its file."""
        for plugin in self.manager.get_plugins():
            file = getattr(plugin, "__file__", None)
            if file is not None:
                path = Path(file)
                yield path.parent if path.name == "__init__.py" else path

    def references(self, files: ProjectFiles, setup: Setup) -> Mapping[str, Offered]:
        """What a project of these files, set so, offers by slot type, all plugins together."""
        names: dict[str, list[str]] = {}
        things: dict[str, dict[str, object]] = {}
        hook = self.each("relance_references", files=files, setup=setup)
        for plugin, answer in (*hook, *self._messages("references", files)):
            offered = contract.asked(plugin, "references", dict, answer)
            for slot_type, names_of in offered.items():
                names.setdefault(slot_type, []).extend(names_of)
                if isinstance(names_of, Mapping):
                    things.setdefault(slot_type, {}).update(names_of)
        if channels := dict(self._known_channels(files)):
            names[CHANNELS], things[CHANNELS] = list(channels), dict(channels)
        counted = self.indicators(setup)
        if figures := {n: one for one in counted for n in (one.label, *one.also) if n}:
            names[INDICATOR], things[INDICATOR] = list(figures), dict(figures)
        merged = {slot_type: dict.fromkeys(names_of) for slot_type, names_of in names.items()}
        return {
            slot_type: {name: things[slot_type].get(name, name) for name in names_of}
            if slot_type in things
            else tuple(names_of)
            for slot_type, names_of in merged.items()
        }

    def _known_channels(self, files: ProjectFiles) -> Iterator[tuple[str, KnownChannel]]:
        """The channels that write to leads, as scripts name them."""
        kinds = self._natured()
        for one in self.channel_types():
            if one.address_field is not None or one.channel in kinds:
                natures = (kind.natures(files) for kind in kinds.get(one.channel, ()))
                service = (
                    name
                    for found in natures
                    for name, nature in found.items()
                    if nature is Nature.SERVICE
                )
                yield one.label, KnownChannel(one.channel, one.label, frozenset(service))

    def faults(self, files: ProjectFiles) -> tuple[Fault, ...]:
        """What plugins find wrong in the files of a project."""
        return tuple(self._found("relance_check", "faults", files=files))

    def review(
        self, files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable] = ()
    ) -> tuple[Fault, ...]:
        """What is doubtful in the files of a project, whose leads have `fields`."""
        asked = {"files": files, "fields": fields, "variables": variables}
        return tuple(self._found("relance_review", "review", **asked))

    def _found(self, hook: str, of_messages: str, **given: object) -> Iterator[Fault]:
        """What a hook says of files, and the method of each kind of messages that says the same."""
        answers = (*self.each(hook, **given), *self._messages(of_messages, *given.values()))
        for plugin, found in answers:
            yield from contract.asked(plugin, hook, tuple, found)

    def _messages(self, what: str, *given: object) -> Iterator[tuple[str, Any]]:
        """What each kind of messages (`MessageFiles`) answers to one of its methods."""
        answer = methodcaller(what, *given)
        for name, kinds in self.each("relance_messages"):
            yield from ((name, contract.asked(name, what, answer, kind)) for kind in kinds)

    def message_names(self, files: ProjectFiles) -> Mapping[str, Sequence[str]]:
        """What the messages of each channel are called, for those that go to leads."""
        return {
            channel: [
                name
                for kind in kinds
                if isinstance(kind, MessageFiles)
                for several in kind.references(files).values()
                for name in several
            ]
            for channel, kinds in self._natured().items()
        }

    def edited(self) -> Sequence[EditedMessages]:
        """The kinds of messages to leads that people write one by one, those of a channel together."""
        every = self._natured().values()
        return [one for each in every for one in each if isinstance(one, EditedMessages)]

    def warnings(self) -> Sequence[MessageFiles]:
        """The kinds of messages that are written to the team, by type."""
        every = [one for _, several in self.each("relance_messages") for one in several]
        return [one for one in every if one.slot_type and one not in self.edited()]

    def implied(self) -> Mapping[str, int]:
        """The events that let their lead be written to, each for so many months."""
        return {one.type: one.implies for one in self.event_types() if one.implies}

    def natures(self, files: Callable[[], ProjectFiles]) -> Callable[[str, str], Nature]:
        """What tells the nature of a message in those files, by its channel and its name."""
        kinds = self._natured()

        def nature(channel: str, message: str) -> Nature:
            name, here = fold(message), files()
            found = (one.natures(here).get(name) for one in kinds.get(channel, ()))
            return next((one for one in found if one is not None), Nature.MARKETING)

        return nature

    def _natured(self) -> Mapping[str, Sequence[NaturedFiles]]:
        """The kinds of messages that may be of service, by channel."""
        kinds: dict[str, list[NaturedFiles]] = {}
        for _, several in self.each("relance_messages"):
            for kind in several:
                if isinstance(kind, NaturedFiles) and kind.channel:
                    kinds.setdefault(kind.channel, []).append(kind)
        return kinds

    def variables(self, host: Setup) -> tuple[Variable, ...]:
        """What messages may speak of beside fields, each name once."""
        found: list[Variable] = [*core_variables(self.glossary)]
        owners = contract.Owners("la variable")
        for one in found:
            for name in one.names:
                owners.claim("relance", name)
        for plugin, variables in self.each("relance_variables", host=host):
            for one in variables:
                for name in one.names:
                    owners.claim(plugin, name)
                found.append(one)
        return tuple(found)

    def people(self, files: ProjectFiles) -> tuple[Person, ...]:
        """The team of a project of these files, in the order of turns."""
        return tuple(
            person for _, team in self.each("relance_people", files=files) for person in team
        )

    def with_person(
        self, files: ProjectFiles, former: str, person: Person | None
    ) -> Mapping[str, str] | None:
        """The texts of the files of the team with that person; None where nobody can write that."""
        given = {"files": files, "former": former, "person": person}
        return next((found for _, found in self.each("relance_change_people", **given)), None)

    def event_types(self) -> tuple[EventType, ...]:
        """Every type of event: those of the core, then those that plugins know, each once."""
        return self._event_types

    def marks(self) -> Mapping[str, MessageMark]:
        """What types of events tell of the message they are about."""
        return {one.type: one.mark for one in self.event_types() if one.mark is not None}

    @cached_property
    def _event_types(self) -> tuple[EventType, ...]:
        found = {one.type: ("relance", one) for one in EVENT_TYPES}
        for plugin, types in self.each("relance_event_types"):
            for one in types:
                contract.refuse_ill_said(plugin, one, EventType)
                owner, known = found.setdefault(one.type, (plugin, one))
                if known != one:
                    contract.refuse_second(plugin, owner, "l’événement", one.type)
        return tuple(one for _, one in found.values())

    def channel_types(self) -> tuple[ChannelType, ...]:
        """What channels are called, each once."""
        found: dict[str, ChannelType] = {}
        owners = contract.Owners("le nom du canal")
        for plugin, types in self.each("relance_channel_types"):
            for one in types:
                contract.refuse_ill_said(plugin, one, ChannelType)
                owners.claim(plugin, one.channel)
                found[one.channel] = one
        return tuple(found.values())

    def indicators(self, host: Setup) -> tuple[Indicator, ...]:
        """What plugins have counted, each once."""
        found: list[Indicator] = []
        owners = contract.Owners("l’indicateur")
        for plugin, indicators in self.each("relance_indicators", host=host):
            for one in indicators:
                contract.refuse_ill_said(plugin, one, Indicator)
                owners.claim(plugin, one.key)
                contract.refuse_clash(plugin, one, found)
                found.append(one)
        return tuple(found)

    @cached_property
    def glossary(self) -> Glossary:
        """What everything is called; plugins that are not enabled lend their words."""
        events = [one for asleep in self.asleep for one in asleep.event_types]
        channels = [one for asleep in self.asleep for one in asleep.channel_types]
        return Glossary(
            (*events, *self.event_types()), (*channels, *self.channel_types()), self.words
        )

    @cached_property
    def words(self) -> Words:
        """How what is said is told; plugins that are not enabled lend their phrases."""
        asleep = [one for each in self.asleep for one in each.phrases.phrases]
        return Words(self.catalogue, asleep)

    @property
    def reserved(self) -> frozenset[str]:
        """The types of events that nobody but the server or a plugin records, enabled or not."""
        asleep = [one for each in self.asleep for one in each.event_types]
        return frozenset(one.type for one in (*self.event_types(), *asleep) if not one.public)

    def rewriters(self) -> Mapping[str, Callable[[str], str]]:
        """Every rewriter by name."""
        found: dict[str, Callable[[str], str]] = {}
        owners = contract.Owners("la correction")
        for plugin, rewriters in self.each("relance_rewriters"):
            for name, rewrite in dict(rewriters).items():
                owners.claim(plugin, name)
                found[name] = rewrite
        return found

    def holders(self, host: Host) -> Mapping[str, Holder]:
        """What judges notes held, by purpose. Called once, at start."""
        found: dict[str, Holder] = {}
        owners = contract.Owners("l’usage")
        for plugin, holders in self.each("relance_holders", host=host):
            for purpose, holder in dict(holders).items():
                owners.claim(plugin, purpose)
                found[purpose] = holder
        return found

    def channels(self, host: Host) -> Mapping[str, Channel]:
        """Every channel by name. Called once, at start."""
        found: dict[str, Channel] = {}
        owners = contract.Owners("le canal")
        for plugin, channels in self.each("relance_channels", host=host):
            for channel in channels:
                owners.claim(plugin, channel.name)
                found[channel.name] = channel
        return found

    def sinks(self, host: Host) -> tuple[Sink, ...]:
        """The programs that are handed events, each once. Called once, at start."""
        found: list[Sink] = []
        owners = contract.Owners("le destinataire")
        for plugin, sinks in self.each("relance_sinks", host=host):
            for sink in sinks:
                owners.claim(plugin, sink.name)
                found.append(sink)
        return tuple(found)

    def routes(self, host: Host) -> tuple[tuple[str, Route], ...]:
        """Every path that plugins answer, with the plugin's name. Called once, at start."""
        found: list[tuple[str, Route]] = []
        owners = contract.Owners("le chemin")
        for plugin, routes in self.each("relance_routes", host=host):
            for route in routes:
                for method in route.methods:
                    owners.claim(plugin, f"{method} {route.path}")
                found.append((plugin, route))
        return tuple(found)

    def sections(self) -> Mapping[str, Callable[[Setup], object]]:
        """The sections of the settings that plugins read, and what reads each."""
        found: dict[str, Callable[[Setup], object]] = {}
        owners = contract.Owners("la section")
        for plugin, sections in self.each("relance_sections"):
            for name, read in sections.items():
                owners.claim(plugin, name)
                found[name] = read
        return found

    def schemas(self) -> tuple[SettingsSchema, ...]:
        """The sections that plugins have drawn as forms, each once."""
        found: list[SettingsSchema] = []
        owners = contract.Owners("la section")
        for plugin, schemas in self.each("relance_settings"):
            for one in schemas:
                contract.refuse_ill_said(plugin, one, SettingsSchema)
                owners.claim(plugin, one.section)
                found.append(one)
        return tuple(found)

    def concerns(self, host: Setup) -> tuple[Concern, ...]:
        """What keeps plugins from their work, as things are set; one that fails hides no other."""
        return tuple(one for name in self.names for one in self._concerns(name, host))

    def _concerns(self, name: str, host: Setup) -> tuple[Concern, ...]:
        hook, found = "relance_concerns", list[Concern]()
        try:
            for part in contract.call(self.manager, name, hook, {"host": host}):
                found += part
            contract.refuse_others(name, hook, found, Concern)
        except Exception as error:
            log.exception("l’extension « %s » n’a pas pu dire ce qui l’empêche de travailler", name)
            return (contract.unable(name, error),)
        return tuple(found)

    def each(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """What each plugin answers to a hook, by its name; ContractError for one that fails."""
        for name in self.names:
            for answer in contract.call(self.manager, name, hook, arguments):
                yield name, answer


def load_plugins(enabled: Collection[str] | None = None, disabled: Collection[str] = ()) -> Plugins:
    """The plugins a project uses: every one installed, unless `enabled` names some.

    ContractError for an enabled plugin that cannot be loaded, ConfigurationError for a name
    that no plugin has.
    """
    known = dict(_known())
    _refuse_unknown(enabled or (), known, "extensions.actives")
    _refuse_unknown(disabled, known, "extensions.desactivees")
    chosen = tuple(
        name for name in known if (enabled is None or name in enabled) and name not in disabled
    )
    others = {name: source for name, source in known.items() if name not in chosen}
    loaded = {name: _load(name, known[name]) for name in chosen}
    lent = tuple(_lent(others))
    return _assemble(loaded, lent, tuple(others))


def plugins_of(modules: Mapping[str, object]) -> Plugins:
    """Plugins made of given modules or objects, by name: how a test loads a vendor's plugin."""
    return _assemble(modules)


def _assemble(
    modules: Mapping[str, object],
    asleep: tuple[Asleep, ...] = (),
    disabled: tuple[str, ...] = (),
) -> Plugins:
    manager = _manager()
    for name, module in modules.items():
        contract.register(manager, name, module)
    phrases = tuple(contract.phrases_of(manager, name) for name in modules)
    contract.refuse_same_slot_types(phrases)
    catalogue = Catalogue(phrases, disabled=tuple(one.phrases for one in asleep))
    contract.refuse_wrong_meanings(phrases, catalogue)
    return Plugins(manager, tuple(modules), phrases, catalogue, disabled, asleep)


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def _known() -> Iterator[tuple[str, str | EntryPoint]]:
    """Every plugin by name: a built-in module, or an entry point; two may not share a name."""
    taken = {module.rpartition(".")[2]: module for module in BUILT_IN}
    yield from tuple(taken.items())
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        owner = taken.setdefault(point.name, point.value)
        if owner != point.value:
            raise ContractError(
                point.name, f"deux extensions portent ce nom : {owner} et {point.value}."
            )
        yield point.name, point


def _refuse_unknown(names: Iterable[str], known: Collection[str], key: str) -> None:
    for name in names:
        if name not in known:
            raise ConfigurationError(
                f"Aucune extension installée ne s’appelle « {name} ». "
                f"Celles-ci le sont : {', '.join(known)}.",
                key,
            )


def _load(name: str, source: str | EntryPoint) -> object:
    try:
        return import_module(source) if isinstance(source, str) else source.load()
    except Exception as error:
        raise ContractError(
            name, f"son code ne se charge pas ({type(error).__name__} : {error})."
        ) from error


def _lent(others: Mapping[str, str | EntryPoint]) -> Iterator[Asleep]:
    """What plugins that are not enabled lend. A broken one lends nothing, and harms nobody."""
    for name, source in others.items():
        manager = _manager()
        try:
            contract.register(manager, name, _load(name, source))
            phrases = contract.phrases_of(manager, name)
            sections, events, channels = (
                contract.answered(manager, name, f"relance_{what}")
                for what in ("sections", "event_types", "channel_types")
            )
            for one in events:
                contract.refuse_ill_said(name, one, EventType)
            for one in channels:
                contract.refuse_ill_said(name, one, ChannelType)
        except ContractError:
            continue
        yield Asleep(phrases, sections, events, channels)
