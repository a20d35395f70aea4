"""A passkey made of software: the real signatures and bytes of one, without an appliance."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from server.access.passkey_entry import KeyAnswer

SITE = "https://relance.exemple.ca"
_PRESENT, _VERIFIED, _NEW = 1, 4, 64


def coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class SoftKey:
    """One. `count`: how often it says it served."""

    def __init__(self, name: str = "relance.exemple.ca") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.name, self.count, self.user = secrets.token_bytes(16), name, 0, ""

    def _said(self, kind: str, asked: Mapping[str, Any], origin: str) -> bytes:
        said = {"type": f"webauthn.{kind}", "challenge": asked["challenge"], "origin": origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.name.encode()).digest() + struct.pack(">BI", flags, self.count)

    def made(self, given: Mapping[str, Any], origin: str = SITE) -> KeyAnswer:
        """What it answers when it is made."""
        asked = given["publicKey"]
        self.user = asked["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        own = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(_PRESENT | _VERIFIED | _NEW) + own
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": coded(self._said("create", asked, origin)),
            "attestationObject": coded(whole),
        }
        return self._answer(given, response)

    def shown(
        self, given: Mapping[str, Any], origin: str = SITE, *, verified: bool = True
    ) -> KeyAnswer:
        """What it answers when it is shown."""
        said = self._said("get", given["publicKey"], origin)
        data = self._data(_PRESENT | (_VERIFIED if verified else 0))
        signed = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": coded(said),
            "authenticatorData": coded(data),
            "signature": coded(signed),
            "userHandle": self.user,
        }
        return self._answer(given, response)

    def _answer(self, given: Mapping[str, Any], response: Mapping[str, str]) -> KeyAnswer:
        named = coded(self.id)
        whole = {"id": named, "rawId": named, "type": "public-key", "response": response}
        return KeyAnswer(given["offre"], json.dumps(whole))
