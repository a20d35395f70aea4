"""What was said of leads without proof, in French."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from relance.french import quoted
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports import french
from server.store.declarations import ACCEPTED, MERGE, PENDING, PROVEN, REFUSED
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros

_BECAME = {
    PENDING: "gardé à part",
    PROVEN: "prouvé depuis",
    ACCEPTED: "accepté par l’équipe",
    REFUSED: "refusé par l’équipe",
}
_LONGEST = 120


def state_label(code: str) -> str:
    """What became of a declaration."""
    return _BECAME.get(code, code)


def field_called(field: str, fields: FieldCatalogue) -> str:
    """What it is about: a field by its column, or the lead itself."""
    if field == MERGE:
        return "la même personne que le lead n°"
    known = fields.of_column(field)
    return known.name if known is not None else field.removeprefix("f_")


def shown_value(row: Any) -> str:
    """What is said, on one line."""
    text = " ".join(str(json.loads(row.value)).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def shown_source(row: Any) -> str:
    """Who says it."""
    source = str(row.source)
    name = source.removeprefix("form:")
    return source if name == source else f"le formulaire {quoted(name)}"


def declared_report(rows: Sequence[Any], fields: FieldCatalogue, most: int) -> Report:
    """What waits for the team's word, the oldest first, at most that many."""
    columns: Columns[Any] = {
        Column("N°", "numero", CellType.NUMBER): lambda row: row.id,
        Column("Lead", to=To.SCREEN): lambda row: row.email or f"n° {row.lead_id}",
        Column("N° du lead", "lead", CellType.NUMBER, To.SHEET): lambda row: row.lead_id,
        Column("Courriel", "courriel", to=To.SHEET): lambda row: row.email,
        Column("Ce qui est dit", to=To.SCREEN): lambda row: (
            f"{field_called(row.field, fields)} : {quoted(shown_value(row))}"
        ),
        Column("Champ", "champ", to=To.SHEET): lambda row: field_called(row.field, fields),
        Column("Valeur", "valeur", CellType.VALUE, To.SHEET): lambda row: json.loads(row.value),
        Column("Par"): shown_source,
        Column("", "source"): lambda row: row.source,
        Column("Depuis", "dit_le", CellType.INSTANT): lambda row: from_micros(row.received_at),
    }
    waiting = french.count(len(rows[:most]), "déclaration attend", "déclarations attendent")
    return report(
        "Déclarations sans preuve",
        columns,
        rows,
        empty="Aucune déclaration n’attend.",
        notes=[
            f"{waiting}. «\u00a0relance accepter n°\u00a0» la tient pour vraie, «\u00a0relance refuser n°\u00a0» l’écarte."
        ],
        most=most,
        cut=f"Les {french.number(most)} premières : il y en a d’autres.",
    )


def declared_lines(rows: Sequence[Any], fields: FieldCatalogue, zone: ZoneInfo) -> Sequence[str]:
    """One line a declaration: what it says, who said it, what became of it."""
    return [
        f"n° {row.id}, {french.instant(from_micros(row.received_at), zone)} : "
        f"{field_called(row.field, fields)} = {quoted(shown_value(row))}, dit par {shown_source(row)} — "
        f"{_BECAME[row.state]}"
        for row in rows
    ]
