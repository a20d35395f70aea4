"""What can keep a post from being taken, and the refusal each deserves: the same at every door."""

import math

from starlette.responses import Response

from relance.errors import StoreUnavailable, Unacceptable
from server.http.bodies import UnknownFormat, UnreadableBody
from server.http.deadline import TooLong
from server.http.exchange import Gone, TooLarge, TooMany, TooSlow
from server.http.problems import Problems
from server.http.quota import TooMuch
from server.intake.queue import IntakeFull

#: All that `refusal` knows how to tell.
REFUSED = (
    TooLarge,
    TooLong,
    TooMany,
    TooMuch,
    TooSlow,
    Gone,
    UnreadableBody,
    UnknownFormat,
    Unacceptable,
    StoreUnavailable,
)

_CLOSE = {"connection": "close"}
#: How long a sender waits before it tries again, in seconds.
RETRY = {"retry-after": "5"}


def refusal(problems: Problems, error: Exception) -> Response:
    """The answer to a request that raised one of `REFUSED`."""
    match error:
        case TooLarge():
            return problems.answer("corps-trop-grand", headers=_CLOSE)
        case TooSlow():
            return problems.answer("corps-lent", headers=_CLOSE)
        case UnknownFormat():
            return problems.answer("format-inconnu")
        case Unacceptable():
            kind = "contenu-different" if error.conflict else "contenu-refuse"
            return problems.answer(kind, error.problems)
        case TooMany():
            return problems.answer("occupe", headers=_CLOSE | RETRY)
        case TooMuch():
            after = {"retry-after": str(math.ceil(error.after))}
            return problems.answer("quota", headers=after)
        case TooLong():
            return problems.answer("delai", headers=RETRY)
        case IntakeFull():
            return problems.answer("plein", headers=RETRY)
        case StoreUnavailable():
            return problems.answer("indisponible", headers=RETRY)
        case _:  # cut short, or not what it says it is
            return problems.answer("corps-illisible")
