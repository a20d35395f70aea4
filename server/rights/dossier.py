"""A person’s file: all that is known of her, as a set of reports that each form renders."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.proof import Proof
from server.http.pages import environment
from server.reports import leftovers, words
from server.reports.glossary import Glossary
from server.reports.report import Cell, CellType, Column, Report, ReportSet
from server.reports.screen import screen
from server.rights.holdings import HOLDINGS
from server.rights.person import KnownPerson
from server.rights.sections import SECTIONS, DossierSection, SectionColumn
from server.store.amounts import amount_of
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros
from server.store.leads import among
from server.store.schema.campaigns import campaigns
from server.store.schema.goals import goals
from server.store.schema.leads import lists
from server.store.schema.messages import lifted_suppressions, suppressions
from server.store.schema.metadata import metadata
from server.store.schema.rules import dynamic_lists
from server.store.schema.server import import_rejects, imports

_PROOFS = {
    0: "un lien suivi là",
    Proof.STATED: "déclaré",
    Proof.CONFIRMED: "confirmé par la personne",
    Proof.SIGNED: "signé",
    Proof.TEAM: "dit par l’équipe",
}
_KINDS = {"email": "courriel", "phone": "téléphone", "visitor": "navigateur"}

#: What says a code in words; None stays None.
Coder = Callable[[Any, Any], Cell]


async def dossier(
    conn: AsyncConnection, fields: FieldCatalogue, glossary: Glossary, person: KnownPerson
) -> ReportSet:
    """All of it, the empty parts left out."""
    coders = await _coders(conn, fields, glossary)
    parts = {"fiche": await _card(conn, fields, person)}
    leads = {one.table: one.leads for one in HOLDINGS}
    for name, section in SECTIONS.items():
        found = await _section(conn, section, metadata.tables[name], leads[name], person, coders)
        if found.rows:
            parts[section.key] = found
    for key, found in (await _beside(conn, person)).items():
        if found.rows:
            parts[key] = found
    return ReportSet(f"Dossier du lead n° {person.leads[0]}", parts)


def page(file: ReportSet, zone: ZoneInfo) -> str:
    """The file as a page that stands alone: no script, nothing to be fetched."""
    tables = [screen(one, zone) for one in file.parts.values()]
    template = environment("server.rights").get_template("dossier.html")
    return template.render(title=file.title, tables=tables)


async def _card(conn: AsyncConnection, fields: FieldCatalogue, person: KnownPerson) -> Report:
    """Every field, of the leads that were found to be hers too."""
    table = fields.table
    inside = text(f"leads.id IN {among(conn.dialect.name, 'ids')}")
    query = select(table).where(inside).order_by(table.c.id)
    found: list[tuple[Cell, ...]] = []
    for row in (await conn.execute(query, {"ids": person.numbers})).mappings():
        number = row["id"]
        found.append((number, "créée le", from_micros(row["created_at"])))
        found.append((number, "points", row["score"]))
        known = ((one.name, row[one.column.name]) for one in fields)
        found += [(number, name, value) for name, value in known if value is not None]
    columns = (
        Column("Fiche", "fiche", CellType.NUMBER),
        Column("Champ", "champ"),
        Column("Valeur", "valeur"),
    )
    return Report("Sa fiche", columns, tuple(found))


async def _section(
    conn: AsyncConnection,
    section: DossierSection,
    table: Table,
    leads: Sequence[str],
    person: KnownPerson,
    coders: Mapping[str, Coder],
) -> Report:
    hers = " OR ".join(f"{table.name}.{one} IN {among(conn.dialect.name, 'ids')}" for one in leads)
    query = (
        select(table).where(text(f"({hers})")).order_by(*(table.c[one] for one in section.order))
    )
    rows = (await conn.execute(query, {"ids": person.numbers})).mappings()
    columns = tuple(Column(one.heading, one.key, one.kind) for one in section.columns)
    cells = (tuple(_cell(one, row, coders) for one in section.columns) for row in rows)
    return Report(section.title, columns, tuple(cells))


def _cell(one: SectionColumn, row: Any, coders: Mapping[str, Coder]) -> Cell:
    value = row[one.column]
    if value is None:
        return None
    if one.coded:
        return coders[one.coded](value, row)
    if one.kind is CellType.INSTANT:
        return from_micros(value)
    if one.kind is CellType.VALUE:
        return _value(value)
    return value  # type: ignore[no-any-return]


def _value(written: str) -> Cell:
    try:
        found = json.loads(written)
    except ValueError:
        return written
    return found if isinstance(found, Mapping | list) else str(found)


async def _coders(
    conn: AsyncConnection, fields: FieldCatalogue, glossary: Glossary
) -> Mapping[str, Coder]:
    campaign = await _names(conn, campaigns, "id")
    list_ = await _names(conn, lists, "key") | await _names(conn, dynamic_lists, "key")
    goal = await _names(conn, goals, "id")
    table = {one.table: one.title for one in HOLDINGS}

    def field(column: str, _: Any) -> Cell:
        known = fields.of_column(column)
        return known.name if known is not None else column.removeprefix("f_")

    def amount(micros: int, row: Any) -> Cell:
        return amount_of(micros, row["currency"])

    return {
        "identity": lambda code, _: _KINDS.get(code, code),
        "proof": lambda level, _: _PROOFS.get(level, str(level)),
        "field": field,
        "amount": amount,
        "list": lambda key, _: list_.get(key, key),
        "campaign": lambda number, _: campaign.get(number, f"n° {number}"),
        "goal": lambda number, _: goal.get(number, f"n° {number}"),
        "event": lambda type_, _: glossary.event_label(type_),
        "channel": lambda name, _: glossary.channel(name),
        "outcome": lambda code, _: words.outcome(code),
        "refusal": lambda code, _: words.refusal(code),
        "message_state": lambda code, _: words.outbox_state(code),
        "leftover": lambda code, _: leftovers.why(code),
        "table": lambda name, _: table.get(name.rpartition(":")[2], name),
    }


async def _names(conn: AsyncConnection, table: Table, key: str) -> dict[Any, str]:
    rows = await conn.execute(select(table.c[key], table.c.name))
    return {row[0]: row[1] for row in rows}


async def _beside(conn: AsyncConnection, person: KnownPerson) -> Mapping[str, Report]:
    """What is kept by her addresses, whoever they are of."""
    addresses = sorted(person.addresses())
    left = [
        Column("Quand", "quand", CellType.INSTANT),
        Column("Canal", "canal"),
        Column("Adresse", "adresse"),
        Column("Pourquoi", "raison"),
    ]
    table = suppressions
    query = select(table).where(table.c.address_key.in_(addresses)).order_by(table.c.at)
    rows = [
        (from_micros(row.at), row.channel, row.address_key, row.reason)
        for row in await conn.execute(query)
    ]
    refused = Report("Ce qu’elle a refusé", tuple(left), tuple(rows))
    table = lifted_suppressions
    query = select(table).where(table.c.address_key.in_(addresses)).order_by(table.c.lifted_at)
    rows = [
        (from_micros(row.lifted_at), row.channel, row.address_key, f"{row.reason} ; {row.why}")
        for row in await conn.execute(query)
    ]
    lifted = Report("Les refus qui furent levés", tuple(left), tuple(rows))
    return {
        "refus": refused,
        "refus_leves": lifted,
        "lignes_refusees": await _rejects(conn, person),
    }


async def _rejects(conn: AsyncConnection, person: KnownPerson) -> Report:
    """The rows of files that were refused, and name her."""
    columns = (
        Column("Fichier", "fichier"),
        Column("Ligne", "ligne", CellType.NUMBER),
        Column("Pourquoi", "raison"),
        Column("Contenu", "contenu", CellType.VALUE),
    )
    query = select(imports.c.name, import_rejects).where(imports.c.id == import_rejects.c.import_id)
    found = [
        (row.name, row.line, row.reason, _value(row.cells))
        for row in await conn.execute(query)
        if person.addressed_in(row.cells)
    ]
    return Report("Les lignes de fichiers refusées", columns, tuple(found))
