"""`relance rapport`: what campaigns, messages, lists, leads and the house came to over a period."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, TypeAlias

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from relance.fold import key_of
from relance.french import quoted
from relance.slip import slip_of
from server.cli.counters import NOT_COUNTED
from server.cli.day import day_of
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, Charted, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, one_form, tell
from server.clock import SystemClock
from server.plugins import Plugins, load_plugins
from server.publication.on_disk import on_disk
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.people import find_lead
from server.reports.performance import house, lists, people, person, sources
from server.reports.performance.campaign import campaign_performance, campaign_reports
from server.reports.performance.indicators import MOST_LINES, indicator_reports
from server.reports.performance.messages import message_lines, messages_report
from server.reports.performance.reading import EVER, DaySpan
from server.reports.reader import reading
from server.reports.report import Report, ReportSet
from server.settings import Settings, load_settings
from server.setup import setup_of
from server.store.counting import counted_by
from server.store.links import all_links
from server.store.schema.campaigns import campaigns


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked about; the money of the base is in `currency`, once it is open."""

    settings: Settings
    name: str
    days: DaySpan
    pace: house.CourseStep
    search: str
    most: int
    plugins: Plugins
    currency: str = ""

    @property
    def glossary(self) -> Glossary:
        """What everything is called."""
        return self.plugins.glossary


Reporter: TypeAlias = Callable[[AsyncConnection, Asked], Awaitable[Report | ReportSet]]


def report(
    quoi: Annotated[
        str,
        typer.Argument(
            help="campagne, presents, sortis, cours (et son nom), message, liste, lead, conversion, "
            "sources, indicateurs, campagnes, maison (sans nom).",
            metavar="quoi",
        ),
    ] = "maison",
    nom: Annotated[
        str, typer.Argument(help="De quelle campagne, de quel message…", metavar="[nom]")
    ] = "",
    du: Annotated[
        str, typer.Option("--du", help="Le premier jour ; sans lui, il y a trente jours.")
    ] = "",
    au: Annotated[
        str, typer.Option("--au", help="Le dernier jour, compris ; sans lui, aujourd’hui.")
    ] = "",
    par: Annotated[
        house.CourseStep, typer.Option("--par", help="Le pas du cours : jour, semaine ou mois.")
    ] = house.CourseStep.DAY,
    cherche: Annotated[
        str,
        typer.Option("--cherche", help="Dans presents et sortis : un nom, un courriel."),
    ] = "",
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
    graphique: Charted = False,
) -> None:
    """Dire ce qu’ont donné une campagne, un message, une liste, un lead, ou toute la maison.

    Les nombres viennent de comptes tenus avec ce qu’ils comptent : une année se lit comme un jour.
    Ce que chacun compte est dans la documentation (docs/rapports.md). La commande ne fait que lire.
    """
    one_form(sortie, ("--json", as_json), ("--graphique", graphique))
    reporter = REPORTS.get(key_of(quoi))
    if reporter is None:
        raise CommandStop(
            MISUSED,
            f"Il n’y a pas de rapport {quoted(quoi)}. Rapports\u00a0: {', '.join(REPORTS)}.",
        )
    if cherche and reporter not in (_present, _past):
        raise CommandStop(
            MISUSED, "--cherche va avec «\u00a0presents\u00a0» et «\u00a0sortis\u00a0»."
        )
    settings = load_settings(dossier)
    plugins = load_plugins(settings.enabled, settings.disabled)
    most = MOST if sortie is None else MOST_IN_FILE
    asked = Asked(settings, nom, _days(settings, du, au), par, cherche, most, plugins)
    found = asyncio.run(_read(asked, reporter))
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)


def _days(settings: Settings, first: str, last: str) -> DaySpan:
    today = SystemClock().now().astimezone(settings.zone).date()
    end = day_of(last) if last else today
    begin = day_of(first) if first else end - timedelta(days=29)
    if begin > end:
        raise CommandStop(
            MISUSED, f"Le premier jour ({begin}) vient après le dernier ({end}) : échangez-les."
        )
    return DaySpan(begin, end)


async def _read(asked: Asked, reporter: Reporter) -> Report | ReportSet:
    async with reading(asked.settings.database) as reader, reader.read() as conn:
        if await counted_by(conn) is None:
            raise ConfigurationError(NOT_COUNTED)
        return await reporter(conn, replace(asked, currency=reader.fields.currency))


async def _campaign_of(conn: AsyncConnection, asked: Asked) -> tuple[int, str]:
    rows = await conn.execute(select(campaigns.c.id, campaigns.c.name).order_by(campaigns.c.name))
    known = [(row.id, row.name) for row in rows]
    names = [name for _, name in known]
    if not asked.name:
        raise CommandStop(MISUSED, f"Dites de quelle campagne. {_those(_CAMPAIGNS, names)}")
    for one in known:
        if key_of(one[1]) == key_of(asked.name):
            return one
    raise CommandStop(MISUSED, _none_such("campagne", asked.name, _CAMPAIGNS, names))


async def _campaign(conn: AsyncConnection, asked: Asked) -> ReportSet:
    number, name = await _campaign_of(conn, asked)
    found = await campaign_performance(conn, number, name, asked.days)
    return campaign_reports(found, asked.glossary)


async def _present(conn: AsyncConnection, asked: Asked) -> Report:
    number, name = await _campaign_of(conn, asked)
    rows = await people.present(conn, number, asked.search, asked.most)
    return people.present_report(name, rows, asked.most)


async def _past(conn: AsyncConnection, asked: Asked) -> Report:
    number, name = await _campaign_of(conn, asked)
    rows = await people.past(conn, number, asked.search, asked.most)
    return people.past_report(name, rows, asked.most)


async def _course(conn: AsyncConnection, asked: Asked) -> Report:
    number, name = (await _campaign_of(conn, asked)) if asked.name else (None, "La maison")
    lines = await house.course(conn, asked.days, asked.pace, number)
    return house.course_report(lines, f"{name}, au fil du temps", of_house=number is None)


async def _messages(conn: AsyncConnection, asked: Asked) -> Report:
    ids = (await conn.scalars(select(campaigns.c.id))).all()
    name = asked.name or None
    lines = await message_lines(conn, ids, asked.days, each=True, name=name)
    if name is not None and not lines:
        ever = await message_lines(conn, ids, EVER, each=True)
        _known(
            "Aucun message",
            "n’a encore été envoyé ni retenu",
            name,
            [line.message or "" for line in ever],
        )
    return messages_report(lines, asked.glossary, each=True)


async def _lists(conn: AsyncConnection, asked: Asked) -> Report:
    known = await lists.names(conn)
    wanted = [name for name in known if not asked.name or key_of(name) == key_of(asked.name)]
    if asked.name and not wanted:
        raise CommandStop(MISUSED, _none_such("liste", asked.name, _LISTS, known))
    lines = await lists.list_lines(conn, wanted, asked.days, asked.settings.zone)
    return lists.lists_performance_report(lines, asked.days)


async def _lead(conn: AsyncConnection, asked: Asked) -> Report:
    if not asked.name:
        said = "Dites de quel lead : son courriel, son téléphone ou son numéro."
        raise CommandStop(MISUSED, said)
    lead = await find_lead(conn, asked.name)
    if lead is None:
        raise CommandStop(MISUSED, f"Aucun lead ne répond à {quoted(asked.name)}.")
    return person.stays_report(lead, await person.stays(conn, lead))


async def _conversions(conn: AsyncConnection, asked: Asked) -> Report:
    rows = await house.conversions(conn, asked.days, asked.name)
    if asked.name and not rows:
        ever = await house.conversions(conn, EVER)
        made = [row.subject for row in ever]
        _known("Aucune conversion", "n’a encore été réalisée", asked.name, made)
    return house.conversions_report(rows, asked.days)


async def _sources(conn: AsyncConnection, asked: Asked) -> ReportSet:
    links = await all_links(conn)
    if asked.name and not sources.known(links, asked.name):
        names = [link.name for link in links]
        raise CommandStop(MISUSED, _none_such("lien suivi", asked.name, _LINKS, names))
    visits, clicks = await sources.source_lines(conn, asked.days, asked.name)
    return sources.sources_reports(visits, clicks, asked.days)


async def _indicators(conn: AsyncConnection, asked: Asked) -> ReportSet:
    settings, name = asked.settings, key_of(asked.name)
    _short_enough(asked)
    known = asked.plugins.indicators(setup_of(settings, on_disk(settings.folder)))
    wanted = [one for one in known if name in ("", key_of(one.key), key_of(one.label))]
    if not wanted:
        labels = [one.label for one in known]
        near = slip_of(asked.name, labels)
        there = _those(_INDICATORS, labels) if near is None else _meant(near)
        raise CommandStop(MISUSED, f"Aucun indicateur {quoted(asked.name)}. {there}")
    return await indicator_reports(
        conn, asked.days, asked.pace, wanted, asked.currency, settings.zone
    )


def _short_enough(asked: Asked) -> None:
    """Stop at a course of too many lines, and say by what it has fewer."""
    counts = {one: sum(1 for _ in one.spans(asked.days)) for one in house.CourseStep}
    if counts[asked.pace] <= MOST_LINES:
        return
    wider = next((one for one, lines in counts.items() if lines <= MOST_LINES), None)
    instead = "Raccourcissez la période" if wider is None else f"Dites «\u00a0--par {wider}\u00a0»"
    lines = french.count(counts[asked.pace], "ligne", "lignes")
    raise CommandStop(
        MISUSED,
        f"Par {asked.pace}, ce cours a {lines} ; il en a {MOST_LINES} au plus. {instead}.",
    )


async def _active(conn: AsyncConnection, asked: Asked) -> Report:
    return house.campaigns_report(await house.campaign_lines(conn, asked.days), asked.days)


async def _house(conn: AsyncConnection, asked: Asked) -> ReportSet:
    return await house.house_reports(conn, asked.days, asked.pace, asked.glossary)


#: What those of a kind are called, and what is said when there is none.
_CAMPAIGNS = "Campagnes", "aucune n’est publiée"
_LISTS = "Listes", "aucune"
_LINKS = "Liens suivis", "aucun"
_INDICATORS = "Indicateurs", "aucun"
#: Beyond that, names are not all told.
_FEW = 10


def _none_such(what: str, asked: str, which: tuple[str, str], known: Sequence[str]) -> str:
    """What is said of a name that is not there: the names there are, or the likest of many."""
    near = slip_of(asked, known) if len(known) > _FEW else None
    there = _those(which, known) if near is None else _meant(near)
    return f"Il n’y a pas de {what} {quoted(asked)}. {there}"


def _those(which: tuple[str, str], known: Sequence[str]) -> str:
    called, none = which
    more = [f"et {len(known) - _FEW} de plus"] if len(known) > _FEW else []
    there = ", ".join([*map(quoted, known[:_FEW]), *more]) or none
    return f"{called}\u00a0: {there}."


def _known(none: str, said: str, asked: str, known: Sequence[str]) -> None:
    """Stop at a name of which nothing was ever counted: it may be no name of the project’s."""
    if key_of(asked) not in map(key_of, known):
        near = slip_of(asked, known)
        meant = "" if near is None else f" {_meant(near)}"
        raise CommandStop(MISUSED, f"{none} {quoted(asked)} {said}.{meant}")


def _meant(near: str) -> str:
    return f"Vouliez-vous dire {quoted(near)}\u00a0?"


#: Each report, by the word that asks for it.
REPORTS: Mapping[str, Reporter] = {
    "maison": _house,
    "campagnes": _active,
    "campagne": _campaign,
    "presents": _present,
    "sortis": _past,
    "cours": _course,
    "message": _messages,
    "liste": _lists,
    "lead": _lead,
    "conversion": _conversions,
    "sources": _sources,
    "indicateurs": _indicators,
}
