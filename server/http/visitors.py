"""The visitor's mark in a form's request: a fast look at headers, by the rules of `relance.visitor`."""

from starlette.requests import cookie_parser
from starlette.types import Scope

from relance.visitor import MarkRules
from server.http.exchange import header

_SIGNS = {b"dnt": "dnt", b"sec-gpc": "sec-gpc"}


def marked(scope: Scope, rules: MarkRules) -> tuple[str | None, bool]:
    """The mark this browser sent, if any and if it may be followed; whether it may be given one."""
    cookies = ""
    signs: dict[str, str] = {}
    for name, value in scope["headers"]:  # once, whatever is sought: every form pays for it
        if name == b"cookie":
            cookies = cookies or str(value, "latin-1")
        elif name in _SIGNS:
            signs.setdefault(_SIGNS[name], str(value, "latin-1"))
    known = cookie_parser(cookies) if cookies else {}
    return rules.mark_of(known, signs) if known else None, rules.may_mark(known, signs)


def is_browser(scope: Scope) -> bool:
    """Whether somebody may be at the other end who will send the cookie back."""
    return bool(header(scope, b"sec-fetch-mode")) or "text/html" in header(scope, b"accept")
