"""Browsers that take notifications: what they post when a person says yes, and no.

A browser is known by the address its push service gave it, which nobody can guess. It is the
visitor's of the site's mark; one that keeps no mark makes a lead of its own.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from plugins.kit.pace import Pace
from plugins.push.encryption import decoded, public_key
from plugins.push.happenings import CHANNEL, SUBSCRIBED, UNSUBSCRIBED
from plugins.push.settings import SERVICES, PushSettings
from relance.client import client_of
from relance.errors import Problem, Unacceptable
from relance.events import NewEvent
from relance.host import Host, Identities, Incoming
from relance.reach import Attach, Detach
from relance.route import Guard, Route
from relance.visitor import mark_rules

PATH = "/notifications/abonnement"
LEAVE_PATH = "/notifications/desabonnement"
MAX_BODY = 8_192
_MAX_ENDPOINT = 2_048
_PURPOSE = "push-mark"
#: Of a mark made from a browser's own address: 128 bits, in hexadecimal.
_MARK = 32
#: A name as the services of browsers have them. A stranger writes it and we look it up: what no
#: resolver takes, or takes for another name, would fail again at each notification.
_NAME = re.compile(r"(?:(?!..--)(?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z]{2,24}")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser that takes notifications: where to write, and what to seal them with."""

    endpoint: str
    key: bytes
    auth: bytes


def read_subscription(data: object, services: frozenset[str]) -> Subscription | None:
    """The subscription in what a browser posted, or in what was kept; None when it is none."""
    given = data if isinstance(data, Mapping) else {}
    keys = given.get("keys")
    endpoint = read_endpoint(given.get("endpoint"), services)
    if endpoint is None or not isinstance(keys, Mapping):
        return None
    try:
        key, auth = decoded(str(keys.get("p256dh"))), decoded(str(keys.get("auth")))
        public_key(key)
    except ValueError:
        return None
    return Subscription(endpoint, key, auth) if len(auth) == 16 else None


def read_endpoint(text: object, services: frozenset[str]) -> str | None:
    """An address at a push service that is known or trusted; None for any other."""
    if not isinstance(text, str) or len(text) > _MAX_ENDPOINT or not text.isascii():
        return None
    if not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None:
        return None
    if host in services:
        return text if parts.scheme in ("http", "https") else None
    if parts.scheme != "https" or port not in (None, 443):
        return None
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        return None
    known = any(host == one or host.endswith("." + one) for one in SERVICES)
    return text if known else None


class Subscriptions:
    """Answers browsers that come and go."""

    def __init__(self, host: Host, settings: PushSettings) -> None:
        self._host = host
        self._settings = settings
        self._rules = mark_rules(host.public_url, host.settings)
        self._pace = Pace()

    def routes(self) -> list[Route]:
        """Where a person says yes, and no."""
        methods = ("POST",)
        return [
            Route(PATH, methods, Guard.PUBLIC, self._came, max_body=MAX_BODY),
            Route(LEAVE_PATH, methods, Guard.PUBLIC, self._left, max_body=MAX_BODY),
        ]

    async def _came(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        found = read_subscription(_read(await request.body()), self._settings.services)
        if found is None:
            said = "Cet abonnement n’est pas celui d’un navigateur, ou son service est inconnu."
            raise Unacceptable([Problem("", said)])
        known = self._rules.mark_of(request.cookies, request.headers)
        # To accept notifications is to agree to be known here, unless the browser asks otherwise.
        may_mark = self._rules.may_mark(request.cookies, request.headers, agreed=True)
        mark = known or (self._mark(found) if may_mark else None)
        await self._record(found, mark)
        fresh = {} if known or mark is None else {"set-cookie": self._rules.kept(mark)}
        return self._answer(request, fresh)

    def _mark(self, found: Subscription) -> str:
        """A mark for that browser: the same when it did not hear our answer and tells us again."""
        token = self._host.sign(_PURPOSE, _own(found))
        return hashlib.sha256(token.encode()).hexdigest()[:_MARK]

    async def _record(self, found: Subscription, mark: str | None) -> None:
        own = _own(found)
        kept = Attach(CHANNEL, found.endpoint, _written(found), visitor=mark, event_type=SUBSCRIBED)
        await self._host.record(
            [
                Incoming(
                    "push",
                    Identities(visitor=mark or f"push-{own}"),
                    events=[NewEvent(SUBSCRIBED)],
                    key=f"{own}/{mark or ''}",
                    receives=True,
                    reach=[kept],
                )
            ]
        )

    async def _left(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        given = _read(await request.body())
        endpoint = given.get("endpoint") if isinstance(given, Mapping) else None
        if not isinstance(endpoint, str) or len(endpoint) > _MAX_ENDPOINT:
            raise Unacceptable([Problem("/endpoint", "Il manque l’adresse du navigateur.")])
        lead = await self._host.holder(CHANNEL, endpoint)
        if lead is not None:
            gone = Detach(CHANNEL, endpoint, last=UNSUBSCRIBED)
            await self._host.record([Incoming("push", Identities(lead_id=lead), reach=[gone])])
        return self._answer(request, {})

    def _refused(self, request: Request) -> Response | None:
        """The answer to who may not post here: another site's page, or far too many."""
        if request.headers.get("origin", "").lower() not in self._settings.sites:
            return Response(status_code=403)
        now = self._host.clock.now().timestamp()
        if not self._pace.allows(None, client_of(request), now):
            return Response(status_code=429, headers={"retry-after": "60"})
        return None

    def _answer(self, request: Request, more: Mapping[str, str]) -> Response:
        shared = {
            "access-control-allow-origin": request.headers["origin"],
            "access-control-allow-credentials": "true",
            "vary": "origin",
            "cache-control": "no-store",
        }
        return Response(status_code=204, headers={**shared, **more})


def _own(found: Subscription) -> str:
    return hashlib.sha256(found.endpoint.encode()).hexdigest()


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _written(found: Subscription) -> str:
    keys = {"p256dh": found.key.hex(), "auth": found.auth.hex()}
    return json.dumps({"endpoint": found.endpoint, **keys})


def kept_subscription(text: str) -> Subscription:
    """A subscription as it was attached to its lead."""
    data = json.loads(text)
    return Subscription(
        data["endpoint"], bytes.fromhex(data["p256dh"]), bytes.fromhex(data["auth"])
    )
