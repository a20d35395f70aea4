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
#: Columns of a line: an encoded word has no more on it (RFC 2047, 2), and a plain one should not
#: (RFC 5322, 2.1.1).
_LINE = 76
_FRAME = len("=?utf-8?B??=")
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_MAILBOX = re.compile(r'\s*(?:"?([^"<>]*?)"?\s*<([^<>\s]+)>|([^<>\s]+))\s*\Z')
#: An address no rule but those of domains has anything to say about, however it is written.
_COMMON = re.compile(r"(?=[^@]{1,64}@)[a-z0-9]+(?:[._+-][a-z0-9]+)*@[A-Za-z0-9.-]{1,180}")
#: What ends a header, or is in none: anything but a fold.
_BROKEN = re.compile(rb"\0|\r(?!\n[ \t])|(?<!\r)\n|\n(?![ \t])")
#: Before a space alone between two words: what is folded there reads back as it was.
_BETWEEN = re.compile(r"(?<=[^ ])(?= [^ ])")
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

    def header(self, field: str) -> bytes:
        """As it stands in From, To or Reply-To: that is the name of the field."""
        address = b"<" + self.address.encode() + b">"
        if not self.name:
            return address
        name = _phrase(self.name, len(field) + 2)
        written = len(name.rpartition(b"\r\n")[2])
        if b"\r\n" not in name:
            written += len(field) + 2
        fold = b"\r\n " if written + 1 + len(address) > _LINE else b" "
        return name + fold + address


def clean(text: str) -> str:
    """`text` on one line: controls, line and paragraph separators, lone surrogates are spaces."""
    if text.isprintable():  # by far the most common
        return text.strip()[:MAX_TEXT]
    kept = (
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text
    )
    return "".join(kept).strip()[:MAX_TEXT]


def value(field: str, text: str) -> bytes:
    """`text` as the value of that header, encoded and folded so that its lines are short."""
    text = clean(text)
    plain = _PLAIN.match(text) and "=?" not in text
    folded = _folded(text, len(field) + 2) if plain else None
    return _encoded(text, len(field) + 2) if folded is None else folded


def _phrase(name: str, begins: int) -> bytes:
    """A name before an address, from that column on."""
    name = clean(name)
    if _PLAIN.match(name) and "=?" not in name:
        quoted = name if _ATOMS.match(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        if begins + len(quoted) <= _LINE:
            return quoted.encode("ascii")
    return _encoded(name, begins)


def _folded(text: str, begins: int) -> bytes | None:
    """A plain text over several lines, cut before lone spaces; None if a word is longer than one."""
    lines = [""]
    for piece in _BETWEEN.split(text):
        room = _LINE - (begins if len(lines) == 1 else 0)
        if lines[-1] and len(lines[-1]) + len(piece) > room:
            lines.append("")
        lines[-1] += piece
    if len(lines[0]) > _LINE - begins or any(len(one) > _LINE for one in lines[1:]):
        return None
    return "\r\n".join(lines).encode("ascii")


def _encoded(text: str, begins: int) -> bytes:
    """Encoded words, one a line, never cut inside a character."""
    words: list[bytes] = []
    data, at = text.encode(), 0
    while at < len(data) or not words:
        room = _LINE - _FRAME - (1 if words else begins)
        end = at + room // 4 * 3
        while end < len(data) and data[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        words.append(_word(data[at:end]))
        at = end
    return b"\r\n ".join(words)


def _word(data: bytes) -> bytes:
    return b"=?utf-8?B?" + binascii.b2a_base64(data, newline=False) + b"?="


def line(name: str, content: bytes) -> bytes:
    """A header line. ValueError if its content would make a second one: that is a bug of ours."""
    if _BROKEN.search(content):
        raise ValueError(f"the value of {name} is not one header")
    return name.encode("ascii") + b": " + content + b"\r\n"


def address(text: str) -> Mailbox | None:
    """A lone address; None for any text that is not exactly one."""
    local, _, domain = text.partition("@")
    if _COMMON.fullmatch(text):  # nearly all: whether it stands depends on its domain alone
        usual = _address(f"x@{domain}")
        return usual and Mailbox(f"{local}@{usual.domain}")
    return _address(text)


@lru_cache(maxsize=4096)
def _address(text: str) -> Mailbox | None:
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
