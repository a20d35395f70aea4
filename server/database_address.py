"""What the address of a database may look like, said to who wrote another."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_SQLITE = (
    "« sqlite:///chemin/de/la/base.db » (trois barres obliques, une quatrième si le chemin part de "
    "la racine), sans option"
)
_POSTGRESQL = (
    "« postgresql://compte:mot-de-passe@machine:5432/base » ; dans le mot de passe, "
    "« @ », « / », « : » et « % » s’écrivent « %40 », « %2F », « %3A » et « %25 »"
)
#: What a name may be long, in bytes, those of the files beside the base included.
_LONGEST = 240
_TLS = ("require", "verify-ca", "verify-full")
_SSL = ("disable", "allow", "prefer", *_TLS)


def expected(value: str) -> str | None:
    """What should have been written instead, in French; None where the address can be used."""
    kind = value.partition("://")[0]
    if kind not in {"sqlite", "postgresql"} or "\x00" in value:
        return "« sqlite:///chemin » ou « postgresql://… »"
    try:
        given = make_url(value)
        if kind == "sqlite":
            return None if _is_file(given) else _SQLITE
        if not _is_port(str(given.port or 5432)) or not _is_machine(given.host or ""):
            return _POSTGRESQL
    except (ArgumentError, ValueError, UnicodeError):
        return _POSTGRESQL if kind == "postgresql" else _SQLITE
    return _options(given)


def _is_file(given: URL) -> bool:
    path = given.database or ""
    name = Path(path).name
    named = path != ":memory:" and name not in {"", ".."} and len(name.encode()) <= _LONGEST
    return named and not given.host and not given.query


def _options(given: URL) -> str | None:
    """What should have been written in the place of an option that the driver cannot take."""
    unknown = given.query.keys() - _OPTIONS.keys()
    if unknown:
        return f"sans autre option que « {' », « '.join(_OPTIONS)} »"
    for name, values in given.normalized_query.items():
        fits, wanted = _OPTIONS[name]
        if not all(fits(value) for value in values) or (len(values) > 1 and name != "host"):
            return f"tel que « {name} » y soit, une fois, {wanted}"
    if "direct_tls" in given.query and given.query.get("ssl") not in _TLS:
        return f"tel que « direct_tls » y aille avec « ssl », qui soit {_either(_TLS)}"
    return None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65_536


def _is_machine(text: str) -> bool:
    """Whether that names a machine, its port perhaps, or the folder of a socket."""
    try:
        text.encode("utf-8" if text.startswith("/") else "idna")
    except UnicodeError:
        return False
    port = text.rpartition(":")[2] if text.count(":") == 1 else ""
    return _is_port(port or "5432")


def _is_delay(text: str) -> bool:
    try:
        return 0 < float(text) < inf
    except ValueError:
        return False


def _either(choices: Sequence[str]) -> str:
    return " ou ".join(f"« {choice} »" for choice in choices)


#: The options of an address that the driver takes from a text, and what each may be.
_OPTIONS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "command_timeout": (_is_delay, "un nombre de secondes"),
    "direct_tls": (lambda text: text == "true", "« true »"),
    "host": (_is_machine, "un nom de machine"),
    "passfile": (bool, "le chemin d’un fichier"),
    "port": (_is_port, "un nombre de 1 à 65535"),
    "ssl": (lambda text: text in _SSL, _either(_SSL)),
}
