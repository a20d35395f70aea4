"""Whose page a browser posts from, by what browsers say and pages cannot forge.

A page under `Referrer-Policy: no-referrer` or `same-origin` has its browser send `Origin: null`
(Fetch, « append a request Origin header »), as does a form that crossed a redirect. The site named
in `origines` is then hidden, not absent: `Sec-Fetch-*` (Fetch Metadata, W3C), which browsers
write themselves, says what is left to know.
"""

from collections.abc import Collection, Mapping
from enum import Enum

#: What a browser sends in `Origin` when the page is not to be named.
HIDDEN = "null"


class Provenance(Enum):
    """Where a post comes from. Only those of `OURS` may be joined to a browser's past."""

    #: No browser, or one too old to say.
    UNSAID = "unsaid"
    #: A site that was named.
    NAMED = "named"
    #: Hidden, but of this server's own domain, as the browser itself says.
    NEAR = "near"
    #: Hidden, and sent by leaving a page for the answer, as a person who fills a form does.
    HIDDEN = "hidden"
    #: Another site, or a hidden page that posts behind its visitor's back.
    FOREIGN = "foreign"


OURS = frozenset({Provenance.UNSAID, Provenance.NAMED, Provenance.NEAR})


def provenance(headers: Mapping[str, str], sites: Collection[str]) -> Provenance:
    """Where the request with these (lower-case) headers comes from; `sites` are origins."""
    origin = headers.get("origin", "")
    if not origin:
        return Provenance.UNSAID
    if origin != HIDDEN:
        return Provenance.NAMED if origin in sites else Provenance.FOREIGN
    # A page of the same domain could write our cookies itself: nothing is lost by believing it.
    if headers.get("sec-fetch-site") in {"same-origin", "same-site"}:
        return Provenance.NEAR
    return Provenance.HIDDEN if _leaves_its_page(headers) else Provenance.FOREIGN


def _leaves_its_page(headers: Mapping[str, str]) -> bool:
    """Whether the visitor is taken to the answer; true of a browser that says nothing of it.

    A frame is no sign of a person, unless the browser saw one act (Safari never says so).
    """
    if not (mode := headers.get("sec-fetch-mode")):
        return True
    whole = headers.get("sec-fetch-dest") == "document"
    return mode == "navigate" and (whole or headers.get("sec-fetch-user") == "?1")
