"""Reports that mail servers send: delivery status (RFC 3464, 6533) and complaints (RFC 5965).

What comes is hostile until shown otherwise: sizes and depths are bounded before anything is
parsed, and whatever cannot be made sense of is kept out with a reason, never an exception.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, HeaderParser
from enum import Enum

from plugins.email.bounces import HARD, kind_of

log = logging.getLogger(__name__)

#: What makes a MIME tree deeper; a real report is three levels deep at most.
_NESTING = re.compile(rb"boundary|content-type:\s*message/", re.IGNORECASE)
_MOST_NESTING = 24
#: The time the standard parser takes over parameters grows as the square of their length: a header
#: of 300 kB would stop the server for a minute. A real one holds a boundary and a name.
_ENDLESS = re.compile(
    rb"(?:^|[\r\n])content-(?:type|disposition)(?:[^\r\n]|(?:\r\n|\r|\n)[ \t]){4096}",
    re.IGNORECASE,
)
_MOST_PARTS = 40
_MOST_REASON = 300
_MOST_ADDRESS = 320
_ID = re.compile(r"<([^<>\s@]{1,900})@[^<>\s@]{1,255}>")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DELIVERED = frozenset({"delivered", "relayed", "expanded"})
_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other"})
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINALS = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
)


class ReportType(Enum):
    """What a report tells of a message."""

    DELIVERED = "livré"
    BOUNCED = "rebond"
    COMPLAINED = "plainte"
    UNSUBSCRIBED = "désabonnement"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a message. `references` may name it; `addresses` are whom it went to."""

    kind: ReportType
    references: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    hard: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Why a report counts for nothing; French."""

    reason: str


def read_mail(data: bytes) -> DeliveryReport | KeptOut:
    """The report in a raw message."""
    if len(_NESTING.findall(data)) > _MOST_NESTING:
        return KeptOut("ce message a trop de parties pour un rapport")
    if _ENDLESS.search(data):
        return KeptOut("ce message a un en-tête trop long pour un rapport")
    try:
        return _read(BytesParser().parsebytes(data))
    except Exception:
        # The standard parser has failed on hostile messages before; theirs must not stop ours.
        log.warning("un rapport n’a pas pu être lu", exc_info=True)
        return KeptOut("ce message ne peut pas être lu")


def _read(message: Message) -> DeliveryReport | KeptOut:
    status: Message | None = None
    feedback: Message | None = None
    originals: list[Message] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in _STATUS_PARTS:
            status = status or part
        elif kind == "message/feedback-report":
            feedback = feedback or part
        elif kind in _ORIGINALS:
            originals.append(part)
    references = _references(message, originals)
    if feedback is not None:
        return _complaint(feedback, references)
    if status is not None:
        return _status(status, references)
    return KeptOut("ce message n’est ni un avis de livraison ni un rapport de plainte")


def _parts(message: Message) -> Iterator[Message]:
    """The parts, those of the message a report returns left out."""
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting.extend(one for one in payload if isinstance(one, Message))


def _references(report: Message, originals: list[Message]) -> tuple[str, ...]:
    """What may name the message the report is about, the surest first."""
    found: list[str] = []
    for part in originals:
        head = _head(part)
        found += _ids(head.get("Message-ID")) if head is not None else []
    found += _ids(report.get("In-Reply-To")) + _ids(report.get("References"))
    return tuple(dict.fromkeys(found))


def _head(part: Message) -> Message | None:
    """The headers of a message returned, whole or not."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else None
    return HeaderParser().parsestr(_text(part))


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(part.get_payload())


def _ids(value: object) -> list[str]:
    return _ID.findall(str(value)[:10_000]) if value is not None else []


def ids(text: str) -> tuple[str, ...]:
    """The left sides of the message ids in a text, or the text itself."""
    return tuple(_ids(text)) or (text.strip().partition("@")[0],)


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report, which stand one line apart."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return [
            HeaderParser().parsestr(text) for text in re.split(r"\n\s*\n", _text(part)[:50_000])
        ]
    found: list[Message] = []
    for block in payload[:_MOST_PARTS]:
        if isinstance(block, Message):
            found.append(block)
            rest = block.get_payload()
            if isinstance(rest, str) and rest.strip():
                texts = re.split(r"\n\s*\n", rest[:50_000])
                found += [HeaderParser().parsestr(text) for text in texts]
    return found


def _status(part: Message, references: tuple[str, ...]) -> DeliveryReport | KeptOut:
    for block in _blocks(part):
        action = str(block.get("Action", "")).strip().lower()
        if not action:
            continue
        addresses = _addresses(block, "Original-Recipient", "Final-Recipient")
        if action in _DELIVERED:
            return DeliveryReport(ReportType.DELIVERED, references, addresses)
        if action == "failed":
            status = _STATUS.match(str(block.get("Status", "")))
            said = one_line(str(block.get("Diagnostic-Code", "")).partition(";")[2])
            number = status[1] if status else ""
            hard = kind_of(number, said, recipient=next(iter(addresses), "")) == HARD
            return DeliveryReport(ReportType.BOUNCED, references, addresses, hard, said or number)
        if action == "delayed":
            return KeptOut("ce message est seulement retardé : le serveur essaie encore")
    return KeptOut("cet avis de livraison ne dit pas ce qu’est devenu le message")


def _complaint(part: Message, references: tuple[str, ...]) -> DeliveryReport | KeptOut:
    blocks = _blocks(part)
    kind = next((str(one["Feedback-Type"]) for one in blocks if one["Feedback-Type"]), "")
    kind = kind.strip().lower()
    addresses = tuple(
        one
        for block in blocks
        for one in _addresses(block, "Original-Rcpt-To", "Removal-Recipient")
    )
    if kind in _COMPLAINTS:
        return DeliveryReport(ReportType.COMPLAINED, references, addresses, reason=kind)
    if kind == "opt-out":
        return DeliveryReport(ReportType.UNSUBSCRIBED, references, addresses)
    if kind == "not-spam":
        return KeptOut("la personne dit que ce message n’est pas indésirable")
    return KeptOut("ce rapport ne dit pas de quoi la personne se plaint")


def _addresses(block: Message, *names: str) -> tuple[str, ...]:
    """« rfc822; aline@exemple.ca », « <aline@exemple.ca> » as addresses."""
    found = []
    for name in names:
        for value in block.get_all(name, [])[:5]:
            text = str(value)[:1_000]
            address = text.rpartition(";")[2].strip().strip("<>").strip()
            if "@" in address and len(address) <= _MOST_ADDRESS:
                found.append(address)
    return tuple(found)


def one_line(text: str) -> str:
    """A server's words, short and on one line."""
    printable = "".join(char if char.isprintable() else " " for char in text[:5_000])
    return " ".join(printable.split())[:_MOST_REASON]
