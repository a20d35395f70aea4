"""Calls to a CRM's HTTP API, and what each way of failing means for the message.

Before the request has left, nothing happened; a connection lost after a write means nobody knows;
an answer of the CRM means what it says.
"""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from plugins.crm.contact import Failed
from relance.channel import Doubtful, Refused, Retry
from relance.errors import NetworkRefused
from relance.host import Host

#: What the network says before a request could leave.
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LONGEST_PAUSE = 24 * 3600.0
_MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A CRM's answer: 2xx or 404, its body read as a JSON object."""

    status: int
    data: Mapping[str, Any]


class Api:
    """One API: its address and the token that opens it."""

    def __init__(self, host: Host, base: str, token: str, timeout: float) -> None:
        self._host = host
        self._base = base.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._stack = AsyncExitStack()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        writes: bool = False,
    ) -> Answer:
        """The answer to one request; `writes`: whether its loss would leave a doubt."""
        try:
            answer = await self._send(method, path, query, body)
        except NetworkRefused as error:
            raise Failed(Retry(str(error))) from error
        except _BEFORE as error:
            raise Failed(Retry("le CRM est injoignable")) from error
        except httpx.HTTPError as error:
            if writes:
                raise Failed(Doubtful("la connexion au CRM s’est perdue en route")) from error
            raise Failed(Retry("le CRM ne répond pas")) from error
        return self._read(answer, writes)

    async def _send(
        self, method: str, path: str, query: Mapping[str, str] | None, body: object
    ) -> httpx.Response:
        client = self._client or await self._open()
        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        return await client.request(
            method, self._base + path, params=query, json=body, headers=headers
        )

    async def _open(self) -> httpx.AsyncClient:
        opening = self._host.network.http(timeout=self._timeout)
        client: httpx.AsyncClient = await self._stack.enter_async_context(opening)
        self._client = client
        return client

    def _read(self, answer: httpx.Response, writes: bool) -> Answer:
        status = answer.status_code
        if status == 404:
            return Answer(status, {})
        if not 200 <= status < 300:
            raise Failed(self._refusal(answer))
        data = _json(answer)
        if data is None:
            unreadable = "le CRM a répondu autre chose que du JSON"
            raise Failed(Doubtful(unreadable) if writes else Retry(unreadable))
        return Answer(status, data)

    def _refusal(self, answer: httpx.Response) -> Retry | Refused:
        status, said = answer.status_code, _said(answer)
        match status:
            case 401 | 403:
                return Retry(f"le CRM refuse l’accès ({status}) : vérifiez « jeton » dans [crm]")
            case 429:
                return Retry("le CRM demande d’attendre (429)", self._pause(answer))
            case 408 | 409 | 423 | 425:
                return Retry(f"le CRM ne le peut pas pour le moment ({status}){said}")
            case _ if status >= 500:
                return Retry(f"le CRM est en panne ({status})", self._pause(answer))
            case _:
                return Refused(f"le CRM refuse ce contact ({status}){said}")

    def _pause(self, answer: httpx.Response) -> float | None:
        """What `Retry-After` asks: seconds, or a date."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdecimal() and len(text) < 9:
            return min(float(text), _LONGEST_PAUSE)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - self._host.clock.now()).total_seconds()
        return min(seconds, _LONGEST_PAUSE) if seconds > 0 else None

    async def close(self) -> None:
        """Let the connections go."""
        self._client = None
        await self._stack.aclose()


def _json(answer: httpx.Response) -> Mapping[str, Any] | None:
    try:
        data = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _said(answer: httpx.Response) -> str:
    """What the CRM says of its refusal, on one line."""
    message = (_json(answer) or {}).get("message")
    text = " ".join(message.split())[:_MOST_SAID] if isinstance(message, str) else ""
    return f" : {text}" if text.isprintable() and text else ""
