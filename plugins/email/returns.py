"""`POST /webhooks/email`: what mail servers and providers tell of the messages we sent.

A report counts for the message whose signed id it carries, never for an address it names: the
address only says where not to write any more, once the message is known to have gone there.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plugins.email import reports
from plugins.email.bounces import HARD, SOFT, about_sender
from plugins.email.identity import Sending, sending
from plugins.email.reports import DeliveryReport, KeptOut, ReportType
from plugins.email.settings import EmailSettings
from plugins.email.unsubscribe import CHANNEL, left
from relance.errors import Problem, Unacceptable
from relance.events import NewEvent
from relance.fold import loose_key
from relance.host import Host, Identities, Incoming
from relance.reach import Suppress
from relance.route import Guard, Route

log = logging.getLogger(__name__)

PATH = "/webhooks/email"
SOURCE = "email.report"
MAX_BODY = 2_097_152
MAX_REPORTS = 1_000

_EVENTS = {
    ReportType.DELIVERED: "email_delivered",
    ReportType.BOUNCED: "email_bounced",
    ReportType.COMPLAINED: "email_complained",
}
_KINDS = {
    "livre": ReportType.DELIVERED,
    "delivered": ReportType.DELIVERED,
    "rebond": ReportType.BOUNCED,
    "bounced": ReportType.BOUNCED,
    "bounce": ReportType.BOUNCED,
    "plainte": ReportType.COMPLAINED,
    "complained": ReportType.COMPLAINED,
    "complaint": ReportType.COMPLAINED,
    "desabonnement": ReportType.UNSUBSCRIBED,
    "unsubscribed": ReportType.UNSUBSCRIBED,
}
_HARDNESS = {"dur": True, "hard": True, "mou": False, "soft": False}


class Returns:
    """Answers the reports."""

    def __init__(self, host: Host, settings: EmailSettings) -> None:
        self._host = host
        self._settings = settings

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(PATH, ("POST",), Guard.SIGNED, self._answer, max_body=MAX_BODY)]

    async def _answer(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            items = _items(await request.body())
            received = [(_report_of(item), _instant(item)) for item in items]
        elif kind in {"message/rfc822", "multipart/report", "application/octet-stream"}:
            # A long one takes a second or two to read: nobody else waits for it.
            received = [(await asyncio.to_thread(reports.read_mail, await request.body()), None)]
        else:
            message = "Envoyez un rapport brut (message/rfc822) ou du JSON (application/json)."
            raise Unacceptable([Problem("", message)])
        counted, kept_out = 0, []
        for rank, (report, at) in enumerate(received):
            outcome = report if isinstance(report, KeptOut) else await self._count(report, at)
            if outcome is None:
                counted += 1
            else:
                log.info("rapport de courriel écarté : %s", outcome.reason)
                kept_out.append({"rang": rank, "raison": outcome.reason})
        answer = {"comptes": counted, "ecartes": kept_out}
        return Response(
            json.dumps(answer, ensure_ascii=False), media_type="application/json; charset=utf-8"
        )

    async def _count(self, report: DeliveryReport, at: datetime | None) -> KeptOut | None:
        """Let a report count; why not, if it does not."""
        if report.kind is ReportType.DELIVERED and self._settings.reports == "non":
            return KeptOut(
                "le réglage « rapports » dit qu’aucun rapport de livraison n’est attendu"
            )
        found = sending(self._host, report.references)
        if found is None:
            return KeptOut("ce rapport ne parle d’aucun courriel envoyé d’ici")
        fields = await self._host.fields(found.lead_id)
        if fields is None:
            return KeptOut("le lead de ce courriel n’existe plus")
        address = found.went_to((*report.addresses, str(fields.get("courriel") or "")))
        if report.kind is ReportType.UNSUBSCRIBED:
            await left(self._host, found.lead_id, found.key, found.name, address)
            return None
        fact = await self._fact(report, found, at)
        if address is not None and (reason := _stops(report)):
            asked = report.kind is ReportType.COMPLAINED
            fact = replace(fact, reach=[Suppress(CHANNEL, address, reason, asked)])
        await self._host.record([fact])
        return None

    async def _fact(self, report: DeliveryReport, found: Sending, at: datetime | None) -> Incoming:
        said: dict[str, object] = {"message": found.key}
        if report.kind is ReportType.BOUNCED:
            said["genre"] = HARD if report.hard else SOFT
        if report.reason:
            said["raison"] = report.reason
        event = NewEvent(
            _EVENTS[report.kind],
            await self._host.kept(found.name),
            properties=said,
            occurred_at=at,
        )
        identities = Identities(lead_id=found.lead_id)
        # Once a message and kind, whatever the copies and the order in which they come.
        return Incoming(SOURCE, identities, events=[event], key=f"{report.kind.name}:{found.key}")


def _stops(report: DeliveryReport) -> str | None:
    """Why that address is never to be written to again, if it is not."""
    if report.kind is ReportType.COMPLAINED:
        return "plainte"
    if report.kind is ReportType.BOUNCED and report.hard:
        return f"rebond : {report.reason}" if report.reason else "rebond"
    return None


def _items(body: bytes) -> list[Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Unacceptable([Problem("", "Ce JSON ne peut pas être lu.")]) from None
    items = data if isinstance(data, list) else [data]
    if not 1 <= len(items) <= MAX_REPORTS:
        message = f"Envoyez de 1 à {MAX_REPORTS} rapports à la fois."
        raise Unacceptable([Problem("", message)])
    return items


def _report_of(item: object) -> DeliveryReport | KeptOut:
    """A provider's report in our own words; what is none is kept out by itself."""
    if not isinstance(item, Mapping):
        return KeptOut("un rapport est un objet JSON")
    kind = _KINDS.get(loose_key(_text(item, "type")))
    if kind is None:
        known = ", ".join(one.value for one in ReportType)
        return KeptOut(f"« type » doit être : {known}")
    message = _text(item, "message")
    if not message:
        return KeptOut("« message » doit donner le Message-ID du courriel")
    hard = _HARDNESS.get(loose_key(_text(item, "genre")))
    if kind is ReportType.BOUNCED and hard is None:
        return KeptOut("« genre » d’un rebond doit être dur ou mou")
    address, reason = _text(item, "courriel"), reports.one_line(_text(item, "raison"))
    return DeliveryReport(
        kind,
        reports.ids(message),
        (address,) if address else (),
        # Providers call hard what will not be tried again, a refusal of us included.
        bool(hard) and not about_sender(reason, recipient=address),
        reason,
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip()[:2_000] if isinstance(value, str) else ""


def _instant(item: object) -> datetime | None:
    """When it happened, as the provider says; now when it says nothing that can be."""
    text = _text(item, "date") if isinstance(item, Mapping) else ""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= 2000 else None
