"""What the server asks of a plugin before it lets it in; each refusal names the plugin."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import pluggy

from dsl.check.meanings import is_of
from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.text.lexer import lex
from relance.concern import Concern, Gravity
from relance.errors import BadPhrase, ContractError, RelanceError, WrongContract
from relance.french import quoted
from relance.hookspecs import CONTRACT
from relance.indicator import Indicator
from relance.message_files import MessageFiles
from relance.phrase import Phrase
from relance.slot import SlotType


class Worded(Protocol):
    """What people read of a plugin, or it would not be let in."""

    @property
    def code(self) -> str:
        """What it goes by."""

    def faults(self) -> Iterator[str]:
        """What keeps it from being read, in French."""


class Owners:
    """Who brought a name first, so that a second one is refused with both named."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._owners: dict[str, str] = {}

    def claim(self, plugin: str, name: str) -> None:
        """Remember that `plugin` brings `name`; ContractError if another one did."""
        owner = self._owners.setdefault(name, plugin)
        if owner != plugin:
            refuse_second(plugin, owner, self._what, name)


def refuse_second(plugin: str, owner: str, what: str, name: str) -> None:
    """Refuse what another one brought first."""
    raise ContractError(
        plugin,
        f"{what} «\u00a0{name}\u00a0» est déjà apporté par l’extension «\u00a0{owner}\u00a0».",
    )


def refuse_ill_said(
    plugin: str,
    one: object,
    kind: type[Worded],
) -> None:
    """What people will read of it must be fit to be read."""
    if not isinstance(one, kind):
        raise ContractError(plugin, f"{one!r} n’est pas du genre attendu ({kind.__name__}).")
    for fault in one.faults():
        raise ContractError(plugin, f"«\u00a0{one.code}\u00a0» : {fault}.")


def refuse_clash(plugin: str, one: Indicator, others: Iterable[Indicator]) -> None:
    """Refuse an indicator that JSON would write over another."""
    for fault in one.clashes(others):
        raise ContractError(plugin, f"«\u00a0{one.key}\u00a0» : {fault}.")


def register(manager: pluggy.PluginManager, name: str, plugin: object) -> None:
    """Let a plugin in, if it speaks this contract and implements hooks that exist."""
    version = getattr(plugin, "relance_contract", None)
    if version is None:
        raise WrongContract(
            name, f"elle ne dit pas son contrat ; il lui manque « relance_contract = {CONTRACT} »."
        )
    if version != CONTRACT:
        raise WrongContract(
            name, f"elle est écrite pour le contrat {version}, ce serveur tient le {CONTRACT}."
        )
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise ContractError(name, f"une de ses fonctions n’est pas attendue : {error}") from error
    if not manager.get_hookcallers(plugin):
        raise ContractError(name, "aucune de ses fonctions n’est marquée de « relance.hookimpl ».")


def call(
    manager: pluggy.PluginManager, name: str, hook: str, arguments: Mapping[str, object]
) -> Iterator[Any]:
    """What one plugin answers to a hook; its exceptions become ContractErrors that name it."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin_name != name:
            continue
        given = [arguments[argument] for argument in implementation.argnames]
        answer = asked(name, hook, implementation.function, *given)
        if answer is not None:
            yield answer


def asked(name: str, what: str, function: Callable[..., Any], *given: object) -> Any:
    """What a function of one plugin answers; its exceptions become ContractErrors that name it."""
    try:
        answer = function(*given)
        # What it would raise, it raises here.
        return tuple(answer) if isinstance(answer, Iterator) else answer
    except RelanceError:
        raise
    except Exception as error:
        raise ContractError(
            name, f"{quoted(what)} a échoué ({type(error).__name__} : {error})."
        ) from error


def answered(manager: pluggy.PluginManager, name: str, hook: str) -> tuple[Any, ...]:
    """All that one plugin answers to a hook that is told nothing, end to end."""
    try:
        return tuple(one for found in call(manager, name, hook, {}) for one in found)
    except TypeError as error:
        raise ContractError(name, f"{quoted(hook)} doit répondre par une suite.") from error


def refuse_others(name: str, hook: str, answer: Sequence[object], due: type) -> None:
    """Refuse an answer that holds anything but what is due."""
    for one in answer:
        if not asked(name, hook, isinstance, one, due):
            raise ContractError(
                name, f"{quoted(hook)} doit répondre par des {due.__name__} : {one!r}."
            )


def unable(name: str, error: Exception) -> Concern:
    """A plugin that cannot say what keeps it from its work."""
    return Concern(
        f"extension.{name}",
        Gravity.IMPAIRED,
        f"L’extension {quoted(name)} n’a pas pu dire ce qui l’empêche de travailler.",
        f"Signalez-le à qui l’a écrite : {type(error).__name__}, {error}",
    )


def phrases_of(manager: pluggy.PluginManager, name: str) -> PluginPhrases:
    """A plugin's phrases and slot types, each whole."""
    phrases = answered(manager, name, "relance_phrases")
    types = answered(manager, name, "relance_slot_types")
    kinds = answered(manager, name, "relance_messages")
    refuse_others(name, "relance_messages", kinds, MessageFiles)
    named = (asked(name, "slot_type", getattr, one, "slot_type") for one in kinds)
    types += tuple(one for one in named if one is not None)
    for phrase in phrases:
        if not isinstance(phrase, Phrase):
            raise BadPhrase(name, f"{phrase!r} n’est pas une phrase (Phrase).")
    for slot_type in types:
        if not isinstance(slot_type, SlotType):
            raise ContractError(name, f"{slot_type!r} n’est pas un type de valeur (SlotType).")
    return PluginPhrases(name, phrases, types)


def refuse_same_slot_types(plugins: Sequence[PluginPhrases]) -> None:
    """Two plugins may share a slot type only if they say the very same thing of it."""
    found: dict[str, tuple[str, SlotType]] = {}
    for plugin in plugins:
        for slot_type in plugin.slot_types:
            owner, known = found.setdefault(slot_type.name, (plugin.plugin, slot_type))
            if known != slot_type:
                raise ContractError(
                    plugin.plugin,
                    f"le type de valeur « {slot_type.name} » est déjà apporté par l’extension "
                    f"« {owner} », qui le décrit autrement.",
                )


def refuse_wrong_meanings(plugins: Sequence[PluginPhrases], catalogue: Catalogue) -> None:
    """What a phrase means, asked on its own example, must be of the phrase's kind."""
    for plugin in plugins:
        for phrase in plugin.phrases:
            values = example_values(catalogue, phrase)
            _refuse_arguments(plugin.plugin, phrase, values)
            _refuse_meaning(plugin.plugin, phrase, values)


def example_values(catalogue: Catalogue, phrase: Phrase) -> Mapping[str, Any]:
    """The slots' values of a phrase's own example, as `means` receives them."""
    lexemes, _ = lex(phrase.example, 0, len(phrase.example))
    found = catalogue.longest(phrase.example, lexemes, 0)
    if found is None:
        return {}
    return {
        slot.name: catalogue.slot_types[slot.type].read(captured.text.text)
        for slot, captured in zip(found.variant.slots, found.captured, strict=True)
    }


def _refuse_arguments(plugin: str, phrase: Phrase, values: Mapping[str, object]) -> None:
    try:
        inspect.signature(phrase.means).bind(**values)
    except TypeError as error:
        raise BadPhrase(
            plugin,
            f"« means » de la phrase « {phrase.id} » doit accepter {', '.join(values) or 'rien'}.",
        ) from error


def _refuse_meaning(plugin: str, phrase: Phrase, values: Mapping[str, object]) -> None:
    try:
        meaning = phrase.means(**values)
    except Exception as error:
        raise BadPhrase(
            plugin,
            f"« means » de la phrase « {phrase.id} » échoue sur son propre exemple "
            f"({type(error).__name__} : {error}).",
        ) from error
    if not is_of(phrase.kind, meaning):
        raise BadPhrase(
            plugin,
            f"la phrase « {phrase.id} » se dit {phrase.kind.value}, mais « means » répond par "
            f"{type(meaning).__name__}.",
        )
