"""The little program of the documentation, run as a mail server would."""

import asyncio
import os
import re
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest

from relance.webhook_signature import SignatureVerdict, secret_bytes, verify

DOCS = Path(__file__).parents[2] / "docs" / "courriel.md"
SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
TOOLS = ("sh", "openssl", "base64", "od")

pytestmark = pytest.mark.skipif(not all(map(which, TOOLS)), reason="a mail server has these tools")


async def test_the_pipe_hands_the_message_over_signed(tmp_path: Path) -> None:
    (script,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", DOCS.read_text(), re.DOTALL)
    (tmp_path / "secret").write_text(SECRET + "\n")
    curl = tmp_path / "curl"
    curl.write_text(
        '#!/bin/sh\nfor one; do printf "%s\\n" "$one"; case $one in @*) cat "${one#@}" > '
        f'"{tmp_path}/body";; esac; done > "{tmp_path}/said"\n'
    )
    curl.chmod(0o755)
    message = "From: MAILER-DAEMON\r\n\r\nUnité\0 perdue".encode()
    shell = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        script.replace("/etc/relance/secret-courriel", str(tmp_path / "secret")),
        stdin=asyncio.subprocess.PIPE,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    await shell.communicate(message)
    assert shell.returncode == 0
    said = (tmp_path / "said").read_text()
    headers = dict(re.findall(r"^([a-z-]+): (.*)$", said, re.MULTILINE))
    assert headers["content-type"] == "message/rfc822"
    assert said.rstrip().endswith("/webhooks/email")
    body = (tmp_path / "body").read_bytes()
    assert body == message
    now = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert verify(secret_bytes(SECRET), headers, body, now) is SignatureVerdict.VALID
