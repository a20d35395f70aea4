"""Who may post events: whoever signs with the secret of `[evenements]`, or holds its token.

Written once, for `/webhooks/events` and for the plugins' routes under `Guard.EVENTS`. Closed until
a secret or a token is set.
"""

import hmac
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope

from relance.host import Clock
from relance.webhook_signature import SignatureVerdict, verify
from server.http.exchange import bearer, header, headers, read_body, signed
from server.http.problems import Problems
from server.settings import EventSettings


@dataclass(frozen=True, slots=True)
class AuthenticatedPost:
    """What a program of the project sent; `message_id` is the signed id, if it was signed."""

    body: bytes
    message_id: str | None


class EventAuthentication:
    """Lets in the programs of the project, by the token or the secret of `[evenements]`."""

    def __init__(self, settings: EventSettings, clock: Clock, problems: Problems) -> None:
        self._settings = settings
        self._clock = clock
        self._problems = problems

    async def read(
        self, scope: Scope, receive: Receive, max_body: int
    ) -> AuthenticatedPost | Response:
        """The body of a request, or the refusal of one who has no right to send it.

        Raises as `read_body` does. Whoever shows neither token nor signature is not read.
        """
        settings = self._settings
        if settings.secret is None and settings.token is None:
            return self._problems.answer("ferme")
        shown = bearer(header(scope, b"authorization"))
        by_token = settings.token is not None and hmac.compare_digest(
            shown.encode(), settings.token.encode()
        )
        if not by_token and (settings.secret is None or not signed(scope)):
            return self._refused()
        body = await read_body(scope, receive, max_body)
        if by_token:
            return AuthenticatedPost(body, None)
        given = headers(scope)
        if (
            verify(settings.secret or b"", given, body, self._clock.now())
            is not SignatureVerdict.VALID
        ):
            return self._refused()
        return AuthenticatedPost(body, given["webhook-id"])

    def _refused(self) -> Response:
        challenge = {"www-authenticate": 'Bearer realm="relance"'}
        return self._problems.answer("signature", headers=challenge)
