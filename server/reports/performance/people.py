"""Who is in a campaign, and who was: two tables, searched by name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Exit
from relance.report import CellType, Column, Columns, Report, report
from server.reports import words
from server.reports.version_number import numbered
from server.store.instants import from_micros
from server.store.schema.campaigns import enrolments
from server.store.schema.leads import leads
from server.store.search import bears, search_key

_NAMED = (leads.c.f_prenom, leads.c.f_nom, leads.c.f_courriel)
_MORE = (
    "Il y en a d’autres : «\u00a0--cherche\u00a0» en choisit, «\u00a0--sortie\u00a0» en écrit plus."
)


async def present(
    conn: AsyncConnection, campaign: int, name: str, most: int, *which: ColumnElement[bool]
) -> Sequence[Any]:
    """Those inside, the last to enter first; `name`: of whom a name or an address holds it.

    `which`: of those for whom all of it holds.
    """
    here = (enrolments.c.campaign_id == campaign, text("enrolments.active"), *which)
    query = (
        _of(campaign, name, conn.dialect.name).where(*here).order_by(enrolments.c.entered_at.desc())
    )
    return (await conn.execute(query.limit(most + 1))).all()


async def past(conn: AsyncConnection, campaign: int, name: str, most: int) -> Sequence[Any]:
    """Those who left, the last first."""
    here = (enrolments.c.campaign_id == campaign, text("NOT enrolments.active"))  # as its index
    query = (
        _of(campaign, name, conn.dialect.name).where(*here).order_by(enrolments.c.left_at.desc())
    )
    return (await conn.execute(query.limit(most + 1))).all()


async def ever(
    conn: AsyncConnection, campaign: int, name: str, most: int, *which: ColumnElement[bool]
) -> Sequence[Any]:
    """Those inside and those who left, the last leads first, for whom all of `which` holds."""
    query = _of(campaign, name, conn.dialect.name).where(
        enrolments.c.campaign_id == campaign, *which
    )
    order = (enrolments.c.lead_id.desc(), enrolments.c.entry.desc())
    return (await conn.execute(query.order_by(*order).limit(most + 1))).all()


def _of(campaign: int, name: str, dialect: str) -> Any:
    version = numbered(campaign)
    query = (
        select(enrolments, *_NAMED, version.c.number)
        .join_from(enrolments, leads, leads.c.id == enrolments.c.lead_id)
        .join(version, version.c.id == enrolments.c.version_id, isouter=True)
    )
    tests = [_holds(each, dialect) for each in search_key(name).split()]
    return query.where(*tests) if tests else query


def _holds(word: str, dialect: str) -> ColumnElement[bool]:
    return or_(*(bears(column, word, dialect, inside=True) for column in _NAMED))


def _name(row: Any) -> str:
    return " ".join(filter(None, (row.f_prenom, row.f_nom)))


_WHO: Columns[Any] = {
    Column("Lead", "lead", CellType.NUMBER): lambda row: row.lead_id,
    Column("Nom", "nom"): _name,
    Column("Courriel", "courriel"): lambda row: row.f_courriel,
    Column("Entré le", "entre_le", CellType.INSTANT): lambda row: from_micros(row.entered_at),
}
_PRESENT: Columns[Any] = {
    Column("Étape", "etape"): lambda row: row.step,
    Column("Version", "version", CellType.NUMBER): lambda row: row.number,
}
_PAST: Columns[Any] = {
    Column("Sorti le", "sorti_le", CellType.INSTANT): lambda row: (
        None if row.left_at is None else from_micros(row.left_at)
    ),
    Column("Issue", "issue_dite"): lambda row: words.outcome(row.outcome),
    Column("", "issue"): lambda row: row.outcome,
    Column("Réussie", "reussie", CellType.FLAG): lambda row: row.outcome == Exit.SUCCESS.value,
    Column("Version", "version", CellType.NUMBER): lambda row: row.number,
}


def _columns(own: Columns[Any], rows: Sequence[Any]) -> Columns[Any]:
    """Who, and what the stay is for: people read it of campaigns that have a stay for each value."""
    heading = "Pour" if any(row.stay_value for row in rows) else ""
    return {**_WHO, Column(heading, "pour"): lambda row: row.stay_value or None, **own}


def present_report(campaign: str, rows: Sequence[Any], most: int) -> Report:
    """Who is inside, since when, at which step."""
    empty = "Personne n’y est."
    columns = _columns(_PRESENT, rows)
    return report(f"À l’intérieur de {campaign}", columns, rows, empty=empty, most=most, cut=_MORE)


def past_report(campaign: str, rows: Sequence[Any], most: int) -> Report:
    """Who left, when, and how."""
    empty = "Personne n’en est sorti."
    columns = _columns(_PAST, rows)
    return report(f"Sortis de {campaign}", columns, rows, empty=empty, most=most, cut=_MORE)
