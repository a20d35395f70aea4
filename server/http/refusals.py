"""What can keep a post from being taken, and the refusal each deserves: the same at every door."""

from relance.errors import StoreUnavailable, Unacceptable
from server.http.bodies import UnknownFormat, Unreadable
from server.http.exchange import Answer, Gone, Header, TooLarge, TooSlow
from server.http.problems import Problems

#: All that `refusal` knows how to tell.
REFUSED = (TooLarge, TooSlow, Gone, Unreadable, UnknownFormat, Unacceptable, StoreUnavailable)

_CLOSE: Header = (b"connection", b"close")
#: How long a sender waits before it tries again, in seconds.
_RETRY: Header = (b"retry-after", b"5")


def refusal(problems: Problems, error: Exception) -> Answer:
    """The answer to a request that raised one of `REFUSED`."""
    match error:
        case TooLarge():
            return problems.answer("corps-trop-grand", headers=[_CLOSE])
        case TooSlow():
            return problems.answer("corps-lent", headers=[_CLOSE])
        case UnknownFormat():
            return problems.answer("format-inconnu")
        case Unacceptable():
            kind = "contenu-different" if error.conflict else "contenu-refuse"
            return problems.answer(kind, error.problems)
        case StoreUnavailable():
            return problems.answer("indisponible", headers=[_RETRY])
        case _:  # cut short, or not what it says it is
            return problems.answer("corps-illisible")
