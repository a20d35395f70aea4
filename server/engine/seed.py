"""Seeds: what an identity is worth as numbers, the same for ever and on either store.

An identity is hashed as it is written, unless an earlier release knew the same by another name: it
stands then for the digest of that one (`~` and its digits), so that what was drawn stays drawn.
"""

import re
from hashlib import blake2b

#: Begins a digest that stands for an identity.
GIVEN = "~"
_BYTES = 32
_DIGEST = re.compile(rf"{GIVEN}([0-9a-f]{{{2 * _BYTES}}})")


def digest_of(identity: str) -> bytes:
    """The 32 bytes that an identity is worth."""
    if given := _DIGEST.fullmatch(identity):
        return bytes.fromhex(given[1])
    return blake2b(identity.encode(), digest_size=_BYTES).digest()


def number_of(identity: str, bits: int) -> int:
    """A number of that many bits, 64 at most."""
    return int.from_bytes(digest_of(identity)[:8], "big") >> (64 - bits)
