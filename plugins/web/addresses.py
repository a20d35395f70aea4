"""Addresses as browsers tell them, made fit to keep: no secret, no ornament, nothing hostile.

The path is what rules speak of; the whole address is kept beside it, less the parameters that
only say where the visitor came from and those that may open a door or name a person.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from relance.origin import parted

_MAX_VALUE = 100
#: Browsers never send these as they are: who does means them to be read as a page.
_UNSENT = re.compile(r'[<>"]')
_ENCODED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
#: Parameters that say where the visitor came from, beside `utm_…`.
_ORIGINS = frozenset(
    [
        "gclid",
        "gbraid",
        "wbraid",
        "dclid",
        "fbclid",
        "msclkid",
        "ttclid",
        "twclid",
        "yclid",
        "igshid",
        "li_fat_id",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "vero_id",
    ]
)
_SECRET = re.compile(
    r"token|jeton|pass|mdp|pwd|secret|session|auth|signature|jwt|csrf|xsrf|mail|courriel"
    r"|phone|telephone|password|(?:^|[_.-])(?:key|cle|sid|code|sig|otp|nonce|state|ticket|tel"
    r"|nom|prenom|name|user|login|iban)(?:$|[_.-])|apikey|^ssid"
)
#: A long run of letters and figures is a key more often than a word.
_KEY_LIKE = re.compile(r"(?=[^\W\d]*\d)(?=\d*[^\W\d])\w{24,}|eyJ[\w-]{10,}\.[\w.-]+")


@dataclass(frozen=True, slots=True)
class VisitedPage:
    """An address, fit to keep. `came` holds its `utm_…` parameters, by name."""

    origin: str
    path: str
    address: str
    came: Mapping[str, str]


def page_of(address: str) -> VisitedPage | None:
    """The page at an address; None for anything that is not one on the web, or is not as it is sent."""
    found = parted(address)
    if found is None or _UNSENT.search(address):
        return None
    parts, origin = found
    path = plain_path(parts.path)
    if parts.fragment.startswith(("/", "!/")):  # applications that route by what follows « # »
        path += "#" + _legible(parts.fragment.partition("?")[0])
    pieces = list(_pieces(parts.query))
    kept = "&".join(piece for name, value, piece in pieces if not _dropped(name, value))
    came = {
        name: text
        for name, value, _ in pieces
        if name.startswith("utm_") and len(name) <= 40 and (text := line(value, _MAX_VALUE))
    }
    return VisitedPage(origin, path, origin + path + (f"?{kept}" if kept else ""), came)


def plain_path(path: str) -> str:
    """A path as people write it: « /équipe » for « /%C3%A9quipe/ »; long keys left out."""
    pieces = [
        "…" if _KEY_LIKE.fullmatch(piece) or "@" in unquote(piece) else piece
        for piece in re.split("/+", _legible(path).strip("/"))
    ]
    return "/" + "/".join(pieces)


def line(text: str, limit: int) -> str:
    """A text from outside on one line, without what cannot be shown, cut at `limit`."""
    words = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    return " ".join(words.split())[:limit].strip()


def _legible(text: str) -> str:
    """Accents in clear; what would change the address, or not be seen in it, stays encoded."""
    return _visible(_ENCODED.sub(_decoded, text) if "%" in text else text)


def _decoded(encoded: re.Match[str]) -> str:
    text = unquote(encoded[0], errors="replace")
    return text if text.isprintable() and "\ufffd" not in text else encoded[0]


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else quote(c, errors="replace") for c in text)


def _pieces(query: str) -> Iterator[tuple[str, str, str]]:
    """Each parameter: its name, its value, and both as they are written."""
    for piece in query.split("&")[:100]:
        name, _, value = piece.partition("=")
        if name:
            yield unquote_plus(name).lower(), unquote_plus(value), _legible(piece)


def _dropped(name: str, value: str) -> bool:
    return (
        name.startswith("utm_")
        or name in _ORIGINS
        or len(value) > _MAX_VALUE
        or "@" in value
        or bool(_SECRET.search(name) or _KEY_LIKE.search(value))
    )
