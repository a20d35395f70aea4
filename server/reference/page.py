"""The reference as a page of Markdown, written anew from the catalogue whenever it changes."""

from collections.abc import Iterator, Sequence

from dsl.phrases.pattern import expand
from relance.french import NBSP, unaccented
from relance.phrase import Kind
from relance.slot import SlotType
from server.reference.entries import ReferenceEntry, ReferenceSection
from server.reference.structure import structure

_HEAD = """\
# Tout ce qu’une règle peut dire

<!-- Page écrite par « relance phrases --markdown » à partir du catalogue : ne pas la modifier à la main. -->

Chaque phrase se lit telle quelle dans un script, majuscules, accents et pluriels mis à part. Les mots entre parenthèses sont à remplacer ; [leur sens est à la fin](#entre-les-parenthèses).

- Un **événement** sert de déclencheur (`quand …`), de décision (`si …` : est-ce déjà arrivé ?) et de fait dans un scénario.
- Un **état** sert de décision, et de déclencheur quand il devient vrai. ⏱ : le temps seul peut le changer.
- Une **activité** se fait ; une **attente** retient le lead.

`relance phrases` montre le catalogue de votre propre installation, extensions comprises.
"""
_SLOTS = "Entre les parenthèses"


def page(sections: Sequence[ReferenceSection]) -> str:
    """The whole page."""
    parts = [_HEAD, *(_section(one) for one in sections), structure(), _slots(sections)]
    return "\n".join(parts)


def _section(section: ReferenceSection) -> str:
    return "\n".join([f"## {section.title}\n", *(_entry(entry) for entry in section.entries)])


def _entry(entry: ReferenceEntry) -> str:
    phrase = entry.phrase
    clock = " ⏱" if entry.timed else ""
    lines = [
        f"### {_plain(entry.shown)}{clock}\n",
        f"{phrase.kind.value.capitalize()} · extension `{entry.plugin}` · `{phrase.id}`\n",
        f"{_plain(phrase.help)}\n",
        f"```text\n{phrase.example}\n```\n",
    ]
    details = list(_details(entry))
    if details:
        lines.append("\n".join(details) + "\n")
    return "\n".join(lines)


def _details(entry: ReferenceEntry) -> Iterator[str]:
    if entry.also:
        yield f"- S’écrit aussi{NBSP}: " + ", ".join(f"`{one}`" for one in entry.also)
    if entry.phrase.english:
        yield f"- En anglais{NBSP}: `{expand(entry.phrase.english)[0].shown()}`"
    if entry.phrase.kind is Kind.STATE:
        causes = [*entry.woken, *(["le temps qui passe"] if entry.timed else [])]
        causes_text = ", ".join(causes) or "rien : la réponse ne change jamais"
        yield f"- La réponse peut changer après{NBSP}: {causes_text}"
    elif entry.woken:
        yield f"- Se produit avec{NBSP}: " + ", ".join(entry.woken)


def _slots(sections: Sequence[ReferenceSection]) -> str:
    types: dict[str, SlotType] = {
        slot.name: slot for one in sections for entry in one.entries for slot in entry.slots
    }
    lines = [f"## {_SLOTS}\n"]
    for name in sorted(types, key=lambda one: unaccented(one.casefold())):
        lines.append(f"- **({name})**{NBSP}: {_help(types[name])}{_reference(types[name])}")
    return "\n".join(lines) + "\n"


def _help(slot: SlotType) -> str:
    text = _plain(slot.help.strip())
    return text[:1].lower() + text[1:].rstrip(".") + "."


def _reference(slot: SlotType) -> str:
    if not slot.reference:
        return ""
    if slot.closed:
        return " Il doit exister dans le projet."
    return " Un nom encore jamais vu est accepté."


def _plain(text: str) -> str:
    """`text` where Markdown would read a star as emphasis."""
    return text.replace("*", "\\*")
