"""Tokens of public addresses: written by nobody else, and read by nobody else when they name people.

A signed token is `payload ‖ MAC` in URL-safe base64: anyone can read it. The MAC (HMAC-SHA256, 128
bits) is made with a key of its own for each purpose, so that a token made to confirm a click can
never unsubscribe. A sealed one is the payload under AES-SIV (RFC 5297), which needs no dice and is
as long: addresses of mails stand in logs, histories and forwarded messages, and must not tell whose
they are.
"""

import binascii
import hmac
import json
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_MAC_BYTES = 16
_MAX_TOKEN = 2_048
_SLUG = 10


class Signer:
    """Makes and reads tokens under one secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _MAC_BYTES:
            raise ValueError("a signing secret of at least 16 bytes is needed")
        self._secret = secret
        self._key = lru_cache(maxsize=256)(self._derive)
        self._cipher = lru_cache(maxsize=256)(self._derive_cipher)

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, b"relance/token/" + purpose.encode(), "sha256")

    def _derive_cipher(self, purpose: str) -> AESSIV:
        return AESSIV(hmac.digest(self._secret, b"relance/seal/" + purpose.encode(), "sha512"))

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        return hmac.digest(self._key(purpose), payload, "sha256")[:_MAC_BYTES]

    def sign(self, purpose: str, *parts: str | int) -> str:
        """The token of these parts for that purpose; always the same one."""
        payload = _payload(parts)
        return _encoded(payload + self._mac(purpose, payload))

    def seal(self, purpose: str, *parts: str | int) -> str:
        """The token of these parts, which nobody else can read; always the same one."""
        return _encoded(self._cipher(purpose).encrypt(_payload(parts), None))

    def digest(self, purpose: str, *parts: str | int) -> str:
        """A hash of these parts that nobody computes without the secret: 32 hexadecimal figures."""
        return self._mac(purpose, _payload(parts)).hex()

    def slug(self, purpose: str, name: str) -> str:
        """Ten letters and figures that stand for a name, always the same; a guess in 2⁵⁰."""
        short = b32encode(self._mac(purpose, name.encode()))[:_SLUG]
        return short.decode().lower()

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts; None for any text that neither `sign` nor `seal` made for that purpose."""
        raw = _decoded(token)
        if raw is None or len(raw) <= _MAC_BYTES:
            return None
        payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if hmac.compare_digest(mac, self._mac(purpose, payload)):
            return tuple(json.loads(payload))
        try:
            return tuple(json.loads(self._cipher(purpose).decrypt(raw, None)))
        except InvalidTag:
            return None


def _payload(parts: Sequence[str | int]) -> bytes:
    texts = [str(part) for part in parts]
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(token: str) -> bytes | None:
    if not token or len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    # Base64 has several writings of the same bytes; only the canonical one is a token.
    return raw if _encoded(raw) == token else None
