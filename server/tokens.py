"""Tokens of public addresses: what they say can be read by anyone, written by nobody else.

A token is `payload ‖ MAC` in URL-safe base64. The MAC (HMAC-SHA256, 128 bits) is made with a key
of its own for each purpose, so that a token made to confirm a click can never unsubscribe.
"""

import binascii
import hmac
import json
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

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

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, b"relance/token/" + purpose.encode(), "sha256")

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        return hmac.digest(self._key(purpose), payload, "sha256")[:_MAC_BYTES]

    def sign(self, purpose: str, *parts: str | int) -> str:
        """The token of these parts for that purpose; always the same one."""
        payload = json.dumps(
            [str(part) for part in parts], ensure_ascii=False, separators=(",", ":")
        ).encode()
        token = urlsafe_b64encode(payload + self._mac(purpose, payload))
        return token.rstrip(b"=").decode()

    def slug(self, purpose: str, name: str) -> str:
        """Ten letters and figures that stand for a name, always the same; a guess in 2⁵⁰."""
        short = b32encode(self._mac(purpose, name.encode()))[:_SLUG]
        return short.decode().lower()

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts; None for any text that `sign` did not make for that purpose."""
        raw = _decoded(token)
        if raw is None or len(raw) <= _MAC_BYTES:
            return None
        payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(purpose, payload)):
            return None
        return tuple(json.loads(payload))


def _decoded(token: str) -> bytes | None:
    if not token or len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    # Base64 has several writings of the same bytes; only the canonical one is a token.
    return raw if urlsafe_b64encode(raw).rstrip(b"=").decode() == token else None
