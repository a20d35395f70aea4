"""French spaces, set once for all that people read: nobody types them.

The words of a template are set as it is read, values by the filter `fr`. What people wrote and may
send back (a script, the value of a field) is never touched.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from relance.french import MONTHS, NBSP, WEEKDAYS
from server.http.pages import shown
from server.reports import french

#: The narrow no-break space: before « ; ! ? % », and between thousands.
NARROW = "\u202f"
_WIDE = re.compile(r"(?<=«) |(?<=n°) | (?=[»:])")
_BEFORE = re.compile(rf"[ {NBSP}](?=[;!?%])")
_THOUSANDS = re.compile(rf"(?<=\d)[ {NBSP}](?=\d{{3}}(?!\d))")
_UNITS = re.compile(
    r"(?<=\d) (?=(?:h|j|min|s|jours?|heures?|minutes?|mois|ans?|fois|personnes?)\b)"
)
#: Between the number of hours and that of minutes: « 9 h 05 ».
_MINUTES = re.compile(rf"(?<=\d{NBSP}h) (?=\d\d\b)")


def pointed(text: str) -> str:
    """`text` with the spaces of French around its signs; numbers, as in a drawing, are left alone."""
    return _BEFORE.sub(NARROW, _WIDE.sub(NBSP, text))


def spaced(text: str) -> str:
    """`text` with the spaces of French where an ordinary one stands."""
    text = pointed(text)
    return _MINUTES.sub(NBSP, _UNITS.sub(NBSP, _THOUSANDS.sub(NARROW, text)))


def fr(value: object) -> Markup:
    """The filter: a sentence, its spaces set; markup stays markup."""
    # What would hide in a text is shown, here too: markup is not looked at again by the page.
    text = value if isinstance(value, Markup) else escape(shown(value))
    return Markup(spaced(str(text)))  # noqa: S704 — escaped just there


def thousands(value: int | float | Decimal) -> str:
    """« 1 284 », « 21,6 »: digits three by three, a narrow space between."""
    return french.number(value).replace(NBSP, NARROW)


def percent(share: float | None, digits: int = 1) -> str:
    """« 21,6 % » of a share from 0 to 1; a dash of nothing."""
    return "—" if share is None else f"{thousands(round(share * 100, digits))}{NARROW}%"


def day_in_words(at: datetime, zone: ZoneInfo, today: datetime) -> str:
    """« aujourd’hui », « hier », « vendredi 27 novembre », with its year when it is another."""
    local, now = at.astimezone(zone).date(), today.astimezone(zone).date()
    near = {0: "aujourd’hui", 1: "hier", -1: "demain"}.get((now - local).days)
    if near is not None:
        return near
    number = f"1{'er'}" if local.day == 1 else str(local.day)
    words = f"{WEEKDAYS[local.weekday()]}{NBSP}{number}{NBSP}{MONTHS[local.month - 1]}"
    return words if local.year == now.year else f"{words}{NBSP}{local.year}"


class FrenchSpaces(Extension):
    """Jinja: the words that stand in a template, set as it is read."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Each token of the template; its own words spaced."""
        return self._spaced(stream)

    def _spaced(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", pointed(token.value))
            else:
                yield token
