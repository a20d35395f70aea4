"""Reports: the figures of the command line, to the last one; an operation each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from server.api.asking import Misasked, answered
from server.api.operation import ApiOperation, Parameter, Schema
from server.api.report_shapes import shapes
from server.api.schemas import DAY, TEXT, shape
from server.reports.as_json import as_json
from server.reports.performance.house import CourseStep
from server.reports.performance.offered import (
    OFFERED,
    DatedBy,
    OfferedReport,
    ReportAsked,
    UnknownCampaign,
    Unreported,
)
from server.reports.performance.reading import DaySpan
from server.store.counting import counted_by
from server.web.office import Office
from server.web.page import Access, number

_USUAL = timedelta(days=29)
_LONGEST = timedelta(days=3_660)
_FROM = Parameter("from", "query", DAY, "Le premier jour ; sans lui, il y a trente jours.")
_TO = Parameter("to", "query", DAY, "Le dernier jour, compris ; sans lui, aujourd’hui.")
_STEPS: Mapping[str, CourseStep] = {
    "day": CourseStep.DAY,
    "week": CourseStep.WEEK,
    "month": CourseStep.MONTH,
}
_BY = Parameter(
    "by", "query", {"type": "string", "enum": list(_STEPS)}, "Le pas du cours ; sans lui, le jour."
)
_SOUGHT = Parameter("q", "query", TEXT, "Un nom, un courriel ; des mots d’un nom de message.")


_CAMPAIGN = Parameter(
    *("campaign", "query", TEXT),
    "De celles et ceux seulement qui sont entrés dans cette campagne, depuis leur entrée.",
)


@dataclass(frozen=True, slots=True)
class ReportAddress:
    """Where a report is asked for. `member`: the one of the answer that holds it; `of`: what names it."""

    operation: str
    path: str
    member: str = "report"
    of: str = ""


#: Each, by the word of the terminal. A name it cannot go without is in its path.
_ADDRESSES: Mapping[str, ReportAddress] = {
    "maison": ReportAddress("reportHouse", "/reports/house"),
    "campagnes": ReportAddress("reportCampaigns", "/reports/campaigns", "campaigns"),
    "campagne": ReportAddress("reportCampaign", "/reports/campaigns/{name}"),
    "presents": ReportAddress("reportPresent", "/reports/campaigns/{name}/present"),
    "sortis": ReportAddress("reportGone", "/reports/campaigns/{name}/gone"),
    "cours": ReportAddress("reportCourse", "/reports/course", of="campaign"),
    "message": ReportAddress("reportMessages", "/reports/messages", of="message"),
    "liste": ReportAddress("reportLists", "/reports/lists", of="list"),
    "lead": ReportAddress("reportLead", "/reports/leads/{lead}"),
    "conversion": ReportAddress("reportConversions", "/reports/conversions", of="conversion"),
    "sources": ReportAddress("reportSources", "/reports/sources", of="link"),
    "equipe": ReportAddress("reportTeam", "/reports/team"),
    "indicateurs": ReportAddress("reportIndicators", "/reports/indicators", of="indicator"),
    "objectifs": ReportAddress("reportGoals", "/reports/goals", of="campaign"),
    "experiences": ReportAddress("reportExperiments", "/reports/experiments", of="campaign"),
}
#: What a report of a plugin holds is the plugin’s to say: a row an object, or one object.
_ANY: Schema = {"type": ["array", "object"], "items": {"type": "object"}}
#: What is answered without those of the house, of a campaign alone.
_OF_HOUSE = ("leads", "realisees")


class ReportOperations:
    """The reports of a server."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def operations(self) -> Iterator[ApiOperation]:
        """One for each report there is."""
        known = shapes(self._office.ground)
        each = [(OFFERED[word], where) for word, where in _ADDRESSES.items()]
        each += [(one, _added(one)) for one in self._office.added.reports]
        for one, where in each:
            dated = one.dated is DatedBy.PERIOD
            answer = {where.member: _optional(one.word, known.get(one.word, _ANY))}
            yield ApiOperation(
                *(where.operation, "GET", where.path),
                Access.PERSONAL if one.personal else Access.READ,
                one.about,
                partial(self._answer, one, where),
                shape({**({"from": DAY, "to": DAY} if dated else {}), **answer}),
                tuple(_parameters(one, where)),
                problems=("pas-compte", "inconnu") if one.named else ("pas-compte",),
            )

    async def _answer(self, one: OfferedReport, where: ReportAddress, request: Request) -> Response:
        days, given = self._days(request), request.query_params
        lead = number(request, "lead") if "lead" in request.path_params else None
        name = request.path_params.get("name") or (given.get(where.of, "") if where.of else "")
        name = name if lead is None else str(lead)
        within = given.get("campaign", "")[:500] if one.by_campaign else ""
        asked = ReportAsked(days, name[:500], within, _step(given), given.get("q", "")[:500])
        async with self._office.store.read() as conn:
            if await counted_by(conn) is None:
                raise Misasked("pas-compte")
            try:
                found = as_json(await one.read(conn, self._office.ground, asked))
            except UnknownCampaign as none:
                raise Misasked("inconnu", "/campaign", str(none)) from none
            except Unreported as none:
                place = f"/{next(iter(request.path_params), where.of or 'by')}"
                raise Misasked("inconnu" if name else "contenu-refuse", place, str(none)) from none
        of_days = {"from": days.first.isoformat(), "to": days.last.isoformat()}
        dated = one.dated is DatedBy.PERIOD
        return answered(request, {**(of_days if dated else {}), where.member: found})

    def _days(self, request: Request) -> DaySpan:
        today = self._office.clock.now().astimezone(self._office.settings.zone).date()
        last = _day(request, "to") or today
        first = _day(request, "from") or last - _USUAL
        if first > last or last - first > _LONGEST:
            why = "Le premier jour vient avant le dernier, de dix ans au plus."
            raise Misasked("contenu-refuse", "/from", why)
        return DaySpan(first, last)


def _added(one: OfferedReport) -> ReportAddress:
    """Where a report that a plugin adds is asked for: by its word."""
    name = "".join(part.capitalize() for part in one.word.split("-"))
    return ReportAddress(f"reportOfPlugin{name}", f"/reports/{one.word}")


def _optional(word: str, schema: Schema) -> Schema:
    """The course of a campaign says less than that of the house."""
    if word != "cours":
        return schema
    members = schema["items"]["properties"]
    return {**schema, "items": shape(members, *_OF_HOUSE)}


def _parameters(one: OfferedReport, where: ReportAddress) -> Iterator[Parameter]:
    if one.dated is DatedBy.PERIOD:
        yield from (_FROM, _TO)
    if "{lead}" in where.path:
        yield Parameter("lead", "path", {"type": "integer", "minimum": 1}, "Le numéro du lead.")
    elif "{name}" in where.path:
        yield Parameter("name", "path", TEXT, "Le nom de la campagne.")
    elif where.of and one.named is not None:
        yield Parameter(where.of, "query", TEXT, f"Un nom : {one.named.value}. Sans lui, tout.")
    if one.by_campaign:
        yield _CAMPAIGN
    if one.paced:
        yield _BY
    if one.searched:
        yield _SOUGHT


def _step(given: Mapping[str, str]) -> CourseStep:
    asked = given.get("by", "day")
    if asked not in _STEPS:
        raise Misasked("contenu-refuse", "/by", f"L’un de : {', '.join(_STEPS)}.")
    return _STEPS[asked]


def _day(request: Request, name: str) -> date | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Misasked("contenu-refuse", f"/{name}", "Un jour s’écrit 2026-11-29.") from error
