"""The visitor's mark in a form's request: a fast look at headers, by the rules of `relance.visitor`."""

import re

from relance.visitor import CHOICE, COOKIE, MarkRules
from server.http.exchange import Header, Scope, header

_OURS = re.compile(rf"(?:^|;)\s*({COOKIE}|{CHOICE})=([^;]*)")
_SIGNS = ("dnt", "sec-gpc")


def visitor_of(scope: Scope, rules: MarkRules) -> str | None:
    """The mark this browser sent, if any, and if it may be followed."""
    cookies = _cookies(scope)
    return rules.mark_of(cookies, _signs(scope)) if cookies else None


def may_mark(scope: Scope, rules: MarkRules) -> bool:
    """Whether the answer may give this browser a mark."""
    return rules.may_mark(_cookies(scope), _signs(scope))


def is_browser(scope: Scope) -> bool:
    """Whether somebody may be at the other end who will send the cookie back."""
    return bool(header(scope, b"sec-fetch-mode")) or "text/html" in header(scope, b"accept")


def set_cookie(visitor: str, rules: MarkRules) -> Header:
    """The header that gives a browser its mark."""
    return (b"set-cookie", rules.kept(visitor).encode())


def _signs(scope: Scope) -> dict[str, str]:
    return {name: header(scope, name.encode()) for name in _SIGNS}


def _cookies(scope: Scope) -> dict[str, str]:
    """Those of ours; of two by one name, the first counts, as everywhere."""
    text = header(scope, b"cookie")
    found: dict[str, str] = {}
    for name, value in _OURS.findall(text) if text else ():
        found.setdefault(name, value.strip().strip('"'))
    return found
