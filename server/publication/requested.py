"""Publications that were asked for, as people read them."""

from collections.abc import Sequence

from relance.report import CellType, Column, Columns, Report, report
from server.publication.requests import PublicationRequest
from server.store.instants import from_micros

_ASKED: Columns[PublicationRequest] = {
    Column("Demande", "demande", CellType.NUMBER): lambda one: one.number,
    Column("Faite le", "le", CellType.INSTANT): lambda one: from_micros(one.at),
    Column("Par", "par"): lambda one: one.wished.who,
    Column("Note", "note"): lambda one: one.note,
    Column("", "malgre_scenarios"): lambda one: one.overlooked,
    Column("", "etat"): lambda one: one.state.value,
    Column("Ce qu’elle est devenue", ""): lambda one: one.state.label,
    Column("Réponse de", "repondu_par"): lambda one: one.answered_by or "",
    Column("Pourquoi", "pourquoi"): lambda one: one.why or "",
    Column("Publication", "publication", CellType.NUMBER): lambda one: one.publication,
    Column("", "changements", CellType.COUNT): lambda one: len(one.wished.changes),
}


def requests_report(asked: Sequence[PublicationRequest], most: int) -> Report:
    """Those that were asked, the latest first."""
    return report(
        "Publications demandées",
        _ASKED,
        asked,
        empty="Personne n’a demandé de publication.",
        most=most,
        cut=f"Seules les {most} dernières sont montrées.",
    )
