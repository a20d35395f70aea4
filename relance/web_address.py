"""Web addresses people are sent to: which are acceptable, and how UTM parameters are added.

Pure text, shared by the checker, which refuses a bad address where it is written, and by whatever
serves it later.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

#: The word of a script → the parameter analytics tools read.
UTM: Final[Mapping[str, str]] = {
    "source": "utm_source",
    "support": "utm_medium",
    "campagne": "utm_campaign",
    "terme": "utm_term",
    "contenu": "utm_content",
}
LONGEST_URL: Final = 2_000
_HIDDEN = re.compile(r"[\x00-\x20\x7f\u00a0\u1680\u2000-\u200f\u2028-\u202f\u2060-\u2064\ufeff]")
_HOST = re.compile(r"[^\s/?#@\\<>\"'`{}|^%:\[\]]+|\[[0-9A-Fa-f:.]+\]")


def refused(url: str) -> str | None:
    """Why this is no address to send people to, in French, for the author; None if it is one."""
    if not url:
        return "il manque l’adresse, comme « https://www.exemple.ca/tarifs »"
    if len(url) > LONGEST_URL:
        return f"cette adresse est trop longue (plus de {LONGEST_URL} caractères)"
    if _HIDDEN.search(url) or "\\" in url:
        return "une adresse ne contient ni espace, ni signe invisible, ni « \\ »"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "cette adresse est mal formée"
    if parts.scheme.lower() not in ("http", "https"):
        return "une adresse commence par « https:// » ou « http:// »"
    if "@" in parts.netloc:
        return "une adresse ne contient ni nom d’utilisateur ni mot de passe"
    host = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    if not _HOST.fullmatch(host.removesuffix(":")):
        return "il manque le nom du site, comme « https://www.exemple.ca/tarifs »"
    return None


def with_utm(url: str, utm: Mapping[str, str]) -> str:
    """The address with those parameters it does not have already, their values in lower case.

    What it says already is left as it is, in its order, and its fragment stays last. Anything but
    an http address comes back untouched: nobody measures a « mailto: ».
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme.lower() not in ("http", "https"):
        return url
    try:
        present = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:  # more parameters than anyone writes
        return url
    added = [
        f"{quote(name, safe='')}={quote(value.strip().lower(), safe='')}"
        for name, value in utm.items()
        if name.lower() not in present and value.strip()
    ]
    query = "&".join(part for part in (parts.query, *added) if part)
    return urlunsplit(parts._replace(query=query))
