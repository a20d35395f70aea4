"""The page of a lead: which contact of the CRM it is, when it was brought there, what came back."""

from collections.abc import Sequence

from plugins.crm.happenings import CHANGED, SYNCED
from plugins.crm.settings import CrmSettings
from relance.blocks import Block, Figure, Figures, Paragraph
from relance.house import KnownLead
from relance.interface import LeadPanel
from relance.report import CellType


def panel(settings: CrmSettings | None) -> LeadPanel:
    """Told of leads that passed between the two; of the others too, where a CRM is set."""

    async def body(lead: KnownLead) -> Sequence[Block]:
        passed = await lead.events((SYNCED, CHANGED), 1)
        if not passed:
            return (Paragraph("N’y est pas encore."),) if settings is not None else ()
        latest = {one.type: one for one in passed}
        figures = []
        if brought := latest.get(SYNCED):
            contact = str(brought.properties.get("contact") or "")
            if contact:
                figures.append(Figure("Contact", contact, CellType.ADDRESS))
            figures.append(Figure("Porté le", brought.occurred_at, CellType.INSTANT))
        if changed := latest.get(CHANGED):
            fields = changed.properties.get("champs")
            said = ", ".join(map(str, fields)) if isinstance(fields, list) else ""
            figures.append(Figure("Changé là-bas le", changed.occurred_at, CellType.INSTANT, said))
        return [Figures(tuple(figures)), *_master(settings)]

    return LeadPanel("crm", "CRM", body)


def _master(settings: CrmSettings | None) -> Sequence[Block]:
    names = sorted(settings.of_crm) if settings is not None else ()
    return (Paragraph(f"Le CRM fait foi pour : {', '.join(names)}."),) if names else ()
