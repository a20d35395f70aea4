"""One receiver, as a sink: a signed POST an event (Standard Webhooks 1.0).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal

from plugins.calls.happenings import CALL_REQUESTED
from plugins.calls.settings import SECTION, Endpoint
from plugins.kit.calls import Caller, ProviderAnswer
from relance.channel import Retry, Sent
from relance.events import EventPattern
from relance.host import Host
from relance.sink import Delivery, Handed, SinkGone
from relance.values import Amount
from relance.webhook_signature import sign

_GONE = 410


class Calls:
    """Calls one receiver."""

    def __init__(self, host: Host, endpoint: Endpoint) -> None:
        self.name = f"{SECTION}.{endpoint.name}"
        self.wants: Sequence[EventPattern] = (
            EventPattern(CALL_REQUESTED, endpoint.name),
            *(EventPattern(one) for one in endpoint.events),
        )
        self.concurrency, self.timeout = endpoint.concurrency, endpoint.timeout + 1
        self._endpoint = endpoint
        self._caller = Caller(host.network, endpoint.timeout)

    async def deliver(self, delivery: Delivery) -> Handed:
        """Post it; any answer but a success is tried again, but 410, which ends everything."""
        content = body_of(delivery)
        stamp = int(delivery.at.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "Relance",
            "webhook-id": delivery.key,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self._endpoint.secret, delivery.key, stamp, content),
        }
        answer = await self._caller.post(self._endpoint.url, content, headers)
        if not isinstance(answer, ProviderAnswer):
            return Retry(answer.reason)
        if 200 <= answer.status < 300:
            return Sent()
        if answer.status == _GONE:
            return SinkGone("il a répondu 410 : il ne veut plus rien recevoir")
        moved = " (une redirection n’est pas suivie)" if 300 <= answer.status < 400 else ""
        return Retry(f"il a répondu {answer.status}{moved}", answer.after)

    async def close(self) -> None:
        """Let the connections go."""
        await self._caller.close()


def body_of(delivery: Delivery) -> bytes:
    """What is posted: the same bytes at every attempt, as long as what is known of the lead is."""
    amount = delivery.amount
    data = {
        "subject": delivery.subject,
        "address": delivery.address,
        "context": delivery.context,
        "properties": delivery.properties,
        "amount": amount and {"value": str(amount.value), "currency": amount.currency},
        "received_at": delivery.received_at.isoformat(),
        "lead": {"id": delivery.lead_id, "fields": _said(delivery.fields)},
    }
    payload = {
        "type": delivery.type,
        "timestamp": delivery.occurred_at.isoformat(),
        "data": {name: value for name, value in data.items() if value not in (None, {})},
    }
    return json.dumps(payload, ensure_ascii=False, default=_plain).encode()


def _said(fields: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """The fields that hold something; None for a lead that is no more."""
    if fields is None:
        return None
    return {name: value for name, value in fields.items() if value is not None}


def _plain(value: object) -> object:
    """A value that JSON has no word for."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | time():
            return value.isoformat()
        case Amount():
            return {"value": str(value.value), "currency": value.currency}
        case _:
            return str(value)
