"""What the address of a database may look like, said to who wrote another."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_SQLITE = (
    "« sqlite:///chemin/de/la/base.db » (trois barres obliques, une quatrième si le chemin part de "
    "la racine), sans option"
)
_POSTGRESQL = (
    "« postgresql://compte:mot-de-passe@machine:5432/base » ; dans le mot de passe, "
    "« @ », « / », « : » et « % » s’écrivent « %40 », « %2F », « %3A » et « %25 »"
)
#: What asyncpg takes from the address.
_OPTIONS = frozenset(
    {
        "host",
        "port",
        "ssl",
        "passfile",
        "timeout",
        "command_timeout",
        "statement_cache_size",
        "direct_tls",
    }
)


def expected(value: str) -> str | None:
    """What should have been written instead, in French; None where the address can be used."""
    kind = value.partition("://")[0]
    if kind not in {"sqlite", "postgresql"} or "\x00" in value:
        return "« sqlite:///chemin » ou « postgresql://… »"
    sample = _POSTGRESQL if kind == "postgresql" else _SQLITE
    try:
        given = make_url(value)
        known = given.query.keys() <= _OPTIONS
        if not 0 < (given.port or 5432) < 65_536:
            return sample
    except (ArgumentError, ValueError, UnicodeError):
        return sample
    if kind == "sqlite" and (given.host or given.query or given.database in {None, "", ":memory:"}):
        return _SQLITE
    if kind == "postgresql" and not known:
        return f"sans autre option que « {' », « '.join(sorted(_OPTIONS))} »"
    return None
