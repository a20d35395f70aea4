"""Liquid, as authors of messages may use it: few tags, few filters, hard limits.

Marketers write these templates, so the language is a closed list (a test holds it): no file is
read, nothing is marked as safe HTML, loops and output are bounded.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, DictLoader, Environment, Mode
from liquid.exceptions import FilterArgumentError, LiquidError
from liquid.filter import liquid_filter

from relance.french import MONTHS, WEEKDAYS
from relance.templates.budget import CountedFor, CountedTemplate
from relance.templates.runs import in_runs
from relance.templates.wellformed import look_over, look_through
from relance.values import Value
from relance.variable import bare, variable

TAGS = frozenset(
    {
        "if",
        "unless",
        "case",
        "for",
        "break",
        "continue",
        "assign",
        "capture",
        "comment",
        "echo",
        "cycle",
    }
)
#: What the parser itself is made of; not tags an author can write.
_INNER = frozenset({"content", "output", "illegal"})
FILTERS = frozenset(
    {
        "append",
        "capitalize",
        "default",
        "divided_by",
        "downcase",
        "first",
        "join",
        "last",
        "minus",
        "plus",
        "prepend",
        "remove",
        "replace",
        "round",
        "size",
        "split",
        "strip",
        "times",
        "truncate",
        "truncatewords",
        "upcase",
        "url_encode",
    }
)


#: What a filter may be given, and may give: characters, items.
_MOST_TEXT, _MOST_ITEMS = 200_000, 5_000
#: A number of more digits than this is shown as it was written.
_MOST_DIGITS = 30
#: Past that, sums and products are no author's: each doubles the digits of the one before.
_MOST_BITS = 1_000


class Bound(CountedTemplate):
    """A template that another process reads again by its source."""

    source = ""

    @cached_property
    def _quick(self) -> BoundTemplate:
        """The same, written by fewer steps; its own nodes tell what it says."""
        return CountedTemplate(self.env, in_runs(self.nodes))

    def render(self, *given: Any, **named: Any) -> str:
        """What it says with these values."""
        return self._quick.render(*given, **named)

    def __reduce__(self) -> tuple[Callable[..., BoundTemplate], tuple[str, bool]]:
        return _again, (self.source, self.env.autoescape)


class _Limited(Environment):
    """An environment that no template can exhaust."""

    template_class = Bound

    context_depth_limit = 10
    block_nesting_limit = 20
    loop_iteration_limit = 5_000
    local_namespace_limit = 200_000
    output_stream_limit = 500_000

    def from_string(self, source: str, *given: Any, **named: Any) -> BoundTemplate:
        """The template; LiquidError when it is not one, in a time that follows its length."""
        look_through(source)
        made = super().from_string(source, *given, **named)
        look_over(made, source)
        if isinstance(made, Bound):
            made.source = source
        return made


def _environment(*, autoescape: bool) -> Environment:
    made = _Limited(
        tolerance=Mode.STRICT,
        loader=DictLoader({}),
        strict_filters=True,
        autoescape=autoescape,
    )
    for name in set(made.tags) - TAGS - _INNER:
        del made.tags[name]
    made.add_tag(CountedFor)
    for name in set(made.filters) - FILTERS:
        del made.filters[name]
    for name, filter_ in FRENCH.items():
        made.add_filter(name, filter_)
    for name, any_filter in list(made.filters.items()):
        made.filters[name] = _careful(name, any_filter)
    return made


def _careful(name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that neither its author nor a lead's values can make break or swell."""

    @wraps(inner)
    def careful(given: object, *rest: Any, **more: Any) -> Any:
        if _swells(name, given, rest):
            raise FilterArgumentError(f"{name}: too much", token=None)
        try:
            found = inner(given, *rest, **more)
        except LiquidError:
            raise
        except (ArithmeticError, ValueError, TypeError) as error:
            raise FilterArgumentError(f"{name}: {error}", token=None) from error
        if _swollen(found):
            raise FilterArgumentError(f"{name}: too much", token=None)
        return found

    return careful


def _swells(name: str, given: object, rest: tuple[object, ...]) -> bool:
    """Whether the result would be far larger than what it is made of."""
    if isinstance(given, range):
        return len(given) > _MOST_ITEMS and name != "size"
    if name == "join" and isinstance(given, list | tuple):
        return len(given) * len(str(rest[0] if rest else " ")) > _MOST_TEXT
    if name == "replace" and rest:
        text, old, new = str(given), str(rest[0]), str(rest[1] if len(rest) > 1 else "")
        return len(text) + text.count(old) * len(new) > _MOST_TEXT
    return False


def _swollen(found: object) -> bool:
    """Whether a result is more than a message has any use for."""
    match found:
        case str():
            return len(found) > _MOST_TEXT
        case list():
            return len(found) > _MOST_ITEMS
        case int():
            return found.bit_length() > _MOST_BITS
    return False


def _date_of(given: object) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given).strip()[:10])
    except ValueError:
        return None


#: What the filter `date` may be given.
DATE_STYLES = ("long", "court", "jour", "sans année", "sans annee", "année", "annee")


@liquid_filter
def french_date(given: object, style: str = "long") -> str:
    """« 3 décembre 2026 »; styles long, court, jour (with the weekday), sans année, année."""
    day = _date_of(given)
    if day is None:
        return str(given or "")
    first = "1er" if day.day == 1 else str(day.day)
    short = f"{first}\u00a0{MONTHS[day.month - 1]}"
    match style:
        case "court":
            return day.isoformat()
        case "jour":
            return f"{WEEKDAYS[day.weekday()]} {short} {day.year}"
        case "sans année" | "sans annee":
            return short
        case "année" | "annee":
            return str(day.year)
        case _:
            return f"{short} {day.year}"


@liquid_filter
def french_number(given: object, decimals: object = None) -> str:
    """« 12 345,5 »: a narrow no-break space between thousands, a comma before decimals."""
    try:
        number = Decimal(str(given))
        places = None if decimals is None else max(0, min(6, int(str(decimals))))
    except (InvalidOperation, ValueError):
        return str(given or "")
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return str(given)
    text = f"{number:,f}" if places is None else f"{number:,.{places}f}"
    return text.replace(",", "\u202f").replace(".", ",")


@liquid_filter
def french_amount(given: object, sign: str = "$") -> str:
    """« 1 234,50 $ »."""
    text = french_number(given, 2)
    return f"{text}\u00a0{sign}" if text else ""


FRENCH: Mapping[str, Callable[..., Any]] = {
    "date": french_date,
    "nombre": french_number,
    "montant": french_amount,
}

#: For HTML: every value is escaped. For subjects, text parts and addresses: none is.
HTML = _environment(autoescape=True)
TEXT = _environment(autoescape=False)


@lru_cache(maxsize=512)
def _again(source: str, escaped: bool) -> BoundTemplate:
    """The template in a source, read once."""
    return (HTML if escaped else TEXT).from_string(source)


def field_variables(fields: Mapping[str, Value]) -> dict[str, object]:
    """A lead's fields as a template sees them; a field without value is simply not there."""
    found: dict[str, object] = {}
    for name, given in fields.items():
        if isinstance(given, str | bool | int | Decimal | date):
            plain, accented = _spellings(name)
            found[plain] = found[accented] = given
    return found


@lru_cache(maxsize=1024)
def _spellings(name: str) -> tuple[str, str]:
    return bare(name), variable(name)


def names_in(*templates: BoundTemplate) -> frozenset[str]:
    """The variables that these speak of: what is not asked for need not be read."""
    return frozenset(name for one in templates for name in one.analyze().globals)
