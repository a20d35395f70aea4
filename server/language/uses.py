"""Who uses what a project offers beside its scripts: the campaigns that send a message, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsl.service.language_service import LanguageService
from dsl.service.occurrences import NameRole
from dsl.tree.nodes import Campaign
from relance.fold import key_of


@dataclass(frozen=True, slots=True)
class NameUse:
    """A place that uses a name. `campaign`: whose it is; empty outside campaigns."""

    campaign: str
    file: str
    line: int


def uses_of(service: LanguageService, kind: str) -> Mapping[str, Sequence[NameUse]]:
    """By key, the first use of each name of a slot type in each campaign of each file."""
    found: dict[str, dict[tuple[str, str], NameUse]] = {}
    for named in service.names.of(key_of(kind)):
        for place in named.places:
            if place.role is not NameRole.USES:
                continue
            script = service.scripts[place.file]
            blocks = script.reading.parsed.script.blocks
            around = (
                one.name.text.strip("«»\u00a0 ")
                for one in blocks
                if isinstance(one, Campaign) and one.span.start <= place.span.start < one.span.end
            )
            use = NameUse(next(around, ""), place.file, script.positions.line(place.span.start))
            mine = found.setdefault(key_of(named.name), {})
            mine.setdefault((use.campaign, use.file), use)
    return {key: tuple(each.values()) for key, each in found.items()}
