"""Where the visitors of each tracked address come from, and where its link was followed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.link import Link
from relance.origin import origin_of
from relance.report import CellType, Column, Columns, ReportSet, report
from server.reports.performance.campaign import span
from server.reports.performance.reading import HOUSE, DaySpan, counted
from server.store.links import all_links


class SourceLine(NamedTuple):
    """A source of a tracked link: a site or a campaign of ads, or a message of ours."""

    link: str
    address: str
    source: str
    times: int


async def source_lines(
    conn: AsyncConnection, days: DaySpan, name: str = ""
) -> tuple[Sequence[SourceLine], Sequence[SourceLine]]:
    """Visits of where each link leads, by source; clicks of each, by message."""
    links = [
        link for link in await all_links(conn) if not name or key_of(link.name) == key_of(name)
    ]
    pages = {link.name: _page(link.url) for link in links}
    visits = await counted(
        conn, HOUSE, ("visited",), days, "subject", "detail", subjects=set(pages.values())
    )
    keys = {key_of(link.name) for link in links}
    clicks = await counted(conn, HOUSE, ("clicked",), days, "subject", "detail", subjects=keys)
    return (
        _sorted(
            SourceLine(link.name, link.url, row.detail, row.n)
            for link in links
            for row in visits
            if row.n and row.subject == pages[link.name]
        ),
        _sorted(
            SourceLine(link.name, link.url, row.detail, row.n)
            for link in links
            for row in clicks
            if row.n and row.subject == key_of(link.name)
        ),
    )


def _sorted(lines: Iterable[SourceLine]) -> Sequence[SourceLine]:
    return sorted(lines, key=lambda line: (line.link, -line.times))


def _page(url: str) -> str:
    """An address as pages seen are known: without what follows the path, legible."""
    path = unquote(urlsplit(url).path).strip("/")
    return f"{origin_of(url) or ''}/{path}"


def known(links: Sequence[Link], name: str) -> bool:
    """Whether a link of that name is tracked."""
    return any(key_of(link.name) == key_of(name) for link in links)


def sources_reports(
    visits: Sequence[SourceLine], clicks: Sequence[SourceLine], days: DaySpan
) -> ReportSet:
    """Both, by link."""
    title = f"Sources de trafic, {span(days)}"
    of_visits: Columns[SourceLine] = {
        Column("Lien suivi", "lien"): lambda line: line.link,
        Column("Mène à", "mene_a"): lambda line: line.address,
        Column("Source", "source_dite"): lambda line: (
            line.source or "(directement, ou d’une page du site)"
        ),
        Column("", "source"): lambda line: line.source or None,
        Column("Visites", "visites", CellType.COUNT): lambda line: line.times,
    }
    of_clicks: Columns[SourceLine] = {
        Column("Lien suivi", "lien"): lambda line: line.link,
        Column("Cliqué dans", "message_dit"): lambda line: (
            line.source or "(hors d’un courriel : le site, une affiche…)"
        ),
        Column("", "message"): lambda line: line.source or None,
        Column("Clics", "clics", CellType.COUNT): lambda line: line.times,
    }
    nobody = "Personne n’a visité une adresse suivie dans cette période."
    nothing = "Aucun clic sur un lien suivi dans cette période."
    return ReportSet(
        title,
        {
            "visites": report(title, of_visits, visits, empty=nobody),
            "clics": report(f"Clics, {span(days)}", of_clicks, clicks, empty=nothing),
        },
    )
