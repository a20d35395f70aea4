"""Where a visitor may be sent after a form: allowed sites only, whatever the form says."""

from urllib.parse import quote, urlsplit

from relance.origin import origin_of

_MAX = 2_000
#: All that may stand in an address as it is; anything else is percent-encoded.
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


def allowed_redirect(target: str, own: str, sites: frozenset[str]) -> str | None:
    """The address to redirect to, safe in a header; None for one that is not allowed.

    A path (« /merci ») is one of this server's; anything else must be a whole address of this
    site or of an allowed one. Browsers read « //x » and « /\\x » as other sites: refused.
    """
    if not target or len(target) > _MAX or any(ord(c) <= 32 or ord(c) == 127 for c in target):
        return None
    if "\\" in target or target.startswith("//"):
        return None
    if any("\ud800" <= c <= "\udfff" for c in target):
        return None  # half a character
    if target.startswith("/"):
        return own + quote(target, safe=_SAFE)
    origin = origin_of(target)
    if origin is None or origin not in sites | {origin_of(own)}:
        return None
    parts = urlsplit(target)
    rest = parts._replace(scheme="", netloc="").geturl()
    if (rest and not rest.startswith(("/", "?", "#"))) or rest.startswith("//"):
        return None
    return origin + quote(rest, safe=_SAFE)
