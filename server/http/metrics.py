"""`GET /metrics`: what Prometheus reads of a process, for who shows the token of `[metriques]`.

Closed until that token is set: the address is then not there at all. It is a token of the settings, and
no account's: it must answer while the base does not, and on processes that know no account.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.responses import Response
from starlette.types import Scope

from server.http.exchange import bearer, header
from server.http.problems import Problems

PATH = "/metrics"

#: The text, in a form that the asking program takes, and its type.
Exposed: TypeAlias = Callable[[str], Awaitable[tuple[bytes, str]]]


class MetricsDoor:
    """Answers it."""

    def __init__(self, token: str, problems: Problems, exposed: Exposed) -> None:
        self._token, self._problems, self._exposed = token.encode(), problems, exposed

    async def __call__(self, scope: Scope) -> Response:
        """The measures, or the refusal of who shows no such token."""
        shown = bearer(header(scope, b"authorization"))
        if not hmac.compare_digest(shown.encode(), self._token):
            challenge = {"www-authenticate": 'Bearer realm="relance"'}
            return self._problems.answer("metriques", headers=challenge)
        if scope["method"] not in ("GET", "HEAD"):
            return self._problems.answer("methode", headers={"allow": "GET, HEAD"})
        text, kind = await self._exposed(header(scope, b"accept"))
        return Response(text, headers={"content-type": kind})
