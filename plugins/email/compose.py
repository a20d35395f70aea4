"""A message written for one lead: the template filled in, the bytes put together.

The MIME tree is two parts between fixed lines, written directly: building it with
`email.message` for each lead costs sixty times as much and is open to header smuggling.
"""

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from struct import unpack_from

from plugins.email import headers
from plugins.email.headers import Mailbox
from plugins.email.targets import target
from plugins.email.template import EmailTemplate
from relance.channel import Message
from relance.templates.language import field_variables

_BOUNDARY = b"=_relance_alternative"
_ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nPrecedence: bulk\r\n"
_FIXED = (
    b"Auto-Submitted: auto-generated\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n'
)
#: Columns of a line in base64.
_LINE = 76
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


@dataclass(frozen=True, slots=True)
class Personal:
    """A template's words for one lead; `targets` are where its links lead."""

    subject: str
    variables: Mapping[str, object]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the words."""

    sender: Mailbox
    recipient: Mailbox
    message_id: str
    #: Where to unsubscribe; None for what is written to the team.
    leave_url: str | None
    leave_by_mail: Mailbox | None
    at: datetime


def personal(template: EmailTemplate, message: Message, known: Mapping[str, object]) -> Personal:
    """The subject and the targets of the links for that lead; `known` stands beside its fields."""
    given = {**field_variables(message.fields), **known}
    targets = tuple(
        one if isinstance(one, str) else target(one.render(**given)) for one in template.targets
    )
    return Personal(template.subject.render(**given), given, targets)


def message_id(seal: str, sender: Mailbox) -> str:
    """The Message-ID: the same at each attempt, not to be guessed from outside."""
    digest = hashlib.blake2b(seal.encode(), digest_size=16).hexdigest()
    return f"<{digest}@{sender.domain}>"


def write(
    template: EmailTemplate,
    words: Personal,
    envelope: Envelope,
    addresses: Mapping[str, str],
) -> bytes:
    """The whole message. `addresses` are what `{{ lien_n }}` and the like stand for."""
    given = {**words.variables, **addresses}
    return b"".join(
        (
            _head(template, words, envelope),
            _part(b"text/plain", plain(template, given)),
            _part(b"text/html", page(template, given)),
            b"--" + _BOUNDARY + b"--\r\n",
        )
    )


def write_all(
    template: EmailTemplate,
    message: Message,
    known: Mapping[str, object],
    envelope: Envelope,
    addresses: Mapping[str, str],
) -> bytes:
    """The same of a message whose links lead all readers to the same places: at one asking."""
    return write(template, personal(template, message, known), envelope, addresses)


def page(template: EmailTemplate, given: Mapping[str, object]) -> str:
    """The HTML part."""
    return template.html.render(**given)


def plain(template: EmailTemplate, given: Mapping[str, object]) -> str:
    """The text part."""
    return _BLANKS.sub("\n\n", template.text.render(**given)).strip() + "\n"


def preheader(template: EmailTemplate, given: Mapping[str, object]) -> str:
    """What an inbox shows beside the subject; empty when the message leaves it to its first words."""
    beside = template.preheader
    return "" if beside is None else " ".join(beside.render(**given).split())


def _head(template: EmailTemplate, words: Personal, envelope: Envelope) -> bytes:
    reply = template.reply_to
    subject = headers.value("Subject", words.subject)
    lines = [
        _mailbox("From", envelope.sender),
        headers.line("To", envelope.recipient.header("To")),
        b"" if reply is None else _mailbox("Reply-To", reply),
        headers.line("Subject", subject),
        _date(envelope.at),
        headers.line("Message-ID", envelope.message_id.encode("ascii")),
        _leaving(envelope),
        _FIXED,
    ]
    return b"".join(lines)


@lru_cache(maxsize=256)
def _mailbox(name: str, whose: Mailbox) -> bytes:
    return headers.line(name, whose.header(name))


@lru_cache(maxsize=64)  # those that are taken together are of one instant
def _date(at: datetime) -> bytes:
    return headers.line("Date", format_datetime(at).encode("ascii"))


def _leaving(envelope: Envelope) -> bytes:
    if envelope.leave_url is None:
        return b""
    leave = f"<{envelope.leave_url}>"
    if envelope.leave_by_mail is not None:
        leave += f",\r\n <mailto:{envelope.leave_by_mail.address}?subject=desabonnement>"
    return headers.line("List-Unsubscribe", leave.encode("ascii")) + _ONE_CLICK


def _part(kind: bytes, text: str) -> bytes:
    """A part in base64: its lines are short and none begins with a dot or a dash."""
    data = binascii.b2a_base64(text.encode("utf-8", "replace"), newline=False)
    whole = len(data) // _LINE
    lines = unpack_from(f"{_LINE}s" * whole, data)  # the quickest way to cut
    if len(data) % _LINE:
        lines = (*lines, data[whole * _LINE :])
    head = (
        b"--" + _BOUNDARY + b"\r\nContent-Type: " + kind + b"; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head + b"\r\n".join(lines) + b"\r\n"
