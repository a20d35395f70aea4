"""What the base keeps as a code, in the words of the people it is handed to."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.proof import Proof
from relance.report import Cell, CellType
from server.reports import declared, deliveries, leftovers, words
from server.reports.glossary import Glossary
from server.reports.ledger import Ledger, ledger_of
from server.reports.moves import move_details, move_reason, move_text
from server.reports.screen import plainly
from server.reports.screen import words as cell_words
from server.reports.timeline import hold_lines
from server.rights.holdings import HOLDINGS
from server.rights.person import KnownPerson
from server.rights.sections import LEFT_OUT, SECTIONS, SectionColumn
from server.store.amounts import amount_of
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.goals import goals
from server.store.schema.leads import lists
from server.store.schema.rules import dynamic_lists

#: The columns of a row, by name.
StoredRow = Mapping[Any, Any]
#: Says a code in words, which may take the rest of its row.
Coder = Callable[[Any, StoredRow], Cell]

_PROOFS = {
    0: "un lien suivi là",
    Proof.STATED: "déclaré",
    Proof.CONFIRMED: "confirmé par la personne",
    Proof.SIGNED: "signé",
    Proof.TEAM: "dit par l’équipe",
}
_KINDS = {"email": "courriel", "phone": "téléphone", "visitor": "navigateur"}
#: A move that nothing tells more of: its version is no longer there.
_WENT_ON = "Suit son parcours"


class DossierWords:
    """Says the codes of one person's rows."""

    def __init__(
        self,
        fields: FieldCatalogue,
        glossary: Glossary,
        zone: ZoneInfo,
        names: Mapping[str, Mapping[Any, Any]],
        ledgers: Sequence[Ledger],
    ) -> None:
        self._fields, self._glossary, self._zone, self._names = fields, glossary, zone, names
        self._moves = {
            (move.lead_id, move.campaign_id, move.entry, move.move): (ledger, move)
            for ledger in ledgers
            for move in ledger.moves
        }
        self._channels = {one.channel for one in glossary.channels}
        self._tables = {one.table: one.title for one in HOLDINGS}
        self._coders: Mapping[str, Coder] = {
            "identity": lambda code, _: _KINDS.get(code, code),
            "proof": lambda level, _: _PROOFS.get(level, str(level)),
            "field": lambda column, _: declared.field_called(column, fields),
            "amount": lambda micros, row: amount_of(micros, row["currency"]),
            "list": lambda key, _: self._named("list", key, key),
            "campaign": lambda number, _: self._named("campaign", number, f"n° {number}"),
            "goal": lambda number, _: self._named("goal", number, f"n° {number}"),
            "goal_campaign": lambda number, _: self._named("goal_campaign", number, ""),
            "event": lambda type_, _: glossary.event_label(type_),
            "context": lambda said, _: self.channel(said) if said in self._channels else said,
            "channel": lambda name, _: self.channel(name),
            "source": lambda source, _: leftovers.door(source, glossary),
            "outcome": lambda code, _: words.outcome(code),
            "refusal": lambda code, _: words.refusal(code),
            "message_state": lambda code, _: words.outbox_state(code),
            "delivery_state": lambda code, _: deliveries.state_label(code),
            "declaration_state": lambda code, _: declared.state_label(code),
            "leftover": lambda code, _: leftovers.why(code),
            "table": lambda name, _: self._tables.get(name.rpartition(":")[2], name),
            "points_reason": _points_reason,
            "holds": lambda stored, _: tuple(hold_lines(stored, zone)),
            "move": self._move,
            "cause": self._cause,
            "leaves": self._leaves,
            "taken": self._taken,
            "row": self._row,
        }

    def channel(self, name: str) -> str:
        """A channel, by its label."""
        return self._glossary.channel(name)

    def cell(self, one: SectionColumn, row: StoredRow) -> Cell:
        """What a column holds of a row."""
        value = row[one.column]
        if value is None:
            return None
        if one.coded:
            return self._coders[one.coded](value, row)
        if one.kind is CellType.INSTANT:
            return from_micros(value)
        if one.kind is CellType.VALUE:
            return value_of(value)
        return value  # type: ignore[no-any-return]

    def _named(self, what: str, key: Any, otherwise: str) -> Cell:
        return self._names[what].get(key, otherwise)  # type: ignore[no-any-return]

    def _known(self, row: StoredRow) -> tuple[Ledger, Row[Any]] | None:
        return self._moves.get((row["lead_id"], row["campaign_id"], row["entry"], row["move"]))

    def _move(self, _: str, row: StoredRow) -> Cell:
        found = self._known(row)
        return _WENT_ON if found is None else move_text(*found)

    def _cause(self, _: str, row: StoredRow) -> Cell:
        found = self._known(row)
        return "" if found is None else move_reason(*found, self._zone)

    def _leaves(self, stored: str, row: StoredRow) -> Cell:
        """What each phrase was found to be; the values alone when the phrases are gone."""
        found = self._known(row)
        lines = () if found is None else tuple(move_details(*found, self._zone))
        values = (value for _, value in json.loads(stored) if value is not None)
        return lines or tuple(plainly(one, self._zone) for one in values)

    def _taken(self, stored: str, _: StoredRow) -> Cell:
        """The fields that were taken of the other lead, and what they held before."""
        return tuple(
            declared.field_called(column, self._fields)
            + ("" if before is None else f" (avant : {plainly(before, self._zone)})")
            for column, before, _ in json.loads(stored)
        )

    def _row(self, stored: str, row: StoredRow) -> Cell:
        """A row of another part, as that part tells it."""
        name = row["kind"].rpartition(":")[2]
        if name not in SECTIONS:
            return (LEFT_OUT.get(name, name),)
        kept = json.loads(stored)
        read = (one for one in SECTIONS[name].columns if one.heading)
        cells = ((one, self.cell(one, kept)) for one in read if kept.get(one.column) is not None)
        return tuple(
            f"{one.heading} : {cell_words(one.kind, cell, self._zone)}" for one, cell in cells
        )


async def codes_of(
    conn: AsyncConnection,
    fields: FieldCatalogue,
    glossary: Glossary,
    person: KnownPerson,
    zone: ZoneInfo,
) -> DossierWords:
    """What says the codes of that person's rows, its instants told in `zone`."""
    campaign = await _column(conn, campaigns, "id")
    owners = await _column(conn, goals, "id", "campaign_id")
    names = {
        "list": await _column(conn, lists, "key") | await _column(conn, dynamic_lists, "key"),
        "campaign": campaign,
        "goal": await _column(conn, goals, "id"),
        "goal_campaign": {goal: campaign.get(owner, "") for goal, owner in owners.items()},
    }
    ledgers = [await ledger_of(conn, lead, glossary) for lead in person.leads]
    return DossierWords(fields, glossary, zone, names, ledgers)


def value_of(written: str) -> Cell:
    """A value kept as JSON; what is none stands for itself."""
    try:
        found = json.loads(written)
    except ValueError:
        return written
    return found if isinstance(found, Mapping | list) else str(found)


def _points_reason(reason: str, row: StoredRow) -> Cell:
    return reason if row["rule"] is not None else f"campagne {quoted(reason)}"


async def _column(
    conn: AsyncConnection, table: Table, key: str, column: str = "name"
) -> dict[Any, Any]:
    rows = await conn.execute(select(table.c[key], table.c[column]))
    return {row[0]: row[1] for row in rows}
