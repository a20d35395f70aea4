"""The origin of an address: what browsers mean by « the same site »."""

import re
from urllib.parse import SplitResult, urlsplit

import idna

MAX_ADDRESS = 2_048
_USUAL = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"]")


def origin_of(address: str) -> str | None:
    """Scheme, name and port; None for anything that is not an address on the web."""
    found = parted(address)
    return None if found is None else found[1]


def site_of(text: str) -> str | None:
    """The origin of a whole site; None for anything else, a page of one included."""
    found = parted(text.strip())
    return None if found is None or found[0].path.strip("/") else found[1]


def parted(address: str) -> tuple[SplitResult, str] | None:
    """The parts of an address on the web, and its origin; None for anything else."""
    if len(address) > MAX_ADDRESS or _FORBIDDEN.search(address):
        return None
    try:
        parts = urlsplit(address)
        origin = _origin(parts)
    except ValueError:  # a port that is no number, a name that is none
        return None
    return None if origin is None else (parts, origin)


def _origin(parts: SplitResult) -> str | None:
    if parts.scheme not in _USUAL or not parts.hostname or "@" in parts.netloc:
        return None
    port, name = parts.port, parts.hostname
    name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    host = f"[{name}]" if ":" in name else name
    usual = not port or port == _USUAL[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")
