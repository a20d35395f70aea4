"""What spreading a base over nodes would take, as reports."""

from dataclasses import dataclass

from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, To, report
from server.reports import french
from server.store.placement import Placement
from server.store.spreading import SpreadPlan, StoredTable

#: With fewer leads, what one takes is mostly what an empty base takes.
_FEWEST = 1_000
POPULATIONS = (10_000_000, 100_000_000, 1_000_000_000)
_WHERE = {
    Placement.BY_LEAD: "par lead",
    Placement.BY_KEY: "par clé",
    Placement.EVERYWHERE: "sur chaque nœud",
    Placement.APART: "sur le premier nœud",
}
#: What the statements of this release do that such a base refuses (`tests/spread`).
_LEFT = (
    ("Réunir deux leads", "leurs lignes passeraient d’un nœud à un autre ; Citus le refuse"),
    ("Tenir les comptes des rapports", "les déclencheurs des tables écriraient hors de leur nœud"),
    (
        "Retenir ce qu’un tour prend",
        "des lignes de plusieurs leads, dont les verrous ne se partagent pas",
    ),
    (
        "Prendre les messages à envoyer",
        "de même, et le lead réuni à un autre est sur un autre nœud",
    ),
    (
        "Lire la dernière ligne d’un lead",
        "un rang, une visite : demandée sans dire qu’elle l’est par lead",
    ),
    ("Les tables d’un tour", "temporaires, elles ne sont que sur le premier nœud"),
)


@dataclass(frozen=True, slots=True)
class _Population:
    leads: int
    octets: int


_BASE: Columns[SpreadPlan] = {
    Column("Leads", "leads", CellType.COUNT): lambda one: one.leads,
    Column("Taille, index compris"): lambda one: size(one.octets),
    Column("", "octets", CellType.COUNT): lambda one: one.octets,
    Column("Par lead"): lambda one: size(each) if (each := _each(one)) else "trop peu de leads",
    Column("", "octets_par_lead", CellType.COUNT): lambda one: _each(one),
    Column("Citus"): lambda one: one.citus or "absent de cette base",
    Column("", "citus"): lambda one: one.citus,
}
_TABLES: Columns[StoredTable] = {
    Column("Table", "table"): lambda one: one.name,
    Column("Où iraient ses lignes"): lambda one: _WHERE[one.placement],
    Column("", "place"): lambda one: one.placement.value,
    Column("Selon", "colonne"): lambda one: one.column,
    Column("Lignes, environ", "lignes", CellType.COUNT): lambda one: one.rows,
    Column("Taille", "", to=To.SCREEN): lambda one: size(one.octets),
    Column("Octets", "octets", CellType.COUNT, To.SHEET): lambda one: one.octets,
}
_POPULATIONS: Columns[_Population] = {
    Column("Leads", "leads", CellType.COUNT): lambda one: one.leads,
    Column("Taille", "", to=To.SCREEN): lambda one: size(one.octets),
    Column("Octets", "octets", CellType.COUNT, To.SHEET): lambda one: one.octets,
}
_LEFT_COLUMNS: Columns[tuple[str, str]] = {
    Column("Ce que fait le serveur", "quoi"): lambda one: one[0],
    Column("Ce qui l’en empêche", "pourquoi"): lambda one: one[1],
}


def spreading_reports(plan: SpreadPlan) -> ReportSet:
    """What the base holds, where each table would go, what more leads would take, and what is left."""
    each = _each(plan)
    populations = [_Population(leads, leads * each) for leads in POPULATIONS] if each else []
    parts = {
        "base": report("La base", _BASE, [plan], layout=Layout.RECORD),
        "tables": report(
            "Les tables, dans l’ordre où elles seraient réparties", _TABLES, plan.tables
        ),
        "populations": report(
            "Ce que prendraient plus de leads, s’ils vivaient comme ceux d’ici",
            _POPULATIONS,
            populations,
            empty=f"Il faut {french.number(_FEWEST)} leads pour en juger.",
        ),
        "reste": _left(),
    }
    return ReportSet("Répartir la base", parts)


def _left() -> Report:
    return report(
        "Ce que cette version ne sait pas encore faire d’une base répartie", _LEFT_COLUMNS, _LEFT
    )


def _each(plan: SpreadPlan) -> int | None:
    """The octets a lead takes."""
    return plan.octets // plan.leads if plan.leads >= _FEWEST else None


def size(octets: int) -> str:
    """« 1,4 Go »."""
    value, unit = float(octets), "o"
    for larger in ("ko", "Mo", "Go", "To", "Po"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    kept = round(value, 1) if value < 10 else round(value)
    return f"{french.number(kept)}\u00a0{unit}"
