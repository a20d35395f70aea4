"""Standard Webhooks 1.0: proving that a request comes from who holds the secret.

The signature covers `id.timestamp.body`, raw bytes; the timestamp bounds a replay in time and the
id, used as idempotency key, makes a replay within that time harmless.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

#: How far apart the clocks of both sides may be, in seconds.
TOLERANCE = 300
_PREFIX = "whsec_"
_MAX_ID = 255


class SignatureVerdict(Enum):
    """What a signature is worth."""

    VALID = "valid"
    MISSING = "missing"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    WRONG = "wrong"


def secret_bytes(secret: str) -> bytes:
    """The key a `whsec_…` secret stands for; ValueError when it is none, or under 24 bytes."""
    if not secret.startswith(_PREFIX):
        raise ValueError("a webhook secret begins with whsec_")
    try:
        key = b64decode(secret[len(_PREFIX) :], validate=True)
    except ValueError as error:
        raise ValueError("a webhook secret is base64 after whsec_") from error
    if not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret holds 24 to 64 bytes")
    return key


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the `webhook-signature` header."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(secret, content, "sha256")).decode()


def verify(
    secret: bytes, headers: Mapping[str, str], body: bytes, now: datetime
) -> SignatureVerdict:
    """Judge a request by its three headers (names in lower case) and its raw body."""
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (message_id and stamp and signatures):
        return SignatureVerdict.MISSING
    if len(message_id) > _MAX_ID or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return SignatureVerdict.MALFORMED
    if abs(now.timestamp() - int(stamp)) > TOLERANCE:
        return SignatureVerdict.EXPIRED
    expected = sign(secret, message_id, int(stamp), body).encode()
    given = signatures.encode().split()[:16]
    # Every candidate is compared, so that time says nothing about which one came close.
    matches = [hmac.compare_digest(candidate, expected) for candidate in given]
    return SignatureVerdict.VALID if any(matches) else SignatureVerdict.WRONG
