"""Encrypted connections, with a certificate made for each run."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

from plugins.email.channel import EmailChannel
from relance.channel import Message, Retry, Sent
from tests.email.sink import Sink

Make = Callable[..., EmailChannel]
Build = Callable[..., Message]

pytestmark = pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("tls")
    key, crt = folder / "key.pem", folder / "crt.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out", str(crt)),
            *("-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    return str(crt), context


async def test_starttls_is_taken_when_offered(
    make: Make, message: Build, certificate: tuple[str, ssl.SSLContext]
) -> None:
    path, context = certificate
    sink = await Sink(options={"tls_context": context, "require_starttls": True}).start()
    sender = make(port=sink.port, securite="starttls", certificat=path)
    assert isinstance(await sender.send(message()), Sent)
    assert isinstance(await sender.send(message(key="k2")), Sent)
    assert sink.connections == 1
    await sink.stop()


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    make: Make, message: Build, certificate: tuple[str, ssl.SSLContext]
) -> None:
    sink = await Sink(options={"tls_context": certificate[1], "require_starttls": True}).start()
    outcome = await make(port=sink.port, securite="starttls").send(message())
    assert isinstance(outcome, Retry)
    assert "chiffrée" in outcome.reason
    assert sink.envelopes == []
    await sink.stop()


async def test_tls_begins_at_the_first_byte(
    make: Make, message: Build, certificate: tuple[str, ssl.SSLContext]
) -> None:
    path, context = certificate
    sink = await Sink(tls=context).start()
    outcome = await make(port=sink.port, securite="tls", certificat=path).send(message())
    assert isinstance(outcome, Sent)
    await sink.stop()
