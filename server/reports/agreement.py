"""Whether counters agree with the ledger, as a report: each that does not, by what it counts."""

from collections.abc import Mapping, Sequence

from relance.report import CellType, Column, Columns, Report, report
from server.reports import french
from server.reports.performance.reading import date_of
from server.store.counters.agreement import Disagreement
from server.store.counters.counted import OF_HOUSE

#: What each kind counts; those of messages say their state after it.
_COUNTED: Mapping[str, str] = {
    "entered": "entrées",
    "passed": "passages",
    "inside": "à l’intérieur",
    "left": "sorties",
    "ever entered": "entrées, de tout temps",
    "ever left": "sorties, de tout temps",
    "ever succeeded": "sorties réussies, de tout temps",
    "house entered": "entrées, toutes campagnes réunies",
    "house left": "sorties, toutes campagnes réunies",
    "succeeded": "sorties réussies, par durée",
    "succeeded block": "sorties réussies, par durée",
    "lead": "leads",
    "listed": "membres des listes, et ceux qui ont un courriel",
    "converted": "conversions réalisées",
    "clicked": "clics",
    "visited": "pages visitées",
    "visitors": "visiteurs",
    "returned": "visiteurs revenus, par jour de leur visite d’avant",
    "returned block": "visiteurs revenus, par jour de leur visite d’avant",
    "pages of visitors": "pages vues par les visiteurs",
}


def agreement_report(
    found: Sequence[Disagreement],
    campaigns: Mapping[int, str],
    numbers: Mapping[int, int],
    counters: int,
    most: int,
) -> Report:
    """Each counter that is wrong. `campaigns`: their names; `numbers`: those of versions.

    `counters`: how many there are.
    """
    columns: Columns[Disagreement] = {
        Column("Campagne", "campagne"): lambda one: campaigns.get(one.campaign_id),
        Column("Ce qui est compté", "quoi_dit"): lambda one: (
            _COUNTED.get(one.kind) or one.kind.removeprefix(OF_HOUSE).replace("message", "messages")
        ),
        Column("", "quoi"): lambda one: one.kind,
        Column("Jour", "jour", CellType.DAY): lambda one: date_of(one.day) if one.day else None,
        Column("Version", "version", CellType.NUMBER): lambda one: numbers.get(one.version_id),
        Column("De", "de"): lambda one: " ".join(filter(None, (one.subject, one.detail))),
        Column("Gardé", "garde", CellType.COUNT): lambda one: one.kept,
        Column("Recompté", "recompte", CellType.COUNT): lambda one: one.counted,
        Column("", "somme_gardee"): lambda one: one.kept_total,
        Column("", "somme_recomptee"): lambda one: one.counted_total,
    }
    said = french.count(counters, "compte, tout recompté", "comptes, tout recompté")
    return report(
        "Comptes qui diffèrent du journal",
        columns,
        found,
        empty=f"{said}\u00a0: tout concorde.",
        most=most,
        cut="Il y en a d’autres. «\u00a0relance comptes --refaire\u00a0» les refait tous.",
        notes=["«\u00a0relance comptes --refaire\u00a0» les refait d’après le journal."],
    )
