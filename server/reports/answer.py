"""What a command answers once what it was asked to do is done, for programs."""

from relance.report import CellType, Column, Columns, Layout, Report, report

_ANSWER: Columns[str] = {
    Column("", "fait", CellType.FLAG): lambda _: True,
    Column("Réponse", "dit"): lambda text: text,
}


def answer_report(said: str) -> Report:
    """That it is done, and the sentence people are told."""
    return report("Réponse", _ANSWER, [said], layout=Layout.RECORD)
