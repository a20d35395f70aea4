"""Blocks of extensions as templates draw them: each looked at first, since nobody answers for theirs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from relance.blocks import (
    BarChart,
    Block,
    Figures,
    Heading,
    Notice,
    PageLink,
    Paragraph,
)
from relance.page_form import PageForm
from relance.report import Report
from server.reports.chart import Chart
from server.reports.few import without_few
from server.reports.screen import Screen, screen, words
from server.web.extensions.answering import ExtensionFailure, failed
from server.web.report_parts import short_charts

#: More than that is no page, and a text longer than that no sentence.
_MOST, _ROWS, _LONGEST = 200, 500, 5_000
_NO_FORM = "un formulaire est d’une page qui dit qui peut l’envoyer («\u00a0writing\u00a0»)"


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure, in words."""

    title: str
    value: str
    below: str


@dataclass(frozen=True, slots=True)
class TypedForm:
    """What somebody sent by a form that was refused: nothing typed is lost.

    `faults`: what is wrong, by field; `whole`: what is wrong with it all.
    """

    key: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""


NOTHING_TYPED = TypedForm()


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block: its `kind` says by what piece of template it is drawn."""

    kind: str
    block: Any = None
    table: Screen | None = None
    charts: Sequence[Chart] = ()
    figures: Sequence[DrawnFigure] = ()


def drawn(
    answer: Sequence[Block] | ExtensionFailure, plugin: str, zone: ZoneInfo, *, forms: bool = True
) -> Sequence[DrawnBlock]:
    """Each of them; of an extension that failed, or whose blocks cannot be drawn, that alone."""
    if isinstance(answer, ExtensionFailure):
        return (DrawnBlock("failure", answer),)
    try:
        if len(answer) > _MOST:
            raise ValueError(f"{_MOST} blocs au plus")
        return tuple(_drawn(one, zone, forms=forms) for one in answer)
    except Exception as error:
        return (DrawnBlock("failure", failed(plugin, error)),)


def _drawn(block: Block, zone: ZoneInfo, *, forms: bool) -> DrawnBlock:
    for text in _texts(block):
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise TypeError(f"un texte de {_LONGEST} signes au plus est attendu")
    match block:
        case Report():
            return DrawnBlock("table", table=_table(block, zone))
        case BarChart():
            charts = short_charts(without_few(block.report), zone)
            return DrawnBlock("bars", table=_table(block.report, zone), charts=charts)
        case Figures():
            figures = tuple(
                DrawnFigure(one.title, words(one.kind, one.value, zone), one.below)
                for one in block.figures
            )
            return DrawnBlock("figures", figures=figures)
        case PageLink() | PageForm():
            for fault in block.faults():
                raise ValueError(fault)
            if isinstance(block, PageForm) and not forms:
                raise ValueError(_NO_FORM)
        case Heading() | Paragraph() | Notice():
            pass
        case _:
            raise TypeError(f"{type(block).__name__} n’est pas un bloc")
    return DrawnBlock(type(block).__name__.lower(), block)


def _table(report: Report, zone: ZoneInfo) -> Screen:
    if any(len(row) != len(report.columns) for row in report.rows):
        raise ValueError("une ligne n’a pas autant de cases qu’il y a de colonnes")
    if len(report.rows) > _ROWS:
        raise ValueError(f"une table a {_ROWS} lignes au plus sur une page")
    return screen(without_few(report), zone)


def _texts(block: Block) -> Iterator[object]:
    match block:
        case Heading() | Paragraph():
            yield block.text
        case Notice():
            yield from (block.text, block.title)
        case PageLink():
            yield from (block.words, block.path)
        case Figures():
            for one in block.figures:
                yield from (one.title, one.below)
        case PageForm():
            yield from (block.key, block.button, block.title)
            for each in block.fields:
                yield from (each.key, each.label, each.help, each.value, *each.choices)
