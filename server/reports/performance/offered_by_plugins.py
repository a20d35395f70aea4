"""The reports that plugins add to those of the house: offered as those are, and as bounded."""

import asyncio
import logging
from contextlib import nullcontext
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import StoreUnavailable
from relance.french import quoted
from relance.interface import HouseReport
from relance.report import Report
from server.reports.performance.house_view import CountedHouse
from server.reports.performance.offered import (
    OfferedReport,
    ReportAsked,
    ReportGround,
    Unreported,
)
from server.reports.screen import screen

log = logging.getLogger("relance.plugins")

#: Seconds that one may take.
LONGEST = 10.0
#: Rows that one may have, whatever is asked.
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class PluginReport:
    """Reads one. `plugin`: whose it is."""

    plugin: str
    report: HouseReport
    longest: float = LONGEST

    async def __call__(
        self, conn: AsyncConnection, ground: ReportGround, asked: ReportAsked
    ) -> Report:
        """What it answers; `Unreported`, which names the extension, for one that fails or lasts."""
        house = ground.house(lambda: nullcontext(conn), asked.days)
        whose = f"Ce rapport vient de l’extension {quoted(self.plugin)}, qui "
        try:
            async with asyncio.timeout(self.longest):
                found = await self.report.read(house)
            return sound(found, house)
        except StoreUnavailable:
            raise
        except TimeoutError as error:
            raise Unreported(f"{whose}n’a pas répondu en {self.longest:g} secondes.") from error
        except Exception as error:
            log.exception("le rapport «\u00a0%s\u00a0» a échoué", self.report.word)
            raise Unreported(f"{whose}n’a pas pu le faire ({type(error).__name__}).") from error


def sound(found: object, house: CountedHouse) -> Report:
    """That, if it is a report that can be shown; ValueError, TypeError, if it is not."""
    if not isinstance(found, Report):
        raise TypeError(f"un rapport est attendu : {type(found).__name__}")
    if any(len(row) != len(found.columns) for row in found.rows):
        raise ValueError("une ligne n’a pas autant de cases qu’il y a de colonnes")
    if len(found.rows) > _MOST:
        raise ValueError(f"un rapport a {_MOST} lignes au plus")
    screen(found, house.zone)
    return found


def offered_by(plugin: str, report: HouseReport) -> OfferedReport:
    """That report, as those of the house are offered."""
    read = PluginReport(plugin, report)
    return OfferedReport(report.word, report.title, report.about, read, personal=report.personal)
