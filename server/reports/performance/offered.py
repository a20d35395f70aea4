"""The reports that may be asked for, each by the word that asks for it: a terminal, a page, a program.

Whoever asks says of what and of which days; what is answered is the same value, whoever that is.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.french import quoted
from relance.indicator import Indicator
from relance.report import Report, ReportSet
from relance.slip import slip_of
from server.reports.experiments import experiments_report, read_experiments
from server.reports.glossary import Glossary
from server.reports.goals import goal_lines, goals_report
from server.reports.objective_tables import course_report as objective_course
from server.reports.objective_tables import objectives_report
from server.reports.objectives import ObjectiveReader
from server.reports.people import find_lead
from server.reports.performance import house, lists, people, person, sources
from server.reports.performance.campaign import campaign_performance, campaign_reports
from server.reports.performance.house_view import CountedHouse, Reads
from server.reports.performance.indicators import MOST_LINES, indicator_reports
from server.reports.performance.messages import (
    found_messages,
    message_names,
    messages_report,
)
from server.reports.performance.reading import EVER, DaySpan
from server.reports.performance.sales import sales_report, seller_lines
from server.store.instants import Micros, from_micros
from server.store.links import all_links
from server.store.schema.campaigns import campaigns

#: Beyond that, names are not all told.
_FEW = 10
#: A name that nothing bears is compared to no more than these.
_MOST_NAMES = 50_000


class Unreported(Exception):
    """Nothing can be told of what is asked: why, in French, and what there is instead."""


class UnknownCampaign(Unreported):
    """What is asked is to be of a campaign that there is not."""


class CourseTooLong(Unreported):
    """The course has more lines than anybody reads. `lines`: how many; `wider`: by what it has fewer."""

    def __init__(self, pace: house.CourseStep, lines: int, wider: house.CourseStep | None) -> None:
        instead = f"Prenez-le par {wider}." if wider else "Raccourcissez la période."
        super().__init__(f"Par {pace}, ce cours a {lines} lignes, {MOST_LINES} au plus. {instead}")
        self.pace, self.lines, self.wider = pace, lines, wider


@dataclass(frozen=True, slots=True)
class ReportGround:
    """What every report is read with, whoever asks. `indicators`: all that plugins count."""

    zone: ZoneInfo
    currency: str
    glossary: Glossary
    indicators: Callable[[], Sequence[Indicator]]
    now: Micros

    def house(self, reads: Reads, days: DaySpan) -> CountedHouse:
        """The house over those days, as the reports that plugins add may know it."""
        at = from_micros(self.now)
        return CountedHouse(reads, days, at, self.zone, self.currency, self.indicators)


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Of what, of which days, by what step. `most`: rows of a table that grows with the leads.

    `campaign`: of those alone who entered it, since they did.
    """

    days: DaySpan
    name: str = ""
    campaign: str = ""
    pace: house.CourseStep = house.CourseStep.DAY
    search: str = ""
    most: int = 1_000


Read: TypeAlias = Callable[
    [AsyncConnection, ReportGround, ReportAsked], Awaitable[Report | ReportSet]
]


class NamedFor(Enum):
    """What the name of a report is of."""

    CAMPAIGN = "campagne"
    MESSAGE = "message"
    LIST = "liste"
    LEAD = "lead"
    CONVERSION = "conversion"
    LINK = "lien suivi"
    INDICATOR = "indicateur"


class DatedBy(Enum):
    """What days are to a report."""

    #: Those that it is of.
    PERIOD = auto()
    #: Nothing: it is of now, or of all the time there was.
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class OfferedReport:
    """`word`: by which it is asked for; `about`: what it says, in a sentence.

    `needed`: it is of one thing, which must be named. `personal`: it names people. `by_campaign`: it
    may be of those alone who entered one.
    """

    word: str
    title: str
    about: str
    read: Read
    named: NamedFor | None = None
    needed: bool = False
    personal: bool = False
    dated: DatedBy = DatedBy.PERIOD
    paced: bool = False
    searched: bool = False
    by_campaign: bool = False


async def campaign_of(conn: AsyncConnection, name: str) -> tuple[int, str]:
    """The campaign of that name; `Unreported` when there is none."""
    one = select(campaigns.c.id, campaigns.c.name)
    found = (await conn.execute(one.where(campaigns.c.key == key_of(name)))).first()
    if name and found is not None:
        return found.id, found.name
    names = (await conn.scalars(select(campaigns.c.name).order_by(campaigns.c.name))).all()
    if not name:
        raise Unreported(f"Dites de quelle campagne. {_those(_CAMPAIGNS, names)}")
    raise Unreported(_none_such("campagne", name, _CAMPAIGNS, names))


# --- Each report ----------------------------------------------------------------------------


async def _house(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> ReportSet:
    return await house.house_reports(conn, asked.days, asked.pace, ground.glossary, asked.most)


async def _active(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    lines = await house.campaign_lines(conn, asked.days, asked.most)
    return house.campaigns_report(lines, asked.days, asked.most)


async def _campaign(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> ReportSet:
    number, name = await campaign_of(conn, asked.name)
    found = await campaign_performance(conn, number, name, asked.days)
    return campaign_reports(found, ground.glossary)


async def _present(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    number, name = await campaign_of(conn, asked.name)
    rows = await people.present(conn, number, asked.search, asked.most)
    return people.present_report(name, rows, asked.most)


async def _past(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    number, name = await campaign_of(conn, asked.name)
    rows = await people.past(conn, number, asked.search, asked.most)
    return people.past_report(name, rows, asked.most)


async def _course(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    one = await campaign_of(conn, asked.name) if asked.name else None
    number, name = one or (None, "La maison")
    lines = await house.course(conn, asked.days, asked.pace, number)
    return house.course_report(lines, f"{name}, au fil du temps", of_house=number is None)


async def _messages(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> Report:
    name, most = asked.name, asked.most
    lines = await found_messages(conn, asked.days, most + 1, name=name, search=asked.search)
    if name and not lines and not asked.search:
        said = "n’a encore été envoyé ni retenu"
        _known("Aucun message", said, name, await message_names(conn, EVER, _MOST_NAMES))
    return messages_report(lines, ground.glossary, each=True, most=most)


async def _lists(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> Report:
    known = await lists.names(conn)
    wanted = [name for name in known if not asked.name or key_of(name) == key_of(asked.name)]
    if asked.name and not wanted:
        raise Unreported(_none_such("liste", asked.name, _LISTS, known))
    lines = await lists.list_lines(conn, wanted, asked.days, ground.zone)
    return lists.lists_performance_report(lines, asked.days)


async def _lead(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    if not asked.name:
        raise Unreported("Dites de quel lead : son courriel, son téléphone ou son numéro.")
    lead = await find_lead(conn, asked.name)
    if lead is None:
        raise Unreported(f"Aucun lead ne répond à {quoted(asked.name)}.")
    return person.stays_report(lead, await person.stays(conn, lead))


async def _conversions(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> Report:
    rows = await house.conversions(conn, asked.days, asked.name)
    if asked.name and not rows:
        ever = await house.conversions(conn, EVER)
        made = [row.subject for row in ever]
        _known("Aucune conversion", "n’a encore été réalisée", asked.name, made)
    return house.conversions_report(rows, asked.days)


async def _sources(conn: AsyncConnection, _ground: ReportGround, asked: ReportAsked) -> ReportSet:
    links = await all_links(conn)
    if asked.name and not sources.known(links, asked.name):
        names = [link.name for link in links]
        raise Unreported(_none_such("lien suivi", asked.name, _LINKS, names))
    visits, clicks = await sources.source_lines(conn, asked.days, asked.name)
    return sources.sources_reports(visits, clicks, asked.days)


async def _indicators(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> ReportSet:
    _short_enough(asked)
    known, name = ground.indicators(), key_of(asked.name)
    wanted = [one for one in known if name in ("", key_of(one.key), key_of(one.label))]
    if not wanted:
        labels = [one.label for one in known]
        near = slip_of(asked.name, labels)
        there = _those(_INDICATORS, labels) if near is None else _meant(near)
        raise Unreported(f"Aucun indicateur {quoted(asked.name)}. {there}")
    campaign = None
    if asked.campaign:
        try:
            campaign = await campaign_of(conn, asked.campaign)
        except Unreported as none:
            raise UnknownCampaign(str(none)) from none
    return await indicator_reports(
        conn, asked.days, asked.pace, wanted, ground.currency, ground.zone, campaign
    )


async def _sales(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> Report:
    return sales_report(
        await seller_lines(conn, asked.days, ground.zone, ground.glossary.reaching, ground.now),
        asked.days,
    )


async def _goals(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> ReportSet:
    key = key_of(asked.name) if asked.name else None
    parts = {"objectifs": goals_report(await goal_lines(conn, key))}
    reads = ObjectiveReader(
        conn, conn.dialect.name, ground.currency, ground.zone, ground.indicators()
    )
    found = await reads.read(ground.now, key)
    parts["chiffres"] = objectives_report(found, ground.currency, ground.zone)
    if key is not None:
        if not any(part.rows for part in parts.values()):
            raise Unreported(f"Aucune campagne {quoted(asked.name)} n’a d’objectif.")
        if found and found[0].followed:
            course = await reads.course(found[0])
            parts["cours"] = objective_course(found[0], course, ground.currency, ground.zone)
    return ReportSet("Objectifs", parts)


async def _experiments(conn: AsyncConnection, ground: ReportGround, asked: ReportAsked) -> Report:
    found = await read_experiments(conn, key_of(asked.name) if asked.name else None)
    if asked.name and not found:
        raise Unreported(f"Aucune campagne {quoted(asked.name)} ne répartit ses leads.")
    return experiments_report(found, ground.glossary)


def _short_enough(asked: ReportAsked) -> None:
    """Stop at a course of too many lines, and say by what it has fewer."""
    counts = {one: sum(1 for _ in one.spans(asked.days)) for one in house.CourseStep}
    if counts[asked.pace] > MOST_LINES:
        wider = next((one for one, lines in counts.items() if lines <= MOST_LINES), None)
        raise CourseTooLong(asked.pace, counts[asked.pace], wider)


# --- What is said of names ------------------------------------------------------------------

#: What those of a kind are called, and what is said when there is none.
_CAMPAIGNS = "Campagnes", "aucune n’est publiée"
_LISTS = "Listes", "aucune"
_LINKS = "Liens suivis", "aucun"
_INDICATORS = "Indicateurs", "aucun"


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
        raise Unreported(f"{none} {quoted(asked)} {said}.{meant}")


def _meant(near: str) -> str:
    return f"Vouliez-vous dire {quoted(near)}\u00a0?"


#: What `relance rapport` tells, the most asked for first.
PERFORMANCE: Mapping[str, OfferedReport] = {
    one.word: one
    for one in (
        OfferedReport(
            "maison",
            "Toute la maison",
            "Leads, entrées, sorties, messages et conversions, et leur cours au fil du temps.",
            _house,
            paced=True,
        ),
        OfferedReport(
            "campagnes",
            "Les campagnes comparées",
            "Chaque campagne active : sa progression, ses entrées, ses réussites.",
            _active,
        ),
        OfferedReport(
            "campagne",
            "Une campagne",
            "Tout d’une campagne : étapes, sorties, objectifs, messages, versions.",
            _campaign,
            NamedFor.CAMPAIGN,
            needed=True,
        ),
        OfferedReport(
            "presents",
            "Qui est dans une campagne",
            "Qui est dedans, depuis quand, à quelle étape.",
            _present,
            NamedFor.CAMPAIGN,
            needed=True,
            personal=True,
            dated=DatedBy.NOTHING,
            searched=True,
        ),
        OfferedReport(
            "sortis",
            "Qui est sorti d’une campagne",
            "Qui en est sorti, quand, et comment.",
            _past,
            NamedFor.CAMPAIGN,
            needed=True,
            personal=True,
            dated=DatedBy.NOTHING,
            searched=True,
        ),
        OfferedReport(
            "cours",
            "Au fil du temps",
            "Entrées, sorties, réussites et envois d’une campagne, ou de la maison.",
            _course,
            NamedFor.CAMPAIGN,
            paced=True,
        ),
        OfferedReport(
            "message",
            "Les messages",
            "Ce qu’ils sont devenus : envoyés, livrés, lus, cliqués, revenus.",
            _messages,
            NamedFor.MESSAGE,
            searched=True,
        ),
        OfferedReport(
            "liste",
            "Les listes",
            "Leurs membres, et ceux arrivés dans la période.",
            _lists,
            NamedFor.LIST,
        ),
        OfferedReport(
            "lead",
            "Les passages d’un lead",
            "Chacun de ses passages dans une campagne, et ce qu’il y a reçu.",
            _lead,
            NamedFor.LEAD,
            needed=True,
            personal=True,
            dated=DatedBy.NOTHING,
        ),
        OfferedReport(
            "conversion",
            "Les conversions",
            "Combien de fois chacune s’est réalisée.",
            _conversions,
            NamedFor.CONVERSION,
        ),
        OfferedReport(
            "sources",
            "D’où viennent les visiteurs",
            "Les sources de chaque adresse suivie, et où son lien fut cliqué.",
            _sources,
            NamedFor.LINK,
        ),
        OfferedReport(
            "equipe",
            "L’équipe de vente",
            "Les leads et les alertes de chacun, et en combien de temps il y répond.",
            _sales,
        ),
        OfferedReport(
            "indicateurs",
            "Contacts, satisfaction et ventes",
            "Les indicateurs du commerce, sur la période puis au fil du temps.",
            _indicators,
            NamedFor.INDICATOR,
            paced=True,
            by_campaign=True,
        ),
    )
}
#: What has a command of its own in the terminal.
OTHERS: Mapping[str, OfferedReport] = {
    one.word: one
    for one in (
        OfferedReport(
            "objectifs",
            "Les objectifs",
            "Où en est chaque campagne de ce qu’elle vise, depuis qu’elle est active.",
            _goals,
            NamedFor.CAMPAIGN,
            dated=DatedBy.NOTHING,
        ),
        OfferedReport(
            "experiences",
            "Les répartitions et les témoins",
            "Les parts comparées par l’objectif de leur campagne, depuis le début.",
            _experiments,
            NamedFor.CAMPAIGN,
            dated=DatedBy.NOTHING,
        ),
    )
}
OFFERED: Mapping[str, OfferedReport] = {**PERFORMANCE, **OTHERS}
