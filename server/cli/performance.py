"""`relance rapport`: what campaigns, messages, lists, leads and the house came to over a period."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

import typer

from relance.errors import ConfigurationError
from relance.fold import key_of
from relance.french import quoted
from relance.indicator import Indicator
from relance.report import Report, ReportSet
from server.cli import saved_reports
from server.cli.counters import NOT_COUNTED
from server.cli.day import day_of
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, Charted, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, one_form, tell
from server.clock import SystemClock
from server.plugin_interface import added_reports
from server.plugins import load_plugins
from server.publication.on_disk import on_disk
from server.reports import french
from server.reports.performance.house import CourseStep
from server.reports.performance.indicators import MOST_LINES
from server.reports.performance.offered import (
    OTHERS,
    PERFORMANCE,
    CourseTooLong,
    OfferedReport,
    ReportAsked,
    ReportGround,
    Unreported,
)
from server.reports.performance.reading import DaySpan
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.setup import setup_of
from server.store.counting import counted_by
from server.store.instants import now_micros


def report(
    quoi: Annotated[
        str,
        typer.Argument(
            help="campagne, presents, sortis, cours (et son nom), message, liste, lead, conversion, "
            "sources, equipe, indicateurs, campagnes, maison (sans nom), delivrabilite, et ceux d’autres extensions ; "
            "enregistres (leur liste), enregistre (et son nom).",
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
        CourseStep, typer.Option("--par", help="Le pas du cours : jour, semaine ou mois.")
    ] = CourseStep.DAY,
    cherche: Annotated[
        str,
        typer.Option(
            "--cherche",
            help="Dans presents et sortis : un nom, un courriel ; dans message : des mots de son nom.",
        ),
    ] = "",
    campagne: Annotated[
        str,
        typer.Option(
            "--campagne",
            help="Avec indicateurs : de celles et ceux seulement qui sont entrés dans cette campagne.",
            metavar="campagne",
        ),
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
    settings = load_settings(dossier)
    offered = PERFORMANCE if key_of(quoi) in PERFORMANCE else _offered(settings)
    most = MOST if sortie is None else MOST_IN_FILE
    if (word := key_of(quoi)) in (saved_reports.LIST, saved_reports.ONE):
        if du or au or campagne or cherche:
            raise CommandStop(
                MISUSED,
                "Un rapport enregistré a ses jours et sa campagne\u00a0: ôtez --du, --au, --campagne et "
                "--cherche.",
            )
        found = _saved(settings, word, nom, most, list(offered.values()))
        tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)
        return
    one = offered.get(word)
    if one is None:
        raise CommandStop(
            MISUSED,
            f"Il n’y a pas de rapport {quoted(quoi)}. Rapports\u00a0: {', '.join(offered)}.",
        )
    if cherche and not one.searched:
        raise CommandStop(
            MISUSED,
            "--cherche va avec «\u00a0presents\u00a0», «\u00a0sortis\u00a0» et «\u00a0message\u00a0».",
        )
    if campagne and not one.by_campaign:
        raise CommandStop(MISUSED, "--campagne va avec «\u00a0indicateurs\u00a0».")
    asked = ReportAsked(_days(settings, du, au), nom, campagne, par, cherche, most)
    found = find(settings, one, asked)
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)


def _saved(
    settings: Settings, word: str, name: str, most: int, added: Sequence[OfferedReport]
) -> Report | ReportSet:
    """The list of the saved reports, or one of them as it stands today."""
    if word == saved_reports.LIST:
        return saved_reports.every_saved(settings, added)
    return find(settings, *saved_reports.named(settings, name, added, most))


def _offered(settings: Settings) -> Mapping[str, OfferedReport]:
    """Those of the server, then those that plugins add."""
    added = added_reports(load_plugins(settings.enabled, settings.disabled))
    return {**PERFORMANCE, **{one.word: one for one in added}}


def _days(settings: Settings, first: str, last: str) -> DaySpan:
    today = SystemClock().now().astimezone(settings.zone).date()
    end = day_of(last) if last else today
    begin = day_of(first) if first else end - timedelta(days=29)
    if begin > end:
        raise CommandStop(
            MISUSED, f"Le premier jour ({begin}) vient après le dernier ({end}) : échangez-les."
        )
    return DaySpan(begin, end)


async def _read(settings: Settings, one: OfferedReport, asked: ReportAsked) -> Report | ReportSet:
    plugins = load_plugins(settings.enabled, settings.disabled)

    def indicators() -> Sequence[Indicator]:
        return plugins.indicators(setup_of(settings, on_disk(settings.folder)))

    now = now_micros(SystemClock())
    async with reading(settings.database) as reader, reader.read() as conn:
        if one.word not in OTHERS and await counted_by(conn) is None:
            raise ConfigurationError(NOT_COUNTED)
        ground = ReportGround(
            settings.zone, reader.fields.currency, plugins.glossary, indicators, now
        )
        return await one.read(conn, ground, asked)


def find(
    settings: Settings, one: OfferedReport, asked: ReportAsked, code: int = MISUSED
) -> Report | ReportSet:
    """That report of the project. `code`: with which the command stops at a name it cannot be of."""
    try:
        return asyncio.run(_read(settings, one, asked))
    except CourseTooLong as long:
        raise CommandStop(MISUSED, _shorter(long)) from long
    except Unreported as none:
        raise CommandStop(code, str(none)) from none


def _shorter(long: CourseTooLong) -> str:
    instead = (
        f"Dites «\u00a0--par {long.wider}\u00a0»" if long.wider else "Raccourcissez la période"
    )
    lines = french.count(long.lines, "ligne", "lignes")
    return f"Par {long.pace}, ce cours a {lines} ; il en a {MOST_LINES} au plus. {instead}."
