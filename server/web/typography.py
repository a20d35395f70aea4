"""French spaces, set once for all that people read: nobody types them.

The words of a template are set as it is read, values by the filter `fr`. What people wrote and may
send back (a script, the value of a field) is never touched.
"""

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
from server.reports.spacing import NARROW, pointed, spaced


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
