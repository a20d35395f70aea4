"""The visitor's cookie: an unguessable mark that joins what one browser does."""

import re
import secrets

from server.http.exchange import Header, Scope, header

COOKIE = "relance_visiteur"
_YEAR = 365 * 24 * 3600
_MARK = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{16,128}})\s*(?:;|$)")


def visitor_of(scope: Scope) -> str | None:
    """The mark this browser sent, if any."""
    cookies = header(scope, b"cookie")
    found = _MARK.search(cookies) if cookies else None
    return found[1] if found else None


def new_visitor() -> str:
    """A new mark."""
    return secrets.token_urlsafe(18)


def is_browser(scope: Scope) -> bool:
    """Whether somebody may be at the other end who will send the cookie back."""
    return bool(header(scope, b"sec-fetch-mode")) or "text/html" in header(scope, b"accept")


def set_cookie(visitor: str, *, secure: bool) -> Header:
    """The header that gives a browser its mark."""
    kept = f"{COOKIE}={visitor}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
    return (b"set-cookie", (kept + "; Secure" if secure else kept).encode())
