"""The campaigns of a script that are in an exclusive group, each with the priority that is written for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from dsl.check.header import LAST_PRIORITY
from dsl.diagnostics import Span
from dsl.language.fr import headers, values
from dsl.service.memory import ReadScript
from dsl.tree import nodes
from relance.fold import fold, key_of


@dataclass(frozen=True, slots=True)
class GroupedCampaign:
    """A campaign of a group. `key`: what its name is compared by; `at`: where its priority is written."""

    name: str
    key: str
    file: str
    priority: int
    at: Span


def grouped_campaigns(script: ReadScript) -> Iterator[tuple[str, GroupedCampaign]]:
    """Each campaign of a script that is in a group, with the name of that group."""
    for block in script.reading.parsed.script.blocks:
        if not isinstance(block, nodes.Campaign) or not key_of(block.name.text):
            continue
        value = next(
            (one.value for one in block.headers if fold(one.key) == fold(headers.GROUP)), None
        )
        place = headers.priority_place(value.text) if value is not None else None
        if value is None or place is None:
            continue
        name, written = headers.group(value.text)
        number = values.number(written)
        if not key_of(name) or not isinstance(number, Decimal):
            continue
        if 1 <= number <= LAST_PRIORITY and number == int(number):
            at = Span(value.span.start + place[0], value.span.start + place[1])
            own = " ".join(block.name.text.split())
            yield name, GroupedCampaign(own, key_of(own), script.name, int(number), at)


def next_priorities(scripts: Iterable[ReadScript]) -> Mapping[str, int]:
    """The groups by name, as people sort them, each with the priority behind all that it has."""
    found: dict[str, tuple[str, int]] = {}
    for script in scripts:
        for name, one in grouped_campaigns(script):
            first, last = found.get(key_of(name), (name, 0))
            found[key_of(name)] = first, max(last, one.priority)
    return {found[key][0]: min(found[key][1] + 1, LAST_PRIORITY) for key in sorted(found)}
