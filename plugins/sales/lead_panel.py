"""The page of a lead: to whom of the team it was given, when, and to whom before."""

from collections.abc import Sequence

from relance.blocks import Block, Figure, Figures
from relance.events import ASSIGNED
from relance.house import KnownLead
from relance.interface import LeadPanel
from relance.report import CellType

#: So many who had it before are named.
_BEFORE = 3


async def body(lead: KnownLead) -> Sequence[Block]:
    """Who has it now, as its field says; nothing of a lead that was given to nobody."""
    given = await lead.events((ASSIGNED,), _BEFORE + 1)
    seller = str(lead.fields.get("vendeur") or "")
    if not seller:
        return ()
    figures = [Figure("Suivi par", seller, CellType.TEXT)]
    if given and given[0].subject == seller:
        figures.append(Figure("Depuis le", given[0].occurred_at, CellType.INSTANT))
    before = [one.subject for one in given[1:] if one.subject and one.subject != seller]
    if before:
        figures.append(Figure("Avant", ", ".join(dict.fromkeys(before)), CellType.TEXT))
    return (Figures(tuple(figures)),)


PANEL = LeadPanel("vendeur", "Équipe de vente", body)
