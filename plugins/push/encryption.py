"""A notification sealed for one browser (RFC 8291 over RFC 8188): the push service reads nothing of it."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
_RECORD = 4_096
#: What a record holds once the header, the padding's mark and the tag are in it.
MOST_BYTES = _RECORD - 86 - 17


def encoded(data: bytes) -> str:
    """Base64 for addresses, without its padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of such a text; ValueError when it is none."""
    if not text.isascii() or len(text) > 4_096:
        raise ValueError("not base64url")
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as browsers write it: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(data: bytes) -> ec.EllipticCurvePublicKey:
    """The key of those bytes; ValueError for a point that is not on the curve."""
    if len(data) != 65:
        raise ValueError("65 bytes are expected")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


def sealed(
    plain: bytes,
    browser: bytes,
    auth: bytes,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of the request. `own` and `salt` are new each time, but in the test of the RFC."""
    own = own or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(16)
    ours = public_bytes(own.public_key())
    shared = own.exchange(ec.ECDH(), public_key(browser))
    secret = _derived(shared, auth, b"WebPush: info\0" + browser + ours, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + _RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
