"""Mails signed with the house's key: the library that readers use says that the signature holds."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.email.dkim import read_key, signature
from relance.errors import ConfigurationError
from server.runtime import Runtime
from tests.email.sink import Sink
from tests.email.test_house_look import MAIL, SCRIPT
from tests.whole import eventually, running, saving

KEY = rsa.generate_private_key(65537, 2048)
NOW = datetime(2026, 11, 29, 18, tzinfo=UTC)
Dns = Callable[..., bytes]


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, plain)


def published(name: bytes, timeout: int = 5) -> bytes:
    """What the DNS says of our key."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = KEY.public_key().public_bytes(serialization.Encoding.DER, form)
    assert name.rstrip(b".") == b"relance._domainkey.exemple.ca"
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def holds(mail: bytes) -> bool:
    return bool(dkim.verify(mail, dnsfunc=published))


async def test_what_leaves_is_signed_and_a_word_changed_is_seen(tmp_path: Path, sink: Sink) -> None:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "dkim.pem").write_bytes(pem(KEY))
    (tmp_path / "accueil.relance").write_text(SCRIPT)
    (tmp_path / "courriels" / "bienvenue.md").write_text(MAIL.replace("![Un vélo]", "[Un vélo]"))
    keyed = {**sink.environment, "RELANCE_EMAIL_DKIM_CLE": str(tmp_path / "dkim.pem")}
    async with running(Runtime(saving(tmp_path, keyed))) as server:
        async with httpx.AsyncClient(base_url=server.url) as visitor:
            await visitor.post("/webhooks/forms/Essai", data={"courriel": "aline@exemple.ca"})
        await eventually(server, "SELECT state FROM outbox", [("sent",)])
    (mail,) = sink.raw
    assert holds(mail)
    for name in (b"Subject", b"List-Unsubscribe-Post", b"From"):
        assert not holds(re.sub(rb"(?m)^%s: " % name, name + b": x", mail, count=1))
    assert not holds(mail.replace(b"Subject: ", b"Subject: Autre\r\nSubject: ", 1))
    assert not holds(mail[:-8] + b"x" + mail[-8:])


_value = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=60)


@settings(max_examples=40)
@given(_value, st.lists(st.sampled_from([b"", b" ", b"mot", b" mot  mot "]), max_size=8))
def test_any_mail_of_ours_is_signed_as_it_is(subject: str, lines: list[bytes]) -> None:
    head = [b"From: a@exemple.ca", b"To: b@exemple.ca", b"Subject: " + subject.encode()]
    mail = b"\r\n".join([*head, b"X-Pli: un\r\n deux", b"", *lines, b"fin", b""])
    assert holds(signature(mail, KEY, "exemple.ca", "relance", NOW))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "ce fichier n’existe pas"),
        (b"bonjour", "ce n’est pas une clé PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "une clé RSA d’au moins 1024 bits"),
    ],
)
def test_a_key_that_cannot_sign_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "cle.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        read_key(str(path))
