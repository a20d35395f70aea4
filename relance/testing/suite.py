"""The contract suite: what a plugin owes its host, told as findings before the host refuses it.

    def test_my_plugin_keeps_the_contract():
        assert check_plugin(my_plugin) == ()

What needs the whole catalogue (collisions between plugins, an example read as another
plugin's phrase) is looked at by the server when it loads the plugin.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pluggy

from relance import hookspecs
from relance.channel import (
    Channel,
    Doubt,
    Doubtful,
    Limits,
    Message,
    Outcome,
    Refused,
    Retry,
    Sent,
)
from relance.channel_type import ChannelType
from relance.concern import Concern
from relance.event_type import EventType
from relance.events import EventPattern
from relance.fault import Fault
from relance.hookspecs import CONTRACT
from relance.indicator import Indicator
from relance.interface import HouseReport, InterfacePage, LeadPanel
from relance.message_files import MessageFiles
from relance.phrase import Phrase
from relance.route import Guard, Route
from relance.sink import Sink
from relance.slot import SlotType
from relance.testing.host import FakeHost
from relance.variable import Variable

#: What people read of a plugin, each of which says what is wrong with it.
_SAID = (EventType, ChannelType, Indicator, InterfacePage, LeadPanel, HouseReport)
_SLOT = re.compile(r"\{([^{}:]+):([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One way the plugin does not keep the contract. `about` is a phrase, a channel, a path…"""

    about: str
    message: str


def check_plugin(plugin: object, host: FakeHost | None = None) -> tuple[Finding, ...]:
    """Everything wrong with the plugin; empty when the server can load it.

    `host` holds the settings its channels and routes need.
    """
    manager = pluggy.PluginManager("relance")
    manager.add_hookspecs(hookspecs)
    name = getattr(plugin, "__name__", type(plugin).__name__)
    if getattr(plugin, "relance_contract", None) != CONTRACT:
        return (Finding(name, f"il manque « relance_contract = {CONTRACT} »"),)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        return (Finding(name, str(error)),)
    if not manager.get_hookcallers(plugin):
        return (Finding(name, "aucune fonction n’est marquée de « relance.hookimpl »"),)
    return tuple(_findings(manager, host or FakeHost()))


def _findings(manager: pluggy.PluginManager, host: FakeHost) -> Iterator[Finding]:
    hook = manager.hook
    phrases = [item for found in hook.relance_phrases() for item in found]
    seen: set[str] = set()
    for phrase in phrases:
        if not isinstance(phrase, Phrase):
            yield Finding(repr(phrase), "ce n’est pas une « relance.phrase.Phrase »")
            continue
        yield from _phrase(phrase)
        if phrase.id in seen:
            yield Finding(phrase.id, "deux phrases ont cet identifiant")
        seen.add(phrase.id)
    kinds = [item for found in hook.relance_messages() for item in found]
    for kind in kinds:
        if not isinstance(kind, MessageFiles):
            yield Finding(
                "relance_messages", "une suite de «\u00a0relance.MessageFiles\u00a0» est attendue"
            )
    types = [item for found in hook.relance_slot_types() for item in found]
    types += [one.slot_type for one in kinds if isinstance(one, MessageFiles) and one.slot_type]
    for slot_type in types:
        yield from _slot_type(slot_type)
    for references in hook.relance_references(files=host.files, setup=host):
        if any(isinstance(names, str) for names in references.values()):
            yield Finding("relance_references", "une suite de noms est attendue, non un texte")
    for faults in hook.relance_check(files=host.files):
        if not all(isinstance(fault, Fault) for fault in faults):
            yield Finding("relance_check", "une suite de « relance.fault.Fault » est attendue")
    for doubts in hook.relance_review(files=host.files, fields=("courriel",), variables=()):
        if not all(isinstance(doubt, Fault) for doubt in doubts):
            yield Finding("relance_review", "une suite de « relance.fault.Fault » est attendue")
    for variables in hook.relance_variables(host=host):
        if not all(isinstance(one, Variable) for one in variables):
            yield Finding("relance_variables", "une suite de « relance.Variable » est attendue")
    for sections in hook.relance_sections():
        if not all(callable(read) for read in sections.values()):
            yield Finding("relance_sections", "des fonctions par section sont attendues")
    for concerns in hook.relance_concerns(host=host):
        if not all(isinstance(one, Concern) for one in concerns):
            yield Finding("relance_concerns", "une suite de « relance.Concern » est attendue")
    words = (*hook.relance_event_types(), *hook.relance_channel_types())
    indicators = [one for named in hook.relance_indicators(host=host) for one in named]
    added = (
        *hook.relance_pages(host=host),
        *hook.relance_panels(host=host),
        *hook.relance_reports(),
    )
    for one in (*(word for named in (*words, *added) for word in named), *indicators):
        yield from _said(one)
    counted = [one for one in indicators if isinstance(one, Indicator)]
    for place, one in enumerate(counted):
        yield from (Finding(one.key, fault) for fault in one.clashes(counted[:place]))
    for channels in hook.relance_channels(host=host):
        for channel in channels:
            yield from _channel(channel)
    for sinks in hook.relance_sinks(host=host):
        for sink in sinks:
            yield from _sink(sink)
    for routes in hook.relance_routes(host=host):
        for route in routes:
            yield from _route(route)


def _sink(sink: Sink) -> Iterator[Finding]:
    if not sink.name.strip():
        yield Finding("relance_sinks", "un destinataire n’a pas de nom")
    if not all(isinstance(one, EventPattern) for one in sink.wants):
        yield Finding(
            sink.name, "«\u00a0wants\u00a0» est une suite de «\u00a0relance.EventPattern\u00a0»"
        )
    if sink.concurrency < 1 or sink.timeout <= 0:
        yield Finding(
            sink.name,
            "«\u00a0concurrency\u00a0» et «\u00a0timeout\u00a0» sont plus grands que zéro",
        )


def _phrase(phrase: Phrase) -> Iterator[Finding]:
    for part in ("id", "pattern", "help", "example"):
        if not getattr(phrase, part).strip():
            yield Finding(phrase.id, f"« {part} » est vide")
    if "." not in phrase.id:
        yield Finding(phrase.id, "l’identifiant s’écrit « extension.nom »")
    # An alias may read a slot by another type: what is written otherwise may need it.
    slots = _slot_names(phrase.pattern)
    for other in (*phrase.aliases, *((phrase.english,) if phrase.english else ())):
        if _slot_names(other) != slots:
            yield Finding(phrase.id, f"« {other} » n’a pas les mêmes trous que la phrase")
    yield from _means(phrase, slots)


def _slot_names(pattern: str) -> list[str]:
    return sorted(name for name, _ in _SLOT.findall(pattern))


def _means(phrase: Phrase, names: list[str]) -> Iterator[Finding]:
    try:
        inspect.signature(phrase.means).bind(**dict.fromkeys(names))
    except TypeError:
        yield Finding(phrase.id, f"« means » doit accepter {', '.join(names) or 'aucun argument'}")


def _said(one: object) -> Iterator[Finding]:
    if not isinstance(one, _SAID):
        names = ", ".join(f"«\u00a0{kind.__name__}\u00a0»" for kind in _SAID)
        yield Finding(repr(one), f"l’un de ceux-ci est attendu : {names}")
        return
    yield from (Finding(one.code, fault) for fault in one.faults())


def _slot_type(slot_type: SlotType) -> Iterator[Finding]:
    if not slot_type.help.strip():
        yield Finding(slot_type.name, "« help » est vide")
    for text in ("", "  ", "texte", "12", "« é »", "\0", "x" * 10_000):
        try:
            slot_type.read(text)
        except Exception as error:
            yield Finding(
                slot_type.name,
                f"« read » lève {type(error).__name__} sur {text[:12]!r} ; un texte illisible "
                "se dit par « Unreadable »",
            )


def _channel(channel: Channel) -> Iterator[Finding]:
    name = str(getattr(channel, "name", channel))
    parts = (("name", str), ("limits", Limits), ("doubt", Doubt))
    if not isinstance(getattr(channel, "address_field", 0), str | None):
        yield Finding(name, "« address_field » doit être un str, ou None")
    for part, kind in parts:
        if not isinstance(getattr(channel, part, None), kind):
            yield Finding(name, f"« {part} » doit être un {kind.__name__}")
    for method in ("send", "lookup", "close"):
        if not inspect.iscoroutinefunction(getattr(channel, method, None)):
            yield Finding(name, f"« async def {method} » manque")


def _route(route: Route) -> Iterator[Finding]:
    if not route.path.startswith("/"):
        yield Finding(route.path, "un chemin commence par « / »")
    if not route.methods:
        yield Finding(route.path, "aucune méthode HTTP n’est acceptée")
    if (route.guard is Guard.TOKEN) != (route.purpose is not None):
        yield Finding(route.path, "« purpose » va avec « Guard.TOKEN », et avec lui seul")
    if route.guard is Guard.TOKEN and "{token}" not in route.path:
        yield Finding(route.path, "le chemin gardé par jeton contient « {token} »")


async def check_channel(channel: Channel, **changes: Any) -> Outcome:
    """Send one sample message through the channel; AssertionError if it answers no outcome, or
    says that its messages are announced and announces none.

    `changes` replace parts of the message (`address="…"`, `fields={…}`).
    """
    parts: dict[str, Any] = {
        "key": "1-1-1-1-1",
        "template": "Essai",
        "lead_id": 1,
        "address": "aline@exemple.ca",
        "fields": {"courriel": "aline@exemple.ca", "prénom": "Aline"},
        "campaign": "Essai",
        "attempt": 1,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    announced: list[bool] = []
    parts["leaving"] = lambda: announced.append(True)
    outcome = await channel.send(Message(**{**parts, **changes}))
    if not isinstance(outcome, Sent | Retry | Refused | Doubtful):
        raise AssertionError(f"{outcome!r} is no outcome")
    if isinstance(outcome, Sent) and channel.limits.announced and not announced:
        raise AssertionError(
            "sent without «\u00a0message.leaving()\u00a0», though «\u00a0announced\u00a0»"
        )
    return outcome
