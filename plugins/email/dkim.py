"""Signing mails with the house's own key (DKIM, RFC 6376), where its mail server does not.

Ours are written whole and simple, so little of the standard is needed: headers relaxed, body simple,
RSA with SHA-256, never `l=`. A library signs forty a second here, its arithmetic being Python's; it
is the judge of this one in the tests.
"""

import asyncio
import base64
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plugins.email.headers import Mailbox
from plugins.email.settings import EmailSettings
from relance.errors import ConfigurationError
from relance.french import quoted

if TYPE_CHECKING:  # scripts are checked at each save: a library that only signs need not load
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

#: What readers and mail servers go by, and what Gmail and Yahoo ask to be signed (RFC 8058).
_SIGNED = (
    *("from", "to", "subject", "date", "reply-to", "message-id", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post"),
)
#: Signed once more than they stand: nobody can add another above them (RFC 6376, 8.15).
_ONCE = ("from", "to", "subject", "date", "reply-to")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")
#: Shorter keys are refused by those who read.
_SHORTEST = 1024


class Signing:
    """Signs what leaves in the name of a domain; leaves it as it is where no key is set."""

    def __init__(self, settings: EmailSettings) -> None:
        self._domain, self._selector = settings.dkim_domain, settings.dkim_selector
        self._key = read_key(settings.dkim_key) if settings.dkim_key else None

    async def signed(self, mail: bytes, sender: Mailbox, at: datetime) -> bytes:
        """That mail, its signature first."""
        if self._key is None:
            return mail
        domain = self._domain or sender.domain
        return await asyncio.to_thread(signature, mail, self._key, domain, self._selector, at)


def signature(mail: bytes, key: "RSAPrivateKey", domain: str, selector: str, at: datetime) -> bytes:
    """That mail, signed by the key published as `selector._domainkey.domain`."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    head, _, body = mail.partition(b"\r\n\r\n")
    headers = _headers(head)
    present = [name for name in _SIGNED if name in headers]
    digest = hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()
    said = {
        "v": "1",
        "a": "rsa-sha256",
        "c": "relaxed/simple",
        "d": domain,
        "s": selector,
        "t": str(int(at.timestamp())),
        "h": ":".join((*present, *_ONCE)),
        "bh": base64.b64encode(digest).decode(),
        "b": "",
    }
    tags = [f"{name}={value}".encode() for name, value in said.items()]
    covered = b"".join(b"%s:%s\r\n" % (name.encode(), headers[name]) for name in present)
    whole = covered + b"dkim-signature:" + b"; ".join(tags)
    proof = base64.b64encode(key.sign(whole, PKCS1v15(), SHA256()))
    lines = b"\r\n ".join(proof[at : at + 70] for at in range(0, len(proof), 70))
    return b"DKIM-Signature: " + b";\r\n ".join(tags) + lines + b"\r\n" + mail


def read_key(path: str) -> "RSAPrivateKey":
    """The key in that PEM file; ConfigurationError, in French, if it is none that may sign."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        reason = _why(error)
        raise ConfigurationError(
            f"{quoted('dkim_cle')}, dans [email], ne peut pas être lue : {quoted(path)} ({reason}).",
            "dkim_cle",
        ) from error
    if not isinstance(found, RSAPrivateKey) or found.key_size < _SHORTEST:
        raise ConfigurationError(
            f"{quoted('dkim_cle')}, dans [email], doit être une clé RSA d’au moins {_SHORTEST} bits ; "
            "2048 est d’usage.",
            "dkim_cle",
        )
    return found


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "ce fichier n’existe pas"
    return "il ne se lit pas" if isinstance(error, OSError) else "ce n’est pas une clé PEM"


def _headers(head: bytes) -> dict[str, bytes]:
    """The headers of a mail, relaxed (RFC 6376, 3.4.2): none of those signed stands twice."""
    found = {}
    for one in _FOLD.sub(b"", head).split(b"\r\n"):
        name, _, value = one.partition(b":")
        found[name.strip().lower().decode("ascii")] = _BLANKS.sub(b" ", value).strip()
    return found
