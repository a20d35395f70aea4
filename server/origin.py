"""The origin of a web address: what browsers mean by « the same site »."""

from urllib.parse import quote, urlsplit

import idna


def _ascii_name(host: str) -> str:
    """A name as browsers and mail send it: « été.ca » is « xn--t-9fab.ca »."""
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


def in_ascii(address: str) -> str:
    """A web address with its name, path and the rest in ASCII; as it was when it is none."""
    origin = origin_of(address)
    if origin is None or address.isascii():
        return address
    rest = urlsplit(address)._replace(scheme="", netloc="").geturl()
    return origin + quote(rest, safe="/?#%&=+,;:@!$'()*~")


def origin_of(address: str) -> str | None:
    """The origin (scheme, host, port) of a web address; None for anything else."""
    if any(ord(letter) <= 32 or letter == "\\" for letter in address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    try:
        name = _ascii_name(parts.hostname)
    except UnicodeError:
        return None
    host = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
