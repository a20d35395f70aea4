"""Who sends, proven to push services (VAPID, RFC 8292): one key for the life of the server.

It is drawn from the server's own secret, which is made once and kept: a browser's subscription
holds for that key alone, so it must be the same after a restart, and on every machine.
"""

from datetime import datetime, timedelta
from hashlib import sha512
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from plugins.push.encryption import CURVE, encoded, public_bytes
from plugins.push.settings import PushSettings
from relance.host import Host

#: The number of points of the curve.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: Services refuse a proof that lasts over a day.
_LASTS = timedelta(hours=12)
_REMEMBERED = 100


class Vapid:
    """Signs what leaves."""

    def __init__(self, host: Host, settings: PushSettings) -> None:
        self._clock = host.clock
        self._contact = settings.contact
        seed = "".join(host.sign("push/vapid", part) for part in range(4))
        number = int.from_bytes(sha512(seed.encode()).digest()) % (_ORDER - 1) + 1
        self._key = ec.derive_private_key(number, CURVE)
        self.public = encoded(public_bytes(self._key.public_key()))
        self._proofs: dict[str, tuple[datetime, str]] = {}

    def authorization(self, endpoint: str) -> str:
        """The header that proves who writes to that address; one a service, kept for hours."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        now = self._clock.now()
        until, proof = self._proofs.get(audience, (now, ""))
        if until - now < _LASTS / 2:
            import jwt  # and all it can verify: most servers start without having to

            until = now + _LASTS
            claims = {"aud": audience, "exp": int(until.timestamp()), "sub": self._contact}
            proof = jwt.encode(claims, self._key, algorithm="ES256")
            if len(self._proofs) >= _REMEMBERED:
                self._proofs.clear()
            self._proofs[audience] = (until, proof)
        return f"vapid t={proof}, k={self.public}"
