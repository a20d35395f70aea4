"""Rates of few people, which a page withholds: of ten, one more is ten per cent, and says nothing."""

from dataclasses import replace

from relance.report import Cell, CellType, Report

#: Fewer people make no rate.
FEW = 50
TOO_SOON = "trop tôt"


def without_few(report: Report) -> Report:
    """The report, « trop tôt » where a rate is of few."""
    keys = {one.key: at for at, one in enumerate(report.columns) if one.key}
    bases = {
        at: keys[one.base]
        for at, one in enumerate(report.columns)
        if one.kind is CellType.SHARE and one.base in keys
    }
    if not bases:
        return report

    def kept(row: tuple[Cell, ...], at: int, cell: Cell) -> Cell:
        base = row[bases[at]] if at in bases else None
        few = isinstance(base, int | float) and base < FEW
        return TOO_SOON if few and cell is not None else cell

    rows = tuple(tuple(kept(row, at, cell) for at, cell in enumerate(row)) for row in report.rows)
    return replace(report, rows=rows)
