"""Tracked links: the addresses that the rules give a name to, followed wherever they are put."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """A tracked link. `slug` is the unguessable end of its short address, the same for ever.

    `withdrawn`: no rule declares it any more, but its short address is out and still answers.
    """

    name: str
    url: str
    slug: str
    utm: Mapping[str, str] = field(default_factory=dict)
    withdrawn: bool = False
