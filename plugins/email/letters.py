"""Letters to the team: written by the server as they are to be read, put together here as a mail.

Two ways of reading the same words, then files: between fixed lines, as messages to leads are.
"""

import binascii
import hashlib
from email.utils import encode_rfc2231, format_datetime

from plugins.email import headers
from plugins.email.compose import Envelope
from relance.channel import Attachment, TeamLetter


def write(letter: TeamLetter, envelope: Envelope) -> bytes:
    """The whole mail. What parts are kept apart by is not to be found within them."""
    apart = hashlib.blake2b(letter.key.encode(), digest_size=12).hexdigest().encode()
    whole, words = b"=_tout_" + apart, b"=_mots_" + apart
    parts = [
        _part(words, b"text/plain; charset=utf-8", letter.text.encode("utf-8", "replace")),
        _part(words, b"text/html; charset=utf-8", letter.html.encode("utf-8", "replace")),
    ]
    read = b"".join([*parts, b"--" + words + b"--\r\n"])
    kind = b'multipart/alternative; boundary="' + words + b'"'
    first = b"--" + whole + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + read + b"\r\n"
    files = [_part(whole, one.kind.encode("ascii"), one.content, one) for one in letter.attachments]
    return b"".join([_head(letter, envelope, whole), first, *files, b"--" + whole + b"--\r\n"])


def _head(letter: TeamLetter, envelope: Envelope, boundary: bytes) -> bytes:
    lines = (
        ("From", envelope.sender.header("From")),
        ("To", envelope.recipient.header("To")),
        ("Subject", headers.value("Subject", letter.subject)),
        ("Date", format_datetime(envelope.at).encode("ascii")),
        ("Message-ID", envelope.message_id.encode("ascii")),
        ("Auto-Submitted", b"auto-generated"),
        ("MIME-Version", b"1.0"),
        ("Content-Type", b'multipart/mixed; boundary="' + boundary + b'"'),
    )
    return b"".join(headers.line(name, content) for name, content in lines) + b"\r\n"


def _part(boundary: bytes, kind: bytes, data: bytes, file: Attachment | None = None) -> bytes:
    """A part in base64: its lines are short and none begins with a dot or a dash."""
    coded = binascii.b2a_base64(data, newline=False)
    lines = b"\r\n".join(coded[at : at + 76] for at in range(0, len(coded), 76))
    said = [("Content-Type", kind), ("Content-Transfer-Encoding", b"base64")]
    if file is not None:
        name = encode_rfc2231(headers.clean(file.name), "utf-8").encode("ascii")
        said.append(("Content-Disposition", b"attachment; filename*=" + name))
    head = b"".join(headers.line(name, content) for name, content in said)
    return b"--" + boundary + b"\r\n" + head + b"\r\n" + lines + b"\r\n"
