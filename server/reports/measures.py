"""The indicators of a period as a report: what each came to, by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.indicator import Indicator, Ratio, Shown
from relance.report import CellType, Column, Columns, Layout, Report, To, report
from relance.values import Amount
from server.reports import french
from server.reports.indicator_periods import Period
from server.reports.indicators import Found, read_course, read_indicators
from server.store.instants import midnight


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted from a day to another, both included, by key; money is in one currency."""

    first: date
    last: date
    currency: str
    found: Mapping[str, Found]

    def of(self, indicator: Indicator) -> Found | Amount:
        """What an indicator came to."""
        return cell_of(indicator, self.found[indicator.key], self.currency)


async def read_measured(
    conn: AsyncConnection,
    first: date,
    last: date,
    currency: str,
    zone: ZoneInfo,
    indicators: Sequence[Indicator],
) -> Measured:
    """What each came to over those days of that zone."""
    found = await read_indicators(
        conn, conn.dialect.name, _period(first, last, zone), currency, indicators
    )
    return Measured(first, last, currency, found)


async def measured_course(
    conn: AsyncConnection,
    each: Sequence[tuple[date, date]],
    currency: str,
    zone: ZoneInfo,
    indicators: Sequence[Indicator],
    campaign: int | None = None,
) -> Sequence[Measured]:
    """The same of each of those spans, from a day to another.

    `campaign`: of those alone who entered it, since they did.
    """
    periods = [replace(_period(first, last, zone), campaign=campaign) for first, last in each]
    course = await read_course(conn, conn.dialect.name, periods, currency, indicators)
    return [
        Measured(first, last, currency, found)
        for (first, last), found in zip(each, course, strict=True)
    ]


def _period(first: date, last: date, zone: ZoneInfo) -> Period:
    return Period(midnight(first, zone), midnight(last + timedelta(days=1), zone))


def cell_of(indicator: Indicator, found: Found, currency: str) -> Found | Amount:
    """What an indicator came to: an amount, where it is money."""
    if found is None or indicator.shown is not Shown.AMOUNT:
        return found
    return Amount(Decimal(found), currency)


#: How each kind of indicator is told.
KINDS = {
    Shown.COUNT: CellType.COUNT,
    Shown.SHARE: CellType.SHARE,
    Shown.DELAY: CellType.DELAY,
    Shown.AMOUNT: CellType.AMOUNT,
}


def base_of(rate: Indicator, others: Sequence[Indicator]) -> str:
    """The key of what a rate is of, where that is an indicator too."""
    if rate.shown is not Shown.SHARE or not isinstance(rate.measure, Ratio):
        return ""
    return next((one.key for one in others if one.measure == rate.measure.whole), "")


_ABOUT: Columns[Measured] = {
    Column("Du", "du", CellType.DAY, To.SHEET): lambda one: one.first,
    Column("Au", "au", CellType.DAY, To.SHEET): lambda one: one.last,
    Column("Devise", "devise", to=To.SHEET): lambda one: one.currency,
}


def indicators_report(measured: Measured, indicators: Sequence[Indicator]) -> Report:
    """Each indicator by its name, one record for the period."""
    title = f"Du {french.day(measured.first)} au {french.day(measured.last)}"
    columns = {
        Column(one.label, one.key, KINDS[one.shown], base=base_of(one, indicators)): (
            lambda found, one=one: found.of(one)
        )
        for one in indicators
    }
    return report(title, {**_ABOUT, **columns}, [measured], layout=Layout.RECORD)
