"""Who is the operator: whoever opened the link that the server prints when it starts.

Nothing in a request can tell that it was asked on the machine itself: a proxy beside the server asks
from there too, whatever it forwards, and a browser's page of any site may ask through a borrowed
name. So what is the operator's is for a token of this run, kept by the browser that came with it.
"""

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

#: How to come in, told to who has not.
WAY_IN = (
    "Ouvrez le lien que le serveur a écrit dans son journal en démarrant : il porte un jeton, "
    "renouvelé à chaque démarrage."
)
_COOKIE = "relance_operateur"
_PARAMETER = "jeton"
_LONGEST_QUERY = 200


class Operator:
    """Lets the operator in. The token lives as long as the server runs."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)

    def link(self, url: str, path: str = "/") -> str:
        """The address to open, for a server that answers there; `path` is where it leads."""
        return f"{url}{path}?{_PARAMETER}={self.token}"

    def asks(self, request: Request) -> bool:
        """Whether that request is the operator's: by the browser's cookie, or a program's token."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._known(bearer):
            return True
        return self._known(request.cookies.get(_COOKIE, ""))

    def enters(self, request: Request) -> Response | None:
        """Let in a browser that comes by the link: its address then tells the token no more."""
        query = request.scope["query_string"]
        if len(query) > _LONGEST_QUERY or not self._known(request.query_params.get(_PARAMETER, "")):
            return None
        kept = f"{_COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        return RedirectResponse(request.scope["path"], 303, {"set-cookie": kept})

    def _known(self, given: str) -> bool:
        return hmac.compare_digest(given.strip().encode(), self.token.encode())
