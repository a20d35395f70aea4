"""The panels that extensions add to the page of a lead, asked for together, each within its time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from relance.house import KnownLead
from server.plugin_interface import AddedPanel
from server.web.extensions.answering import answer_of
from server.web.extensions.drawn import DrawnBlock, drawn
from server.web.frame import Viewer
from server.web.page import Access

#: Seconds that one may take: the page waits for the slowest.
LONGEST = 1.0


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """One: its title, what it shows, and the extension it comes from."""

    key: str
    title: str
    blocks: Sequence[DrawnBlock]
    plugin: str


async def panels_of(
    added: Sequence[AddedPanel], lead: KnownLead, viewer: Viewer
) -> Sequence[DrawnPanel]:
    """Those that who looks may see and that have something to show."""
    seen = [one for one in added if Access[one.panel.access.name] in viewer.may]
    answers = await asyncio.gather(
        *(answer_of(one.plugin, one.panel.body, lead, LONGEST) for one in seen)
    )
    found = [
        DrawnPanel(
            f"{one.plugin}-{one.panel.key}",
            one.panel.title,
            drawn(answer, one.plugin, lead.zone, forms=False),
            one.plugin,
        )
        for one, answer in zip(seen, answers, strict=True)
    ]
    return [one for one in found if one.blocks]
