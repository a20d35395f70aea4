"""The visitor's mark in a form's request: a fast look at headers, by the rules of `relance.visitor`."""

import re

from relance.visitor import COOKIE, MarkRules, refuses
from server.http.exchange import Header, Scope, header

_MARK = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{16,128}})\s*(?:;|$)")
_SIGNS = ("dnt", "sec-gpc")


def visitor_of(scope: Scope) -> str | None:
    """The mark this browser sent, if any, and if it may be followed."""
    cookies = header(scope, b"cookie")
    found = _MARK.search(cookies) if cookies else None
    return None if found is None or refuses(_signs(scope)) else found[1]


def may_mark(scope: Scope, rules: MarkRules) -> bool:
    """Whether the answer may give this browser a mark."""
    return rules.may_mark(_signs(scope))


def is_browser(scope: Scope) -> bool:
    """Whether somebody may be at the other end who will send the cookie back."""
    return bool(header(scope, b"sec-fetch-mode")) or "text/html" in header(scope, b"accept")


def set_cookie(visitor: str, rules: MarkRules) -> Header:
    """The header that gives a browser its mark."""
    return (b"set-cookie", rules.kept(visitor).encode())


def _signs(scope: Scope) -> dict[str, str]:
    return {name: header(scope, name.encode()) for name in _SIGNS}
