"""Passwords: what one must be, and slow hashes of them (Argon2id, RFC 9106).

The rule is length, as NIST SP 800-63B has it: no mixture of signs is asked for, pasting is allowed,
nothing expires.
"""

import asyncio
import os
from base64 import b64encode
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from relance.fold import key_of

SHORTEST, LONGEST = 12, 200
_DISTINCT = 5
#: Each takes the memory of a hash: as many at once as a small machine bears.
_AT_ONCE = 2


def weakness(password: str, *about: str) -> str | None:
    """Why that is no password, in a sentence that says what to write; `about`: what is known of whom."""
    if len(password) < SHORTEST:
        return f"Il faut {SHORTEST} caractères au moins\u00a0: quatre mots sans rapport font un bon mot de passe."
    if len(password) > LONGEST:
        return f"Il faut {LONGEST} caractères au plus."
    if len(set(password)) < _DISTINCT:
        return "Ces caractères se répètent trop\u00a0: prenez quatre mots sans rapport."
    key = key_of(password)
    if any(len(one) > 3 and key_of(one) in key for one in about):
        return "Il ne doit contenir ni votre nom ni votre courriel\u00a0: c’est ce qu’on essaie d’abord."
    return None


class Passwords:
    """Hashes and verifies, beside the loop; as long for nobody's as for somebody's."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What is kept of it."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def right(self, kept: str | None, password: str) -> bool:
        """Whether it is the one that was kept; None, of an account that has none or is not there."""
        async with self._turns:
            return await asyncio.to_thread(self._right, kept or self._decoy(), password[:1_000])

    def stale(self, kept: str) -> bool:
        """Whether it was hashed by a lesser cost than today's."""
        try:
            return self._hasher.check_needs_rehash(kept)
        except InvalidHashError:
            return True

    def _right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False

    def _decoy(self) -> str:
        """A hash of no password, which costs as much to compare with."""
        made = self._hasher
        cost = f"m={made.memory_cost},t={made.time_cost},p={made.parallelism}"
        salt, hash_ = (
            b64encode(os.urandom(size)).decode().rstrip("=")
            for size in (made.salt_len, made.hash_len)
        )
        return f"$argon2id$v=19${cost}${salt}${hash_}"


def _normal(password: str) -> bytes:
    """One password, however a keyboard composes its accents."""
    return normalize("NFKC", password).encode(errors="replace")
