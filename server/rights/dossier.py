"""A person’s file: all that is known of her, as a set of reports that each form renders."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import Cell, CellType, Column, Layout, Report, ReportSet
from server.http.pages import environment
from server.reports.glossary import Glossary
from server.reports.screen import screen
from server.rights.codes import DossierWords, codes_of, value_of
from server.rights.holdings import HOLDINGS
from server.rights.person import KnownPerson
from server.rights.sections import SECTIONS, DossierSection
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros
from server.store.leads import among
from server.store.schema.messages import lifted_suppressions, suppressions
from server.store.schema.metadata import metadata
from server.store.schema.server import import_rejects, imports


async def dossier(
    conn: AsyncConnection,
    fields: FieldCatalogue,
    glossary: Glossary,
    person: KnownPerson,
    zone: ZoneInfo,
) -> ReportSet:
    """All of it, the empty parts left out; `zone`: of the instants told within a sentence."""
    codes = await codes_of(conn, fields, glossary, person, zone)
    parts = {"fiche": await _card(conn, fields, person)}
    leads = {one.table: one.leads for one in HOLDINGS}
    for name, section in SECTIONS.items():
        found = await _section(conn, section, metadata.tables[name], leads[name], person, codes)
        if found.rows:
            parts[section.key] = found
    for key, found in (await _beside(conn, person, codes)).items():
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
    return Report("Sa fiche", columns, tuple(found), layout=Layout.FOLDING)


async def _section(
    conn: AsyncConnection,
    section: DossierSection,
    table: Table,
    leads: Sequence[str],
    person: KnownPerson,
    codes: DossierWords,
) -> Report:
    hers = " OR ".join(f"{table.name}.{one} IN {among(conn.dialect.name, 'ids')}" for one in leads)
    query = (
        select(table).where(text(f"({hers})")).order_by(*(table.c[one] for one in section.order))
    )
    rows = (await conn.execute(query, {"ids": person.numbers})).mappings()
    columns = tuple(Column(one.heading, one.key, one.kind) for one in section.columns)
    cells = (tuple(codes.cell(one, row) for one in section.columns) for row in rows)
    return Report(section.title, columns, tuple(cells), layout=Layout.FOLDING)


async def _beside(
    conn: AsyncConnection, person: KnownPerson, codes: DossierWords
) -> Mapping[str, Report]:
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
        (from_micros(row.at), codes.channel(row.channel), row.address_key, row.reason)
        for row in await conn.execute(query)
    ]
    refused = Report("Ce qu’elle a refusé", tuple(left), tuple(rows), layout=Layout.FOLDING)
    table = lifted_suppressions
    query = select(table).where(table.c.address_key.in_(addresses)).order_by(table.c.lifted_at)
    rows = [
        (
            from_micros(row.lifted_at),
            codes.channel(row.channel),
            row.address_key,
            f"{row.reason} ; {row.why}",
        )
        for row in await conn.execute(query)
    ]
    lifted = Report("Les refus qui furent levés", tuple(left), tuple(rows), layout=Layout.FOLDING)
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
        (row.name, row.line, row.reason, value_of(row.cells))
        for row in await conn.execute(query)
        if person.addressed_in(row.cells)
    ]
    return Report("Les lignes de fichiers refusées", columns, tuple(found), layout=Layout.FOLDING)
