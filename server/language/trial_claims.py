"""What may be verified of somebody who went through a campaign: its messages, tags, steps, ways out.

Each is asked of the engine that played them; what it found is what the scenario says. A message or a
tag that was not to be is worth verifying too; a step where nobody stands is not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.check.text import plain
from dsl.language.fr import sayings
from dsl.language.fr.pieces import EXITED
from dsl.phrases.catalogue import Catalogue
from dsl.service.language_service import LanguageService
from dsl.service.occurrences import walk
from dsl.tree import nodes
from relance.events import EventPattern
from relance.fold import key_of
from relance.phrase import Kind, Phrase
from server.language.trial_offers import accepted
from server.language.trial_text import LEAD, opening

_SLOT = re.compile(r"\{(\w+):([^}]+)\}")
#: What is asked of somebody by one name: of these, activities make it true.
_HELD = ("étiquette", "liste")
_SENT = "_sent"


@dataclass(frozen=True, slots=True)
class TrialClaim:
    """Something that is true of somebody, or is not; `denied`: whether that it is not is worth saying."""

    text: str
    denied: bool = False


def claims(service: LanguageService, file: str, campaign: str) -> Sequence[TrialClaim]:
    """Those of a campaign of that script, in the order of its text."""
    blocks = service.scripts[file].reading.parsed.script.blocks
    found = dict[str, TrialClaim]()
    for one in blocks:
        if isinstance(one, nodes.Campaign) and key_of(one.name.text) == key_of(campaign):
            for claim in _claims(one, service.catalogue):
                found.setdefault(claim.text, claim)
    kept = set(accepted(service, file, [verifying(text) for text in found]))
    return [claim for text, claim in found.items() if verifying(text) in kept]


def verifying(text: str, later: str = "") -> str:
    """The line that verifies it."""
    return f"{opening(later)}vérifier ({LEAD}) : {text}"


def held(claim: TrialClaim, so: bool) -> str | None:
    """What to verify, once it is known whether it is so; None for nothing."""
    if so:
        return claim.text
    return sayings.denied(claim.text) if claim.denied else None


def _claims(one: nodes.Campaign, catalogue: Catalogue) -> Iterator[TrialClaim]:
    steps = [node for node in walk(one) if isinstance(node, nodes.StepMark)]
    for node in walk(one):
        if isinstance(node, nodes.Do) and node.use.phrase is not None:
            yield from _made(node.use, node.use.phrase, catalogue)
    for step in steps:
        yield TrialClaim(sayings.at_step(plain(step.name.text)))
    name = plain(one.name.text)
    for how, forms in EXITED.items():
        if how != "left":
            campaign = (
                f" ({name})" if forms[0].endswith("campagne") else f" de la campagne ({name})"
            )
            yield TrialClaim(forms[0] + campaign)


def _made(use: nodes.PhraseUse, does: Phrase, catalogue: Catalogue) -> Iterator[TrialClaim]:
    """What an activity makes true."""
    if does.kind is not Kind.ACTIVITY or use.letter is not None:
        return
    types = {
        name: kind for one in (does.pattern, *does.aliases) for name, kind in _SLOT.findall(one)
    }
    for name, text in use.slots:
        for phrase in catalogue.phrases.values():
            slots = _SLOT.findall(phrase.pattern)
            if len(slots) != 1 or slots[0][1] != types.get(name):
                continue
            said = phrase.pattern.replace(
                f"{{{slots[0][0]}:{slots[0][1]}}}", f"({plain(text.text)})"
            )
            if phrase.kind is Kind.STATE and slots[0][1] in _HELD:
                yield TrialClaim(said, denied=slots[0][1] == _HELD[0])
            elif phrase.kind is Kind.EVENT and _is_sent(phrase, slots[0][0], plain(text.text)):
                yield TrialClaim(said, denied=True)


def _is_sent(phrase: Phrase, slot: str, name: str) -> bool:
    try:
        meaning = phrase.means(**{slot: name})
    except (TypeError, ValueError, AttributeError):
        return False
    return isinstance(meaning, EventPattern) and meaning.type.endswith(_SENT)
