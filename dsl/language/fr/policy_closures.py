"""When nothing leaves, in French: « de 21 h à 9 h », « le dimanche », « les jours fériés (Québec) »."""

from dataclasses import dataclass
from datetime import date, time
from typing import Final

from dsl.language.fr import values
from dsl.language.fr.policy_words import LineWords, Spelt
from relance.slot import Unreadable
from relance.values import Weekday

NIGHT: Final = "de 21 h à 9 h"
DAYTIME: Final = "de 9 h à 20 h"
HOLIDAYS: Final = "les jours fériés (Québec)"
NOON: Final = frozenset({"midi", "minuit"})

_WEEKEND = (("fin", "de", "semaine"), ("fins", "de", "semaine"), ("week-end",), ("week-ends",),
            ("weekend",), ("weekends",))  # fmt: skip
_HOLIDAYS = (("jours", "feries"), ("jour", "ferie"), ("feries",))
_LEAP = 2024


@dataclass(frozen=True, slots=True)
class SaidClosure:
    """When nothing leaves, as written: `places` are those of holidays."""

    weekdays: tuple[Weekday, ...] = ()
    places: tuple[Spelt, ...] = ()
    day: date | None = None
    yearly: tuple[int, int] | None = None
    starts: time | None = None
    ends: time | None = None


class Closures(LineWords):
    """Reads one at a time."""

    def _closure(self) -> SaidClosure:
        first = self._at
        self._take(("pendant",), ("durant",))
        day = self._day()
        hours = self._hours()
        if day is None and hours is None:
            raise self._stop("ce n’est ni une heure, ni un jour", NIGHT, first)
        found = day or SaidClosure()
        if hours is not None:
            found = SaidClosure(
                found.weekdays, found.places, found.day, found.yearly, hours[0], hours[1]
            )
        return found

    def _only(self) -> tuple[SaidClosure, ...]:
        """« du lundi au vendredi de 9 h à 20 h »: closed on the other days, and at the other hours."""
        first = self._at
        self._take(("pendant",), ("durant",))
        opening = self._closure()
        if opening.places or opening.day or opening.yearly:
            raise self._stop("«\u00a0seulement\u00a0» dit des heures et des jours", DAYTIME, first)
        if self._next:
            raise self._stop("dites en une fois quand ces messages partent", DAYTIME)
        others = tuple(one for one in Weekday if one not in opening.weekdays)
        starts, ends = opening.starts, opening.ends
        over = starts is not None and ends is not None and time(0) < ends < starts
        if opening.weekdays and over:
            raise self._stop("ces heures passent minuit : dites-les sans les jours", since=first)
        found = [SaidClosure(weekdays=others)] if opening.weekdays and others else []
        if starts is not None:
            found.append(SaidClosure(starts=ends, ends=starts))
        if not found:
            raise self._stop(
                "ces messages partiraient tous les jours, à toute heure", DAYTIME, first
            )
        return tuple(found)

    def _hours(self) -> tuple[time, time] | None:
        """« de 21 h à 9 h », « entre 21 h et 9 h », « avant 9 h », « après 21 h »."""
        first = self._at
        if self._take(("avant",)):
            starts, ends = time(0), self._time()
        elif self._take(("apres",), ("a", "partir", "de"), ("des",)):
            starts, ends = self._time(), time(0)
        elif self._take(("de",), ("entre",)):
            starts = self._time()
            if not self._take(("a",), ("et",), ("jusqu'", "a"), ("au",)):
                raise self._stop("dites jusqu’à quelle heure", NIGHT, first)
            ends = self._time()
        else:
            return None
        if starts == ends:
            raise self._stop("ces heures commencent quand elles finissent", NIGHT, first)
        return starts, ends

    def _time(self) -> time:
        first = self._at
        if self._next in NOON:
            self._at += 1
        elif self._next.isdigit():
            self._at += 1
            if self._take(("h",), ("heures",), ("heure",), (":",)) and self._next.isdigit():
                self._at += 1
        read = values.clock_time(self._since(first)) if self._at > first else None
        if read is None or isinstance(read, Unreadable):
            raise self._stop(
                "une heure s’écrit «\u00a021 h\u00a0» ou «\u00a021 h 30\u00a0»", "21 h", first
            )
        return read

    def _day(self) -> SaidClosure | None:
        """« le dimanche », « du samedi au lundi », « les jours fériés (Québec) », « le 24 décembre »."""
        first = self._at
        ranged = self._take(("du",))
        if not ranged:
            self._take(("le",), ("les",), ("la",), ("chaque",), ("tous", "les"), ("toutes", "les"))
        if self._take(*_HOLIDAYS):
            return SaidClosure(places=self._places())
        if self._take(*_WEEKEND):
            return SaidClosure(weekdays=(Weekday.SATURDAY, Weekday.SUNDAY))
        if (day := self._weekday()) is not None:
            return SaidClosure(weekdays=self._weekdays(day, ranged))
        found = self._date()
        if found is None:
            self._at = first
        return found

    def _places(self) -> tuple[Spelt, ...]:
        """« (Québec) », « (Québec, France) », « du Québec »."""
        word = self._words[self._at] if self._at < len(self._words) else None
        if word is None or not word.text.startswith("("):
            raise self._stop("dites de quel lieu sont ces jours fériés", HOLIDAYS, self._at - 1)
        self._at += 1
        inside, start = self._text[word.start + 1 : word.end - 1], word.start + 1
        places = []
        for part in inside.split(","):
            name = part.strip()
            if name:
                begins = start + len(part) - len(part.lstrip())
                places.append(Spelt(name, begins, begins + len(name)))
            start += len(part) + 1
        if not places:
            raise self._stop("dites de quel lieu", HOLIDAYS, self._at - 1)
        return tuple(places)

    def _weekday(self) -> Weekday | None:
        read = values.weekday(self._next) if self._next else None
        if read is None or isinstance(read, Unreadable):
            return None
        self._at += 1
        return read

    def _weekdays(self, first: Weekday, ranged: bool) -> tuple[Weekday, ...]:
        if ranged:
            if not self._take(("au",)) or (last := self._weekday()) is None:
                raise self._stop("dites jusqu’à quel jour", "du samedi au lundi")
            count = (last.value - first.value) % 7 + 1
            return tuple(Weekday((first.value + more) % 7) for more in range(count))
        days = [first]
        while True:
            back = self._at
            joined = self._take(("et",), ("ou",))
            self._take(("le",), ("les",))
            day = self._weekday() if joined else None
            if day is None:
                self._at = back
                return tuple(days)
            days.append(day)

    def _date(self) -> SaidClosure | None:
        """« 24 décembre », « 1er janvier 2027 », « 2026-12-24 »."""
        first = self._at
        for count in (4, 3, 2, 1):
            if first + count > len(self._words):
                continue
            self._at = first + count
            text = self._since(first)
            read = values.day(text)
            if isinstance(read, date):
                return SaidClosure(day=read)
            every = values.day(f"{text} {_LEAP}")
            if isinstance(every, date) and not isinstance(every, Unreadable) and count > 1:
                return SaidClosure(yearly=(every.month, every.day))
        self._at = first
        return None
