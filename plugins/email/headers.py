"""The guard of headers and SMTP arguments: what a lead or an author wrote never adds a line.

Headers are written here byte by byte rather than by `email.message`: some Pythons decode the
encoded words of a value and send the line feeds found inside (CVE-2024-6923). A text that looks
like an encoded word is itself encoded, so that it reaches the reader as plain characters.
"""

import binascii
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

#: Longer values are cut: no header needs them, and a line may hold 998 bytes.
MAX_TEXT = 900
_CHUNK = 45  # bytes of an encoded word, so that with its frame it stays under 75 characters
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_MAILBOX = re.compile(r'\s*(?:"?([^"<>]*?)"?\s*<([^<>\s]+)>|([^<>\s]+))\s*\Z')
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that may stand in a header and in an SMTP command, with the name beside it.

    `utf8` tells that only a server that offers SMTPUTF8 can take it.
    """

    address: str
    name: str = ""
    utf8: bool = False

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.address.rpartition("@")[2]

    def header(self) -> bytes:
        """As it stands in From or To."""
        if not self.name:
            return b"<" + self.address.encode() + b">"
        return _phrase(self.name) + b" <" + self.address.encode() + b">"


def clean(text: str) -> str:
    """`text` on one line: controls, line and paragraph separators, lone surrogates are spaces."""
    if text.isprintable():  # by far the most common
        return text.strip()[:MAX_TEXT]
    kept = (
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text
    )
    return "".join(kept).strip()[:MAX_TEXT]


def value(text: str) -> bytes:
    """`text` as a header's value, encoded and folded as needed."""
    text = clean(text)
    if len(text) <= 200 and _PLAIN.match(text) and "=?" not in text:
        return text.encode("ascii")
    return b"\r\n ".join(_words(text))


def _phrase(name: str) -> bytes:
    name = clean(name)
    if _ATOMS.match(name) and "=?" not in name and len(name) <= 200:
        return name.encode("ascii")
    if _PLAIN.match(name) and "=?" not in name and len(name) <= 200:
        return b'"' + re.sub(r'(["\\])', r"\\\1", name).encode("ascii") + b'"'
    return b"\r\n ".join(_words(name))


def _words(text: str) -> list[bytes]:
    """Encoded words, never cut inside a character."""
    words: list[bytes] = []
    chunk = b""
    for char in text:
        data = char.encode()
        if len(chunk) + len(data) > _CHUNK:
            words.append(_word(chunk))
            chunk = b""
        chunk += data
    words.append(_word(chunk))
    return words


def _word(data: bytes) -> bytes:
    return b"=?utf-8?B?" + binascii.b2a_base64(data, newline=False) + b"?="


def line(name: str, content: bytes) -> bytes:
    """A header line. ValueError if its content would make a second one: that is a bug of ours."""
    if b"\0" in content or re.search(rb"\r(?!\n[ \t])|(?<!\r)\n|\n(?![ \t])", content):
        raise ValueError(f"the value of {name} is not one header")
    return name.encode("ascii") + b": " + content + b"\r\n"


@lru_cache(maxsize=4096)
def address(text: str) -> Mailbox | None:
    """A lone address; None for any text that is not exactly one."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Zs", "Cs"} for char in text):
        return None
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    if found.ascii_email is not None:
        return Mailbox(found.ascii_email)
    return Mailbox(f"{found.local_part}@{found.ascii_domain}", utf8=True)


def mailbox(text: str) -> Mailbox | None:
    """« Boutique <info@boutique.ca> » or a lone address, as an author writes a sender."""
    if clean(text) != text.strip():
        return None
    parts = _MAILBOX.match(text)
    found = address(parts[2] or parts[3]) if parts else None
    if parts is None or found is None:
        return None
    return Mailbox(found.address, (parts[1] or "").strip(), found.utf8)
