"""How often a saved report is mailed: every day, week or month, at an hour of the project's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from relance.french import WEEKDAYS
from server.engine.triggers.schedules import next_time
from server.reports import french
from server.store.instants import Micros

_HOUR = re.compile(r"([01]?\d|2[0-3]) ?[:hH] ?([0-5]\d)?")
_CRON = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|L|\d{1,2}) \* (\*|[0-6])")
#: The last day that every month has; beyond, its last one.
_EVERY_MONTH, LAST_DAY = 28, 31
#: A report of every day for three years: more dates are not gone through.
_MOST_MISSED = 1_200


class MailEvery(StrEnum):
    """What passes between two mails."""

    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`weekday`: 0 on Monday; `day`: of the month, `LAST_DAY` for its last one."""

    every: MailEvery = MailEvery.WEEK
    weekday: int = 0
    day: int = 1
    hour: int = 8
    minute: int = 0

    @property
    def cron(self) -> str:
        """As it is stored, and walked."""
        at = f"{self.minute} {self.hour}"
        match self.every:
            case MailEvery.DAY:
                return f"{at} * * *"
            case MailEvery.WEEK:
                return f"{at} * * {(self.weekday + 1) % 7}"
        return f"{at} {'L' if self.day > _EVERY_MONTH else self.day} * *"

    @property
    def clock(self) -> str:
        """The hour, as a field holds it: « 08:05 »."""
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def words(self) -> str:
        """« chaque lundi à 8 h »."""
        at = f"à {self.hour} h{f' {self.minute:02}' if self.minute else ''}"
        match self.every:
            case MailEvery.DAY:
                return f"chaque jour {at}"
            case MailEvery.WEEK:
                return f"chaque {WEEKDAYS[self.weekday]} {at}"
        if self.day > _EVERY_MONTH:
            return f"le dernier jour de chaque mois {at}"
        return f"le {'1er' if self.day == 1 else self.day} de chaque mois {at}"


def of_cron(cron: str | None) -> Recurrence | None:
    """What was stored; None of what was not by us."""
    found = _CRON.fullmatch(cron or "")
    if found is None:
        return None
    minute, hour, day, weekday = found.groups()
    at = {"hour": int(hour), "minute": int(minute)}
    if weekday != "*":
        return Recurrence(MailEvery.WEEK, weekday=(int(weekday) - 1) % 7, **at)
    if day != "*":
        return Recurrence(MailEvery.MONTH, day=LAST_DAY if day == "L" else int(day), **at)
    return Recurrence(MailEvery.DAY, **at)


def written(given: Mapping[str, str]) -> tuple[Recurrence, Mapping[str, str]]:
    """What a form says by « chaque », « jour_semaine », « jour_mois » and « heure »; what is wrong, by field."""
    wrong: dict[str, str] = {}
    every = {one.value: one for one in MailEvery}.get(given.get("chaque", ""))
    if every is None:
        wrong["chaque"] = "Choisissez chaque jour, chaque semaine ou chaque mois."
    weekday, day = given.get("jour_semaine", "0"), given.get("jour_mois", "1")
    if every is MailEvery.WEEK and weekday not in map(str, range(7)):
        wrong["jour_semaine"] = "Choisissez un jour de la semaine."
    if every is MailEvery.MONTH and not (day.isdecimal() and 1 <= int(day) <= LAST_DAY):
        wrong["jour_mois"] = "Un jour du mois va de 1 à 28, ou est le dernier."
    hour = _HOUR.fullmatch(given.get("heure", "").strip())
    if hour is None:
        wrong["heure"] = "Une heure s’écrit 08:00."
    if wrong or every is None or hour is None:
        return Recurrence(), wrong
    found = Recurrence(
        every,
        int(weekday) if every is MailEvery.WEEK else 0,
        int(day) if every is MailEvery.MONTH else 1,
        int(hour[1]),
        int(hour[2] or 0),
    )
    return found, wrong


def next_date(cron: str, zone: ZoneInfo, after: Micros) -> Micros:
    """The first date after that instant."""
    return next_time(cron, zone, after)


def dates_until(cron: str, zone: ZoneInfo, due: Micros, now: Micros) -> Sequence[Micros]:
    """The dates that have come, from the one that is due on: the last is of the mail to make."""
    dates = [due]
    while len(dates) < _MOST_MISSED and (after := next_date(cron, zone, dates[-1])) <= now:
        dates.append(after)
    return dates


def lateness(missed: int, at: str) -> str:
    """What is said of a mail that leaves late. `at`: when it was to."""
    if not missed:
        return f"Ce rapport devait partir {at} : le serveur ne l’envoyait pas alors."
    others = french.count(missed, "autre envoi d’avant", "autres envois d’avant")
    return (
        f"Ce rapport devait partir {at} : le serveur ne l’envoyait pas alors. Il tient lieu aussi de "
        f"{others}."
    )
