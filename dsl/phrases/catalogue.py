"""The catalogue: every phrase of the loaded plugins, refused as a whole if one could mislead.

Refused: two phrases that read the same, a phrase with no help or example, an example that does
not read back as its phrase, an unknown slot type, a pattern that begins or ends like structure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dsl.language.construct import Role
from dsl.language.fr.bare import BARE
from dsl.language.fr.constructs import ROWS
from dsl.language.fr.core_slots import CORE_SLOT_TYPES
from dsl.language.fr.fold import fold_word
from dsl.language.fr.synonyms import content_words
from dsl.language.lexeme import Lexeme
from dsl.phrases.composed import compose, takes_fact
from dsl.phrases.pattern import BadPattern, Variant, expand
from dsl.phrases.trie import Match, Trie
from dsl.text.lexer import lex
from relance.errors import BadPhrase, PhraseCollision
from relance.phrase import Kind, Phrase
from relance.slot import SlotType, Unreadable

_RESERVED_FIRST = frozenset(fold_word(row.form) for row in ROWS if row.reserved)
_RESERVED_LAST = frozenset(
    fold_word(row.form) for row in ROWS if row.reserved and row.role is Role.WORD
)


@dataclass(frozen=True, slots=True)
class PluginPhrases:
    """What one plugin adds to the language."""

    plugin: str
    phrases: Sequence[Phrase] = ()
    slot_types: Sequence[SlotType] = ()


@dataclass(frozen=True, slots=True)
class PhraseForm:
    """A way to write a phrase, and the writing the formatter prefers."""

    phrase: Phrase
    plugin: str
    canonical: Variant


@dataclass(frozen=True, slots=True)
class Writing:
    """A writing as suggestions compare it: its words, its phrase."""

    key: str
    variant: Variant
    entry: PhraseForm


class Catalogue:
    """The phrases a script may use, and their slot types by name."""

    def __init__(
        self, plugins: Sequence[PluginPhrases], disabled: Sequence[PluginPhrases] = ()
    ) -> None:
        self.slot_types: dict[str, SlotType] = {kind.name: kind for kind in CORE_SLOT_TYPES}
        self.phrases: dict[str, Phrase] = {}
        #: The phrases that hold another, by id.
        self.composed: dict[str, Phrase] = {}
        self.writings: list[Writing] = []
        self._plugins: dict[str, str] = {}
        self._keys: dict[str, PhraseForm] = {}
        self._trie: Trie[PhraseForm] = Trie()
        self._disabled: Trie[PhraseForm] = Trie()
        for plugin in plugins:
            self._add_types(plugin)
        #: The types of what may be written in a script in place of its name.
        self.in_place = frozenset(
            kind.name for kind in self.slot_types.values() if kind.in_place is not None
        )
        self._open_types = frozenset(
            kind.name
            for kind in self.slot_types.values()
            if not kind.reference and kind.name not in BARE and kind.name != "texte"
        )
        for plugin in plugins:
            for phrase in plugin.phrases:
                self._add(plugin.plugin, phrase)
        for plugin in plugins:
            for phrase in plugin.phrases:
                self._compose(plugin.plugin, phrase)
        for plugin in plugins:
            for phrase in plugin.phrases:
                self._check_example(plugin.plugin, phrase)
        for plugin in disabled:
            for phrase in plugin.phrases:
                self._add_disabled(plugin.plugin, phrase)

    def plugin_of(self, phrase: Phrase) -> str:
        """The name of the plugin a phrase comes from."""
        return self._plugins[phrase.id]

    @property
    def known(self) -> Mapping[str, Phrase]:
        """Every phrase by id, those that hold another too."""
        return {**self.phrases, **self.composed}

    def first_words(self) -> frozenset[str]:
        """The keys a phrase may begin with."""
        return frozenset(self._trie.root.words)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The keys of every word that phrases hold: whoever writes one means it."""
        edges = (edge for writing in self.writings for edge in writing.variant.edges)
        return frozenset(edge for edge in edges if isinstance(edge, str))

    @cached_property
    def by_words(self) -> dict[frozenset[str], list[int]]:
        """The writings, by index, by the words that say what they are about."""
        found: dict[frozenset[str], list[int]] = {}
        for index, writing in enumerate(self.writings):
            edges = [edge for edge in writing.variant.edges if isinstance(edge, str)]
            found.setdefault(content_words(edges), []).append(index)
        return found

    @cached_property
    def by_first_word(self) -> dict[str, list[Writing]]:
        """The writings by the key they begin with."""
        found: dict[str, list[Writing]] = {}
        for writing in self.writings:
            first = writing.variant.edges[0]
            if isinstance(first, str):
                found.setdefault(first, []).append(writing)
        return found

    def longest(
        self, source: str, lexemes: Sequence[Lexeme], index: int
    ) -> Match[PhraseForm] | None:
        """The longest phrase that stands at `index`."""
        return self._trie.longest(source, lexemes, index)

    def longest_disabled(
        self, source: str, lexemes: Sequence[Lexeme], index: int
    ) -> Match[PhraseForm] | None:
        """The same among the phrases of plugins that are installed but not enabled."""
        return self._disabled.longest(source, lexemes, index)

    def shown(self, phrase: Phrase) -> str:
        """The first pattern of a phrase, « (type) » in its slots."""
        return expand(phrase.pattern)[0].shown()

    def _add_types(self, plugin: PluginPhrases) -> None:
        for kind in plugin.slot_types:
            known = self.slot_types.get(kind.name)
            if known is not None and known != kind:
                raise BadPhrase(
                    plugin.plugin, f"le type d’emplacement « {kind.name} » existe déjà."
                )
            self.slot_types[kind.name] = kind

    def _add(self, plugin: str, phrase: Phrase) -> None:
        if phrase.id in self.phrases:
            raise PhraseCollision(
                plugin,
                f"l’identifiant « {phrase.id} » est déjà celui d’une phrase de l’extension"
                f" « {self._plugins[phrase.id]} ».",
            )
        if not phrase.help.strip() or not phrase.example.strip():
            lacking = "d’aide" if not phrase.help.strip() else "d’exemple"
            raise BadPhrase(plugin, f"la phrase « {phrase.pattern} » n’a pas {lacking}.")
        self.phrases[phrase.id] = phrase
        self._plugins[phrase.id] = plugin
        preferred = self._variants(plugin, phrase.pattern)
        for pattern in (phrase.pattern, *phrase.aliases):
            variants = preferred if pattern == phrase.pattern else self._variants(plugin, pattern)
            for variant in () if takes_fact(pattern) else variants:
                canonical = variant if variants is preferred else _preferred(variant, preferred)
                self._enter(plugin, phrase, variant, canonical)

    def _compose(self, plugin: str, phrase: Phrase) -> None:
        """Let every event phrase stand where this one takes any; what is written out wins."""
        for one in compose(phrase, tuple(self.phrases.values())):
            self._plugins[one.id] = plugin
            self.composed[one.id] = one
            for pattern in (one.pattern, *one.aliases):
                variants = self._variants(plugin, pattern)
                for variant in variants:
                    if variant.key not in self._keys:
                        entry = PhraseForm(one, plugin, _preferred(variant, expand(one.pattern)))
                        self._keys[variant.key] = entry
                        self._trie.add(variant, entry, open_types=self._open_types)

    def _enter(self, plugin: str, phrase: Phrase, variant: Variant, canonical: Variant) -> None:
        entry = PhraseForm(phrase, plugin, canonical)
        taken = self._keys.get(variant.key)
        if taken is not None and taken.phrase.id != phrase.id:
            raise PhraseCollision(
                plugin,
                f"sa phrase « {phrase.pattern} » se lit comme « {taken.phrase.pattern} » de"
                f" l’extension « {taken.plugin} ».",
            )
        if taken is None or taken.canonical.slots != variant.slots:
            # The same words with slots of other types: what one cannot read, the other may.
            self._trie.add(variant, entry, open_types=self._open_types)
        if taken is None:
            self._keys[variant.key] = entry
            self.writings.append(Writing(variant.key, variant, entry))

    def _add_disabled(self, plugin: str, phrase: Phrase) -> None:
        """A plugin that is not enabled can do no harm: what is wrong with it is passed over."""
        for pattern in (phrase.pattern, *phrase.aliases):
            try:
                variants = expand(pattern)
            except BadPattern:
                continue
            for variant in variants:
                self._disabled.add(variant, PhraseForm(phrase, plugin, variant))

    def _variants(self, plugin: str, pattern: str) -> tuple[Variant, ...]:
        try:
            variants = expand(pattern)
        except BadPattern as problem:
            raise BadPhrase(plugin, f"{problem}.") from problem
        for variant in variants:
            self._check_variant(plugin, pattern, variant)
        return variants

    def _check_variant(self, plugin: str, pattern: str, variant: Variant) -> None:
        edges = variant.edges
        begins = isinstance(edges[0], str) or edges[0].type == "durée" if edges else False
        if not begins or edges[0] == "(":
            raise BadPhrase(plugin, f"la phrase « {pattern} » doit commencer par un mot.")
        if edges[0] in _RESERVED_FIRST or edges[-1] in _RESERVED_LAST:
            raise BadPhrase(
                plugin,
                f"la phrase « {pattern} » commence ou finit par un mot réservé au langage.",
            )
        names = [slot.name for slot in variant.slots]
        if len(set(names)) < len(names):
            raise BadPhrase(plugin, f"la phrase « {pattern} » nomme deux fois un emplacement.")
        for slot in variant.slots:
            if slot.type not in self.slot_types:
                raise BadPhrase(
                    plugin,
                    f"la phrase « {pattern} » emploie un type d’emplacement inconnu,"
                    f" « {slot.type} ».",
                )

    def _check_example(self, plugin: str, phrase: Phrase) -> None:
        lexemes, _ = lex(phrase.example, 0, len(phrase.example))
        found = self.longest(phrase.example, lexemes, 0)
        if found is None or found.end < len(lexemes) or found.value.phrase.id != phrase.id:
            raise BadPhrase(
                plugin,
                f"l’exemple « {phrase.example} » ne se relit pas comme la phrase"
                f" « {phrase.pattern} ».",
            )
        for slot, captured in zip(found.variant.slots, found.captured, strict=True):
            value = self.slot_types[slot.type].read(captured.text.text)
            if isinstance(value, Unreadable):
                raise BadPhrase(plugin, f"l’exemple « {phrase.example} » : {value.reason}.")


def _preferred(variant: Variant, first: Sequence[Variant]) -> Variant:
    """The shortest writing of the first pattern with the slots of `variant`, else `variant`."""
    names = {slot.name for slot in variant.slots}
    same = [one for one in first if {slot.name for slot in one.slots} == names]
    return same[-1] if same else variant


def canonical(found: Match[PhraseForm]) -> str:
    """A phrase as the formatter writes it: bare words go between parentheses where they must."""
    types = {slot.name: slot.type for slot in found.value.canonical.slots}
    values = {}
    for slot, captured in zip(found.variant.slots, found.captured, strict=True):
        bare = captured.text.span.start == captured.start
        wrap = bare and types.get(slot.name, slot.type) not in (slot.type, *BARE)
        values[slot.name] = f"({captured.raw})" if wrap else captured.raw
    return found.value.canonical.written(values)


#: Kinds a condition may hold, and those a statement may be.
DECISIONS = frozenset({Kind.EVENT, Kind.STATE})
STATEMENTS = frozenset({Kind.ACTIVITY, Kind.WAIT})
