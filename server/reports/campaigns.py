"""Campaigns and their lives: where each is, who is inside, what was done to it, what is overdue."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from relance.fold import key_of
from relance.french import NBSP, quoted
from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, To, report
from relance.values import Duration
from server.reports import french
from server.reports.glossary import BARE, Glossary
from server.reports.performance.inside import crowds
from server.reports.states import CHANGES, CampaignState, state_of, states_query
from server.store import binders
from server.store.binders import CampaignOrder
from server.store.instants import Micros, from_micros
from server.store.schema.campaigns import campaign_changes, campaigns, enrolments, versions

#: What `details` hold, in words.
_COUNTS = {
    "people": "personnes",
    "messages": "messages",
    "expired": "messages passés",
    "migrated": "migrées",
    "returned": "dont revenues à une étape",
    "left": "sorties",
    "put_back": "rendues",
}
#: What becomes of what was overdue, in words.
PLANS = {
    "all": "tout de suite",
    "spread": "étalé",
    "skip": "les vieux envois passés",
    "shift": "décalé",
}
#: What a duration is of each.
_SPANNED = {"spread": "sur", "skip": "au-delà de"}


@dataclass(frozen=True, slots=True)
class CampaignPeriod:
    """When a campaign runs: local days, both in, and the hours they name."""

    starts: date | None = None
    ends: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None

    @property
    def text(self) -> str | None:
        """« du 27 nov. 2026 à 8 h au 30 nov. 2026 »."""
        first = f"du {_bound(self.starts, self.starts_at)}" if self.starts else ""
        last = f"jusqu’au {_bound(self.ends, self.ends_at)}" if self.ends else ""
        if first and last:
            return f"{first} au {_bound(self.ends, self.ends_at)}"
        return first.replace("du", "à partir du", 1) or last or None


def _bound(day: date | None, at: time | None) -> str:
    said = french.day(day) if day else ""
    return f"{said} à {french.hour(at)}" if at is not None else said


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign. `overdue`: those inside who came due while it did not run."""

    name: str
    state: CampaignState
    inside: int
    overdue: int
    period: CampaignPeriod
    put: CampaignOrder


async def campaign_rows(conn: AsyncConnection, *keys: str) -> Sequence[CampaignRow]:
    """Every campaign, or those of these keys, those of the rules first."""
    query = (
        states_query()
        .add_columns(campaigns.c.key)
        .order_by(campaigns.c.present.desc(), campaigns.c.name)
    )
    if keys:
        query = query.where(campaigns.c.key.in_(keys))
    rows = (await conn.execute(query)).all()
    ids = [row.id for row in rows]
    inside, late = await crowds(conn, ids), await _overdue(conn, ids)
    put = await binders.orders_of(conn, [row.key for row in rows])
    periods = await _periods(conn, [row.version_id for row in rows if row.version_id])
    return [
        CampaignRow(
            row.name,
            state_of(row),
            inside.get(row.id, 0),
            late.get(row.id, 0),
            periods.get(row.version_id, CampaignPeriod()),
            put.get(row.key, CampaignOrder()),
        )
        for row in rows
    ]


async def _overdue(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, int]:
    late = enrolments.c.overdue_at.is_not(None)
    query = (
        select(enrolments.c.campaign_id, func.count())
        .where(late, text("enrolments.active"), enrolments.c.campaign_id.in_(ids))
        .group_by(enrolments.c.campaign_id)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


async def _periods(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, CampaignPeriod]:
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(ids))
    programs = {row.id: from_json(row.program) for row in await conn.execute(query)}
    return {
        number: CampaignPeriod(one.starts, one.ends, one.starts_at, one.ends_at)
        for number, one in programs.items()
    }


_STATUS: Columns[CampaignRow] = {
    Column("Campagne", "campagne"): lambda row: row.name,
    Column("État", "etat_dit"): lambda row: row.state.label,
    Column("", "etat"): lambda row: row.state.state.value,
    Column("", "tourne", CellType.FLAG): lambda row: row.state.runs,
    Column("Depuis", "depuis", CellType.INSTANT): lambda row: (
        from_micros(row.state.since) if row.state.since else None
    ),
    Column("Personnes", "personnes", CellType.COUNT): lambda row: row.inside,
    Column("En retard", "en_retard", CellType.COUNT): lambda row: row.overdue,
    Column("Classeur", "classeur", to=To.SHEET): lambda row: row.put.binder or None,
    Column("Étiquettes", "etiquettes", CellType.LINES, to=To.SHEET): lambda row: row.put.labels,
    Column("Période", to=To.SHEET): lambda row: row.period.text,
    Column("", "du", CellType.DAY): lambda row: row.period.starts,
    Column("", "au", CellType.DAY): lambda row: row.period.ends,
    Column("Par", "par", to=To.SHEET): lambda row: row.state.who,
    Column("Pourquoi", "pourquoi", to=To.SHEET): lambda row: row.state.why,
}


def status_report(rows: Sequence[CampaignRow]) -> Report:
    """Where each is."""
    # Few have a period or a reason: a line below, rather than a column that is mostly empty.
    notes = [f"{row.name}\u00a0: {said}." for row in rows if (said := _more(row))]
    return report("Campagnes", _STATUS, rows, empty="Aucune campagne n’est publiée.", notes=notes)


def none_put_there(rows: Sequence[CampaignRow], binder: str, label: str) -> str:
    """That none of these campaigns is in that binder, under that label; then those there are."""
    asked = [f"dans le classeur {quoted(binder)}"] if binder else []
    asked += [f"sous l’étiquette {quoted(label)}"] if label else []
    kept = {row.put.binder for row in rows if row.put.binder} if binder else set[str]()
    labels = {one for row in rows for one in row.put.labels} if label else set[str]()
    there = [
        f"{words}\u00a0: {', '.join(map(quoted, sorted(names, key=key_of)))}."
        for words, names in (("Classeurs", kept), ("Étiquettes", labels))
        if names
    ]
    return " ".join([f"Aucune campagne n’est {' et '.join(asked)}.", *there])


def tried_report(row: CampaignRow, entering: int) -> Report:
    """Where one is, and how many would enter at once were it decided."""
    would: Columns[CampaignRow] = {
        **_STATUS,
        Column("Entreraient", "entreraient", CellType.COUNT): lambda _: entering,
    }
    return report("Campagnes", would, [row])


def _more(row: CampaignRow) -> str:
    """« du 20 déc. au 31 déc. 2027 ; mise en pause par denis, « stock épuisé » »."""
    state = row.state
    who = f"par {state.who}" if state.who else ""
    why = quoted(state.why) if state.why else ""
    decided = ", ".join(part for part in (who, why) if part)
    done = f"{state.label} {decided}" if decided else ""
    return "\u00a0; ".join(part for part in (row.period.text, done) if part)


async def changes(conn: AsyncConnection, key: str | None, most: int) -> Sequence[Any]:
    """What was done, the last first, of that campaign or of all."""
    query = (
        select(campaign_changes, campaigns.c.name)
        .join_from(
            campaign_changes,
            campaigns,
            campaigns.c.id == campaign_changes.c.campaign_id,
            isouter=True,
        )
        .order_by(campaign_changes.c.id.desc())
        .limit(most)
    )
    if key is not None:
        query = query.where(campaigns.c.key == key)
    return (await conn.execute(query)).all()


_HISTORY: Columns[Any] = {
    Column("Quand", "le", CellType.EXACT_INSTANT): lambda row: from_micros(row.at),
    Column("Campagne", "campagne"): lambda row: row.name or _details(row).get("name"),
    Column("Ce qui a été fait", "fait_dit"): lambda row: CHANGES.get(row.kind, row.kind),
    Column("", "fait"): lambda row: row.kind,
    Column("Par", "par"): lambda row: row.who,
    Column("Pourquoi", "pourquoi"): lambda row: row.why,
    Column("Publication", "publication", CellType.NUMBER): lambda row: row.publication,
    Column("Détails", "details", CellType.LINES): lambda row: _lines(row),
}


def _details(row: Any) -> Mapping[str, Any]:
    return json.loads(row.details) if row.details else {}


def _lines(row: Any) -> Sequence[str]:
    found = _details(row)
    lines = [plan_text(found["plan"], found.get("span", 0))] if found.get("plan") in PLANS else []
    return [
        *lines,
        *(f"{_COUNTS[name]}{NBSP}:{NBSP}{found[name]}" for name in _COUNTS if name in found),
    ]


def plan_text(plan: str, span: Micros) -> str:
    """What became of what was overdue: « étalé, sur 10 heures »."""
    if not span or plan not in _SPANNED:
        return PLANS[plan]
    days, rest = divmod(span // 1_000_000, 86_400)
    return f"{PLANS[plan]}, {_SPANNED[plan]} {french.duration(Duration(days=days, seconds=rest))}"


def history_report(rows: Sequence[Any], most: int) -> Report:
    """The lives of campaigns, the last first."""
    return report(
        "Historique des campagnes",
        _HISTORY,
        rows,
        empty="Rien n’a encore été fait.",
        most=most,
        cut="Il y en a d’autres, plus anciennes : «\u00a0--sortie\u00a0» les écrit dans un fichier.",
    )


# --- What is overdue ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """So many who stand there, or messages, by how long they have been overdue."""

    what: str
    channel: str | None
    count: int
    hour: int
    day: int
    week: int
    older: int


_OVERDUE: Columns[OverdueRow] = {
    Column("En retard", "quoi"): lambda row: row.what,
    Column("", "canal"): lambda row: row.channel,
    Column("En tout", "nombre", CellType.COUNT): lambda row: row.count,
    Column("Moins d’une heure", "moins_une_heure", CellType.COUNT): lambda row: row.hour,
    Column("Moins d’un jour", "moins_un_jour", CellType.COUNT): lambda row: row.day,
    Column("Moins d’une semaine", "moins_une_semaine", CellType.COUNT): lambda row: row.week,
    Column("Plus", "plus", CellType.COUNT): lambda row: row.older,
}


def overdue_report(rows: Sequence[OverdueRow], glossary: Glossary = BARE) -> Report:
    """What a resume would give back; channels by their code for programs, by their name for people."""
    what, *rest = _OVERDUE.items()

    def channel(row: OverdueRow) -> str | None:
        return glossary.channel(row.channel) if row.channel else None

    named = {Column("Canal"): channel}
    empty = "Rien n’est en retard : elle reprendrait là où elle en est."
    columns: Columns[OverdueRow] = {**dict((what,)), **named, **dict(rest)}
    return report("Ce qui est en retard", columns, rows, empty=empty)


def tried_resume(row: CampaignRow, entering: int, late: Sequence[OverdueRow]) -> ReportSet:
    """Where a campaign is, how many would enter at once were it resumed, and what is overdue."""
    one = replace(tried_report(row, entering), layout=Layout.RECORD)
    return ReportSet("", {"campagne": one, "retards": overdue_report(late)})
