"""Opaque tokens: what only their holder has; the base keeps a digest, which opens nothing.

They are 256 bits of chance: a fast digest is as good as a slow one.
"""

import hashlib
import secrets


def new_token() -> str:
    """One that nobody guesses: 43 letters, figures, « - » and « _ »."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the base knows it by."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def form_token(session: str) -> str:
    """What the forms of a session hold, so that no other site can write one."""
    return hashlib.sha256(f"formulaire:{session}".encode(errors="replace")).hexdigest()[:43]
