"""What each report answers, as a JSON Schema: made of the columns of one that has nothing to tell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from relance.indicator import Indicator
from relance.report import CellType, Column, Layout, Report, ReportSet
from server.api.operation import Schema
from server.api.schemas import DAY, INSTANT, TEXT, or_null, several, shape
from server.reports.experiments import experiments_report
from server.reports.glossary import Glossary
from server.reports.goals import goals_report
from server.reports.measures import Measured
from server.reports.objective_tables import objectives_report
from server.reports.performance import house, lists, people, person, sources
from server.reports.performance.campaign import CampaignPerformance, campaign_reports
from server.reports.performance.indicators import indicator_parts
from server.reports.performance.messages import messages_report
from server.reports.performance.offered import ReportGround
from server.reports.performance.reading import DaySpan
from server.reports.performance.sales import sales_report

_NUMBER: Schema = {"type": "number"}
_ANY: Schema = {
    "type": ["string", "number", "boolean", "null", "array", "object"],
    "items": {"type": ["string", "number", "boolean", "null"]},
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_CELLS: Mapping[CellType, Schema] = {
    CellType.NUMBER: {"type": "integer"},
    CellType.COUNT: _NUMBER,
    CellType.SHARE: _NUMBER,
    CellType.DELAY: _NUMBER,
    CellType.DAY: DAY,
    CellType.INSTANT: INSTANT,
    CellType.EXACT_INSTANT: INSTANT,
    CellType.FLAG: {"type": "boolean"},
    CellType.LINES: several(TEXT),
}
_DAYS = DaySpan(date(1970, 1, 2), date(1970, 1, 2))
#: The parts that some answers alone hold.
_COURSE_OF_OBJECTIVE = shape(
    {"du": DAY, "au": DAY, "valeur": {"type": ["number", "string", "null"]}}
)


def shapes(ground: ReportGround) -> Mapping[str, Schema]:
    """The shape of each report, by the word that asks for it."""
    found = {word: shape_of(one) for word, one in _empty(ground).items()}
    members = dict(found["objectifs"]["properties"])
    members["cours"] = several(_COURSE_OF_OBJECTIVE)
    return {**found, "objectifs": shape(members, "cours")}


def _empty(ground: ReportGround) -> Mapping[str, Report | ReportSet]:
    words, nobody = (
        ground.glossary,
        CampaignPerformance("", _DAYS, (), (), Counter(), (), (), (), 0, None),
    )
    return {
        "maison": _house(words),
        "campagnes": house.campaigns_report((), _DAYS, 0),
        "campagne": campaign_reports(nobody, words),
        "presents": people.present_report("", (), 0),
        "sortis": people.past_report("", (), 0),
        # Of the house; of a campaign, without its leads nor its conversions.
        "cours": house.course_report((), "", of_house=True),
        "message": messages_report((), words, each=True),
        "liste": lists.lists_performance_report((), _DAYS),
        "lead": person.stays_report(0, ()),
        "conversion": house.conversions_report((), _DAYS),
        "sources": sources.sources_reports((), (), _DAYS),
        "equipe": sales_report((), _DAYS),
        "indicateurs": _indicators(ground.indicators(), ground.currency),
        "objectifs": ReportSet(
            "",
            {
                "objectifs": goals_report(()),
                "chiffres": objectives_report((), ground.currency, ground.zone),
            },
        ),
        "experiences": experiments_report((), words),
    }


def _house(words: Glossary) -> ReportSet:
    others = {
        "campagnes": house.campaigns_report((), _DAYS, 0),
        "canaux": messages_report((), words, each=False),
        "realisees": house.conversions_report((), _DAYS),
    }
    return house.house_parts(0, (), others, _DAYS)


def _indicators(known: Sequence[Indicator], currency: str) -> ReportSet:
    nothing = Measured(_DAYS.first, _DAYS.last, currency, {one.key: None for one in known})
    return indicator_parts(nothing, (), known, house.CourseStep.DAY, "")


def shape_of(one: Report | ReportSet) -> Schema:
    """The shape of a report, by its columns."""
    if isinstance(one, ReportSet):
        return shape({key: shape_of(part) for key, part in one.parts.items()})
    row = _row(one.columns)
    return row if one.layout is Layout.RECORD else several(row)


def _row(columns: Sequence[Column]) -> Schema:
    """An object of the columns by their keys, « a.b » being the `b` of an object `a`."""
    members: dict[str, Schema] = {}
    within: dict[str, list[tuple[str, CellType]]] = {}
    for one in columns:
        above, _, key = one.key.rpartition(".")
        if above:
            within.setdefault(above, []).append((key, one.kind))
        elif key:
            members[key] = _cell(one.kind)
    inside = {
        name: shape({key: _cell(kind) for key, kind in several}) for name, several in within.items()
    }
    return shape({**members, **inside})


def _cell(kind: CellType) -> Schema:
    if kind in (CellType.VALUE, CellType.NAMED):
        return _ANY
    return or_null(_CELLS.get(kind, TEXT))
