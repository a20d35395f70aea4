"""Calls to a CRM's HTTP API, and what each way of failing means for the message.

Before the request has left, nothing happened; a connection lost after a write means nobody knows;
an answer of the CRM means what it says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from plugins.crm.contact import CallFailed
from plugins.kit import calls
from relance.channel import Doubtful, Refused, Retry
from relance.host import Host

_LONGEST_PAUSE = 24 * 3600.0
_MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class CrmAnswer:
    """A CRM's answer: 2xx or 404, its body read as a JSON object."""

    status: int
    data: Mapping[str, Any]


class Api:
    """One API: its address and the token that opens it."""

    def __init__(self, host: Host, base: str, token: str, timeout: float) -> None:
        self._clock = host.clock
        self._base = base.rstrip("/")
        self._headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/json",
            "content-type": "application/json",
        }
        self._caller = calls.Caller(host.network, timeout)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        writes: bool = False,
    ) -> CrmAnswer:
        """The answer to one request; `writes`: whether its loss would leave a doubt."""
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        content = b"" if body is None else json.dumps(body).encode()
        match await self._caller.call(method, url, self._headers, content):
            case calls.Unreached(reason):
                raise CallFailed(Retry(reason))
            case calls.Unanswered(reason):
                raise CallFailed(Doubtful(reason) if writes else Retry(reason))
            case answer:
                return self._read(answer, writes)

    def _read(self, answer: calls.ProviderAnswer, writes: bool) -> CrmAnswer:
        status = answer.status
        if status == 404:
            return CrmAnswer(status, {})
        if not 200 <= status < 300:
            raise CallFailed(self._refusal(answer))
        data = _json(answer)
        if data is None:
            unreadable = "le CRM a répondu autre chose que du JSON"
            raise CallFailed(Doubtful(unreadable) if writes else Retry(unreadable))
        return CrmAnswer(status, data)

    def _refusal(self, answer: calls.ProviderAnswer) -> Retry | Refused:
        status, said = answer.status, _said(answer)
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

    def _pause(self, answer: calls.ProviderAnswer) -> float | None:
        """What `Retry-After` asks: seconds, or a date."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdecimal() and len(text) < 9:
            return min(float(text), _LONGEST_PAUSE)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - self._clock.now()).total_seconds()
        return min(seconds, _LONGEST_PAUSE) if seconds > 0 else None

    async def close(self) -> None:
        """Let the connections go."""
        await self._caller.close()


def _json(answer: calls.ProviderAnswer) -> Mapping[str, Any] | None:
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _said(answer: calls.ProviderAnswer) -> str:
    """What the CRM says of its refusal, on one line."""
    message = (_json(answer) or {}).get("message")
    text = " ".join(message.split())[:_MOST_SAID] if isinstance(message, str) else ""
    return f" : {text}" if text.isprintable() and text else ""
