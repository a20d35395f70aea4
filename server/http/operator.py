"""Who is the operator: whoever opened the link that the server prints when it starts.

Nothing in a request can tell that it was asked on the machine itself: a proxy beside the server asks
from there too, whatever it forwards, and a browser's page of any site may ask through a borrowed
name. So the whole of the status is for a token of this run, kept by the browser that came with it.
"""

import hmac
import secrets
from urllib.parse import parse_qs

from server.http.exchange import Answer, Scope, header

_COOKIE = "relance_operateur"
_PARAMETER = "jeton"


class Operator:
    """Lets the operator in. The token lives as long as the server runs."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)

    def link(self, url: str) -> str:
        """The address to open, for a server that answers there."""
        return f"{url}/?{_PARAMETER}={self.token}"

    def asks(self, scope: Scope) -> bool:
        """Whether that request is the operator's: by the browser's cookie, or a program's token."""
        scheme, _, bearer = header(scope, b"authorization").partition(" ")
        if scheme.lower() == "bearer" and self._known(bearer.strip()):
            return True
        pieces = header(scope, b"cookie").split(";")
        named = [piece.partition("=") for piece in pieces]
        return any(name.strip() == _COOKIE and self._known(value) for name, _, value in named)

    def enters(self, scope: Scope) -> Answer | None:
        """Let in a browser that comes by the link: its address then tells the token no more."""
        query = scope["query_string"]
        if b"jeton" not in query or len(query) > 200:
            return None
        given = parse_qs(query.decode("latin-1")).get(_PARAMETER, [""])[0]
        if not self._known(given):
            return None
        kept = f"{_COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        return Answer(303, headers=((b"location", b"/"), (b"set-cookie", kept.encode())))

    def _known(self, given: str) -> bool:
        return hmac.compare_digest(given.strip().encode(), self.token.encode())
