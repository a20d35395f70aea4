"""The lines of « politique » in French: what each says, or why it cannot be read.

au plus 3 courriels par 7 jours
jamais de SMS de 21 h à 9 h, ni le dimanche, ni les jours fériés (Québec)
SMS seulement du lundi au vendredi de 9 h à 20 h
messages valables 2 jours, tous les messages
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.language.fr import values
from dsl.language.fr.policy_closures import NIGHT, NOON, Closures, SaidClosure
from dsl.language.fr.policy_words import Misread, Spelt, Stopped
from relance.slot import Unreadable
from relance.values import Duration

#: What names every channel that writes to leads.
ANY_CHANNEL: Final = frozenset({"message", "messages"})
#: What people call channels otherwise than their labels do.
CHANNELS_MEANT: Final = {
    **dict.fromkeys(("e-mail", "email", "mail", "mel", "infolettre"), "courriel"),
    **dict.fromkeys(("texto", "message texte"), "SMS"),
    **dict.fromkeys(("push", "notification push"), "notification"),
}
EXAMPLES: Final = (
    "au plus 3 courriels par 7 jours",
    f"jamais de SMS {NIGHT}, ni le dimanche",
    "messages valables 2 jours",
)

_AT_MOST = (("au", "plus"), ("maximum",), ("au", "maximum"), ("jamais", "plus", "de"),
            ("pas", "plus", "de"))  # fmt: skip
_EACH = (
    ("par",),
    ("en",),
    ("sur",),
    ("chaque",),
    ("tous", "les"),
    ("toutes", "les"),
    ("dans", "les"),
)
_NEVER = (("jamais",), ("pas",), ("aucun",), ("aucune",))
_ONLY = (("seulement",), ("uniquement",))
_VALID = (("valables",), ("valable",), ("valides",), ("valide",), ("perimes", "apres"),
          ("perime", "apres"))  # fmt: skip
_OF = ("de", "d'", "des", "du")
_EVERY = (("tous", "les", "messages"), ("tous", "messages"),
          ("y", "compris", "les", "messages", "de", "service"))  # fmt: skip
_LATER = (("reporter",), ("reportes",), ("reporte",))
_SKIP = (("sauter",), ("sautes",), ("saute",))
_BETWEEN = frozenset({",", "ni", "et", "ou"})
#: What begins to say when.
_WHEN = frozenset({"entre", "avant", "apres", "le", "les", "la", "du", "chaque", "tous", "pendant"})


@dataclass(frozen=True, slots=True)
class SaidTerm:
    """A line: a cap (`most` and `span`), a validity (`span` alone) or quiet hours (`closures`)."""

    channels: tuple[Spelt, ...]
    most: int | None = None
    span: Duration | None = None
    closures: tuple[SaidClosure, ...] = ()
    every: bool = False
    skip: bool = False


def read_term(text: str) -> SaidTerm | Misread:
    """What a line of « politique » says."""
    try:
        return _Terms(text).term()
    except Stopped as stop:
        return stop.found


class _Terms(Closures):
    """Reads a line."""

    def term(self) -> SaidTerm:
        """The line."""
        every, skip = self._options()
        if self._take(*_AT_MOST):
            channels, most, window = self._cap()
            return SaidTerm(channels, most, window, (), every, skip)
        if self._take(*_NEVER):
            channels, closures = self._quiet()
            return SaidTerm(channels, None, None, closures, every, skip)
        channels = tuple(self._channels())
        if channels and self._take(*_ONLY):
            return SaidTerm(channels, None, None, self._only(), every, skip)
        if channels and self._take(*_VALID):
            if skip:
                raise self._stop(
                    "un message périmé ne part jamais : retirez «\u00a0sauter\u00a0»", since=0
                )
            self._take(("pendant",), ("pour",))
            return SaidTerm(channels, None, self._duration(), (), every)
        self._at = 0
        raise self._stop("cette ligne ne dit ni combien, ni quand, ni jusqu’à quand")

    def _options(self) -> tuple[bool, bool]:
        """What the end of the line says of all of it, taken off."""
        every = skip = False
        while True:
            for forms in (_EVERY, _LATER, _SKIP):
                count = self._ending(forms)
                # « au plus 3 messages … » needs its own.
                if count and count < len(self._words):
                    every, skip = every or forms is _EVERY, skip or forms is _SKIP
                    del self._words[-count:]
                    while self._words and self._words[-1].text in (",", "et", ":"):
                        del self._words[-1]
                    break
            else:
                return every, skip

    def _ending(self, forms: Sequence[tuple[str, ...]]) -> int:
        tail = [one.text for one in self._words[-6:]]
        return max((len(form) for form in forms if tuple(tail[-len(form) :]) == form), default=0)

    def _cap(self) -> tuple[tuple[Spelt, ...], int, Duration]:
        first = self._at
        self._at += 1
        read = values.number(self._since(first)) if self._at <= len(self._words) else None
        word = self._words[first].text if first < len(self._words) else ""
        most = values.SMALL_NUMBERS.get(word)
        if most is None and read is not None and not isinstance(read, Unreadable):
            most = int(read)
        if not most or most > 1_000:
            self._at = first
            raise self._stop(
                "dites combien au plus, en chiffres, à partir de 1", EXAMPLES[0], first
            )
        channels = tuple(self._channels())
        if not channels:
            raise self._stop("dites de quels messages il s’agit", EXAMPLES[0])
        if not self._take(*_EACH):
            raise self._stop("dites en combien de temps", EXAMPLES[0])
        return channels, most, self._duration()

    def _duration(self) -> Duration:
        first = self._at
        if first == len(self._words):
            raise self._stop("il manque une durée", "7 jours", first)
        self._at = len(self._words)
        text = self._since(first)
        read = values.duration(text)
        if isinstance(read, Unreadable):
            read = values.duration(f"1 {text}")
        if isinstance(read, Unreadable) or read == Duration():
            raise self._stop("cette durée ne se lit pas", "7 jours", first)
        if read.months > 12 or read.days > 366 or read.seconds > 366 * 86_400:
            raise self._stop("cette durée dépasse un an", "30 jours", first)
        return read

    def _channels(self) -> Iterator[Spelt]:
        """« courriels », « courriels et SMS », « de SMS »."""
        while True:
            self._take(*((one,) for one in _OF))
            first = self._at
            while self._next and not self._ends_channel():
                self._at += 1
            if first == self._at:
                return
            yield Spelt(self._since(first), self._words[first].start, self._words[self._at - 1].end)
            back = self._at
            if not (self._next in _BETWEEN and self._again()):
                self._at = back
                return

    def _ends_channel(self) -> bool:
        return (
            self._next in _BETWEEN | _WHEN | set(_OF)
            or self._coming(*_EACH, *_VALID, *_ONLY) > 0
            or self._next[0].isdigit()
        )

    def _again(self) -> bool:
        """Whether another channel follows « et », « ni de »: not a time."""
        while self._next in _BETWEEN:
            self._at += 1
        self._take(*((one,) for one in _OF))
        return bool(self._next) and not self._ends_channel() and self._next not in NOON

    def _quiet(self) -> tuple[tuple[Spelt, ...], tuple[SaidClosure, ...]]:
        channels = tuple(self._channels())
        if not channels:
            raise self._stop("dites de quels messages il s’agit", EXAMPLES[1])
        closures: list[SaidClosure] = []
        while self._next:
            while self._next in _BETWEEN:
                self._at += 1
            closures.append(self._closure())
        if not closures:
            raise self._stop("dites quand", EXAMPLES[1])
        return channels, tuple(closures)
