"""The stays of a lead in one campaign, told apart: by what each is for, and where it stands.

A campaign whose re-entry is « par (clé) » has several at once, and each has its own why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from relance.fold import key_of
from server.reports import french, words
from server.reports.ledger import Ledger
from server.store.instants import from_micros


@dataclass(frozen=True, slots=True)
class StayChoice:
    """One of them. `value`: what it is for, where there is one for each value; else ''."""

    entry: int
    value: str
    text: str


def stays_of(ledger: Ledger, campaign: int, zone: ZoneInfo) -> Sequence[StayChoice]:
    """Those of a campaign: the ones it is in first, the latest first."""
    mine = [row for row in ledger.enrolments if row.campaign_id == campaign]
    mine.sort(key=lambda row: (not row.active, -row.entered_at, -row.entry))
    return [StayChoice(row.entry, row.stay_value, _said(ledger, row, zone)) for row in mine]


def _said(ledger: Ledger, row: Any, zone: ZoneInfo) -> str:
    """« numéro : a-1, dedans depuis le 30 nov. 2026 à 9 h »."""
    by = ledger.programs[row.version_id].reentry_property
    which = words.stay_value(by, row.stay_value) or f"fois n°\u00a0{row.entry}"
    since = french.instant(from_micros(row.entered_at), zone)
    if row.active:
        return f"{which}, dedans depuis le {since}"
    return f"{which}, entré le {since}, {words.outcome(row.outcome)}"


def matching(stays: Sequence[StayChoice], asked: str) -> StayChoice | None:
    """The one of that value, as events write it, else of that number."""
    wanted = key_of(asked)
    by_value = (one for one in stays if one.value and key_of(one.value) == wanted)
    by_number = (one for one in stays if str(one.entry) == asked.strip())
    return next(by_value, None) or next(by_number, None)


def of_stay(ledger: Ledger, campaign: int, entry: int) -> Ledger:
    """The same ledger, with that stay alone of those in that campaign."""

    def kept(rows: Sequence[Any]) -> Sequence[Any]:
        return [one for one in rows if one.campaign_id != campaign or one.entry == entry]

    return replace(
        ledger,
        enrolments=kept(ledger.enrolments),
        moves=kept(ledger.moves),
        messages=kept(ledger.messages),
    )
