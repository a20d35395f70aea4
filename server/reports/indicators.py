"""The indicators of conversations and sales over a period, each one set statement of its own.

Their definitions are the documentation's (docs/commerce.md), and this module holds no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance import events as told
from relance.fold import key_of
from server.engine.conditions.patterns import number_in
from server.store.amounts import UNIT
from server.store.instants import DAY, Micros
from server.store.schema.events import MEASURED, events

_ABSENT, _BUSY = key_of("absents"), key_of("occupés")
_LEAST_SATISFIED, _BEST = 4, 5
#: Longer than that is a clock gone wrong, not a conversation.
_LONGEST = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant to another, the second left out."""

    start: Micros
    end: Micros


@dataclass(frozen=True, slots=True)
class Sales:
    """Transactions, and what they came to once refunds and corrections are counted."""

    count: int = 0
    turnover: Decimal = Decimal(0)

    @property
    def basket(self) -> Decimal | None:
        """The mean of a transaction; None when there is none."""
        return self.turnover / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Indicators:
    """What is told of a period. Rates go from 0 to 1; delays are seconds; None: nothing to count."""

    contacts: int
    missed: int
    missed_absent: int
    missed_busy: int
    unanswered: int
    answers: int
    satisfied: int
    handling: float | None
    response: float | None
    converted: int
    visitors: int
    buyers: int
    site: Sales
    after_contact: Sales
    after_absent: Sales
    after_busy: Sales

    @property
    def satisfaction(self) -> float | None:
        """The share of the answers that are satisfied."""
        return _share(self.satisfied, self.answers)

    @property
    def answer_rate(self) -> float | None:
        """The share of the contacts that said how satisfied they were."""
        return _share(self.answers, self.contacts)

    @property
    def conversion(self) -> float | None:
        """The share of the contacts that a purchase followed."""
        return _share(self.converted, self.contacts)

    @property
    def site_conversion(self) -> float | None:
        """The share of the visitors who bought."""
        return _share(self.buyers, self.visitors)

    @property
    def turnover_per_contact(self) -> Decimal | None:
        """What a contact brought, on average."""
        return self.after_contact.turnover / self.contacts if self.contacts else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


async def read_indicators(
    conn: AsyncConnection, dialect: str, period: Period, window_days: int, currency: str
) -> Indicators:
    """Count a period's; a purchase follows a contact within `window_days`."""
    window = window_days * DAY
    contacts = (await conn.execute(_contacts(dialect, period))).mappings().one()
    rows = (await conn.execute(_sales(period, window, currency))).all()
    sales = {row.after: Sales(row.count, Decimal(int(row.net)) / UNIT) for row in rows}
    converted = await conn.scalar(_converted(period, window)) or 0
    visitors, buyers = (await conn.execute(_visitors(period))).one()
    return Indicators(
        **{name: int(value or 0) for name, value in contacts.items() if name in _COUNTS},
        handling=_float(contacts["handling"]),
        response=_float(contacts["response"]),
        converted=converted,
        visitors=visitors,
        buyers=buyers,
        site=_together(sales),
        after_contact=sales.get("made", Sales()),
        after_absent=sales.get(_ABSENT, Sales()),
        after_busy=sales.get(_BUSY, Sales()),
    )


_COUNTS = frozenset(
    {"contacts", "missed", "missed_absent", "missed_busy", "unanswered", "answers", "satisfied"}
)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _together(sales: Mapping[str | None, Sales]) -> Sales:
    turnover = sum((one.turnover for one in sales.values()), Decimal(0))
    return Sales(sum(one.count for one in sales.values()), turnover)


def _of(rows: Any, types: tuple[str, ...], period: Period) -> ColumnElement[bool]:
    """Events of those types in the period, by the index that holds no others."""
    return and_(
        text(f"{rows.name}.{MEASURED}"),
        rows.c.type.in_(types),
        rows.c.occurred_at >= period.start,
        rows.c.occurred_at < period.end,
    )


def _contacts(dialect: str, period: Period) -> Any:
    rows = events.alias("e")

    def how_many(*tests: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((and_(*tests), 1), else_=0))

    def mean(type_: str, name: str) -> ColumnElement[float]:
        number = number_in(name, rows, dialect)
        sound = and_(rows.c.type == type_, number >= 0, number <= _LONGEST)
        return func.avg(case((sound, number)))

    rating = number_in("note", rows, dialect)
    rated = (rows.c.type == told.CONTACT_RATED, rating >= 1, rating <= _BEST)
    missed = rows.c.type == told.CONTACT_MISSED
    types = (
        told.CONTACT_MADE,
        told.CONTACT_MISSED,
        told.CONTACT_UNANSWERED,
        told.CONTACT_ENDED,
        told.CONTACT_RATED,
    )
    return select(
        how_many(rows.c.type == told.CONTACT_MADE).label("contacts"),
        how_many(missed).label("missed"),
        how_many(missed, rows.c.subject_key == _ABSENT).label("missed_absent"),
        how_many(missed, rows.c.subject_key == _BUSY).label("missed_busy"),
        how_many(rows.c.type == told.CONTACT_UNANSWERED).label("unanswered"),
        how_many(*rated).label("answers"),
        how_many(*rated, rating >= _LEAST_SATISFIED).label("satisfied"),
        mean(told.CONTACT_ENDED, "duree_traitement").label("handling"),
        mean(told.CONTACT_MADE, "delai_reponse").label("response"),
    ).where(_of(rows, types, period))


def _sales(period: Period, window: Micros, currency: str) -> Select[Any]:
    """The purchases of the period, by the last contact or missed contact before each."""
    rows, changes, before = events.alias("e"), events.alias("x"), events.alias("c")
    since = (
        select(func.coalesce(func.sum(changes.c.amount), 0))
        .where(
            changes.c.lead_id == rows.c.lead_id,
            changes.c.type.in_((told.REFUNDED, told.PURCHASE_CORRECTED)),
            changes.c.context_key == rows.c.subject_key,
            changes.c.currency == currency,
        )
        .correlate(rows)
        .scalar_subquery()
    )
    last = (
        select(
            case((before.c.type == told.CONTACT_MADE, literal("made")), else_=before.c.subject_key)
        )
        .where(
            before.c.lead_id == rows.c.lead_id,
            before.c.type.in_((told.CONTACT_MADE, told.CONTACT_MISSED)),
            before.c.occurred_at <= rows.c.occurred_at,
            before.c.occurred_at >= rows.c.occurred_at - window,
        )
        .order_by(before.c.occurred_at.desc(), before.c.id.desc())
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )
    bought = (
        select((rows.c.amount + since).label("net"), last.label("after"))
        .where(_of(rows, (told.PURCHASED,), period), rows.c.currency == currency)
        .subquery()
    )
    return select(
        bought.c.after, func.count().label("count"), func.sum(bought.c.net).label("net")
    ).group_by(bought.c.after)


def _converted(period: Period, window: Micros) -> Select[Any]:
    """The contacts of the period that a purchase followed."""
    rows, after = events.alias("e"), events.alias("p")
    followed = (
        select(1)
        .where(
            after.c.lead_id == rows.c.lead_id,
            after.c.type == told.PURCHASED,
            after.c.occurred_at >= rows.c.occurred_at,
            after.c.occurred_at <= rows.c.occurred_at + window,
        )
        .correlate(rows)
        .exists()
    )
    return select(func.count()).where(_of(rows, (told.CONTACT_MADE,), period), followed)


def _visitors(period: Period) -> Select[Any]:
    """The leads who saw a page in the period, and those of them who bought in it."""
    rows, bought = events.alias("e"), events.alias("p")
    seen = (
        select(rows.c.lead_id)
        .where(
            rows.c.type == told.PAGE_VISITED,
            rows.c.occurred_at >= period.start,
            rows.c.occurred_at < period.end,
        )
        .distinct()
        .subquery()
    )
    buys = (
        select(1)
        .where(
            bought.c.lead_id == seen.c.lead_id,
            bought.c.type == told.PURCHASED,
            bought.c.occurred_at >= period.start,
            bought.c.occurred_at < period.end,
        )
        .correlate(seen)
        .exists()
    )
    counted = func.coalesce(func.sum(case((buys, 1), else_=0)), 0)
    return select(func.count(), counted).select_from(seen)
