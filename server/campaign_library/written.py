"""A campaign as the scripts of a project hold it, found by its name for what copies from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.diagnostics import Severity
from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign, Script
from relance.fold import key_of
from relance.french import quoted
from relance.slip import slip_of
from server.campaign_library.copying import NotCopied


@dataclass(frozen=True, slots=True)
class WrittenCampaign:
    """A campaign in the scripts of a project: in which, all that this one holds, and as it was read."""

    script: str
    read: Script
    campaign: Campaign


def find(scripts: Mapping[str, str], name: str, catalogue: Catalogue) -> WrittenCampaign:
    """The campaign of that name; NotCopied when there is none, or its script has errors."""
    names: list[str] = []
    for script, source in scripts.items():
        parsed = parse(source, catalogue)
        campaigns = [one for one in parsed.script.blocks if isinstance(one, Campaign)]
        names += [one.name.text for one in campaigns]
        for one in campaigns:
            if key_of(one.name.text) != key_of(name):
                continue
            if any(each.severity is Severity.ERROR for each in parsed.diagnostics):
                raise NotCopied(
                    f"{quoted(script)}, où est la campagne {quoted(one.name.text)}, a des erreurs : "
                    f"{quoted('relance check')} les montre. Corrigez-les d’abord."
                )
            return WrittenCampaign(script, parsed.script, one)
    near = slip_of(name, names)
    hint = f" Vouliez-vous dire {quoted(near)}\u00a0?" if near is not None else ""
    raise NotCopied(f"Le projet n’a pas de campagne {quoted(name)}.{hint}")
