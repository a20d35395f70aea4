"""Seeds: what an identity is worth as numbers, the same for ever and on either store.

An identity is hashed as it is written, unless an earlier release knew the same by another name: it
stands then for the digest of that one (`~` and its digits), so that what was drawn stays drawn.
"""

from hashlib import blake2b

#: Begins a digest that stands for an identity; no identity begins so.
GIVEN = "~"
_BYTES = 32


def digest_of(identity: str) -> bytes:
    """The 32 bytes that an identity is worth."""
    if identity.startswith(GIVEN):
        return bytes.fromhex(identity.removeprefix(GIVEN))
    return blake2b(identity.encode(), digest_size=_BYTES).digest()


def number_of(identity: str, bits: int) -> int:
    """A number of that many bits, 64 at most."""
    return int.from_bytes(digest_of(identity)[:8], "big") >> (64 - bits)
