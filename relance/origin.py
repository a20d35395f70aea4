"""Addresses on the web, and their origin: what browsers mean by « the same site »."""

import re
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import idna

MAX_ADDRESS: Final = 2_048
_USUAL = {"http": 80, "https": 443}
#: No address holds these: programs disagree on where such a one leads.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
#: No name of a site holds these.
_NO_NAME = re.compile(r'[@<>"]')


def origin_of(address: str) -> str | None:
    """Scheme, name and port, « https://www.exemple.ca »; None for anything not on the web."""
    found = parted(address)
    return None if found is None else found[1]


def site_of(text: str) -> str | None:
    """The origin of a whole site; None for anything else, a page of one included."""
    found = parted(text.strip())
    return None if found is None or found[0].path.strip("/") else found[1]


def in_ascii(address: str) -> str | None:
    """An address on the web as headers want it, its name as DNS does; None for anything else."""
    found = parted(address)
    if found is None:
        return None
    parts, origin = found
    rest = parts._replace(scheme="", netloc="").geturl()
    return origin + quote(rest, safe="/?#%&=+,;:@!$'()*~[]")


def parted(address: str) -> tuple[SplitResult, str] | None:
    """The parts of an address on the web, and its origin; None for anything else.

    At most `MAX_ADDRESS` characters. Names are IDNA 2008 under UTS 46, as browsers have them:
    « été.ca » is « xn--t-9fab.ca ».
    """
    if len(address) > MAX_ADDRESS or _FORBIDDEN.search(address):
        return None
    try:
        parts = urlsplit(address)
        origin = _origin(parts)
    except ValueError:  # a port that is no number, a name that is none
        return None
    return None if origin is None else (parts, origin)


def _origin(parts: SplitResult) -> str | None:
    if parts.scheme not in _USUAL or not parts.hostname or _NO_NAME.search(parts.netloc):
        return None
    port, name = parts.port, parts.hostname
    name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    host = f"[{name}]" if ":" in name else name
    usual = not port or port == _USUAL[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")
