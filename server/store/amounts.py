"""Sums of money: exact, in whole ten-thousandths of a currency's unit, and counted as whole numbers by the store.

Ten-thousandths hold the cents of every currency, and the prices of things sold by weight. No single
amount passes a billion, so that no sum of any lead's can pass what a BIGINT holds.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from relance import currency
from relance.event_type import EventType
from relance.values import Amount

#: What a unit of any currency counts.
UNIT = 10_000
#: No amount is beyond it, on either side.
MOST = Decimal(1_000_000_000)
_SMALLEST = Decimal("0.0001")


def problem_of(amount: Amount) -> str | None:
    """Why an amount cannot be stored, in French; None when it can."""
    if not amount.value.is_finite():
        return "Ce n’est pas un montant."
    if amount.value.copy_abs() > MOST:
        return "Ce montant est trop grand."
    if amount.value != amount.value.quantize(_SMALLEST):
        return "Un montant a quatre décimales au plus."
    if amount.currency is not None and amount.currency not in currency.CODES:
        return f"La monnaie « {amount.currency[:8]} » n’est pas connue."
    return None


def units_of(value: Decimal) -> int:
    """A storable amount as it is stored."""
    return int(value * UNIT)


def amount_of(units: int | None, unit: str | None) -> Amount | None:
    """The amount that the two columns of an event hold."""
    return None if units is None else Amount(Decimal(units) / UNIT, unit)


class StoredAmount(NamedTuple):
    """The two columns of an event's amount."""

    amount: int | None
    currency: str | None


_NONE = StoredAmount(None, None)


def stored_amount(amount: Amount | None, own: str) -> StoredAmount:
    """An event's amount as its columns hold it; `own` is the currency of what says none."""
    if amount is None:
        return _NONE
    return StoredAmount(units_of(amount.value), amount.currency or own)


def stated_amount(type_: EventType, properties: Mapping[str, Any]) -> Amount | None:
    """What an event is worth by its own « montant » and « devise », if its type is worth anything."""
    stated = properties.get("montant")
    if not type_.worth or stated is None or isinstance(stated, bool):
        return None
    try:
        value = Decimal(str(stated)) * type_.worth
    except ArithmeticError:  # no number, or beyond what any can be
        return None
    unit = properties.get("devise")
    amount = Amount(value, str(unit).upper() if unit else None)
    return None if problem_of(amount) else amount
