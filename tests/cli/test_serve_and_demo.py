"""`serve` and `demo` start for real, say where they are, and stop when asked."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from bench.ports import free_port
from tests.cli.conftest import SETTINGS, plain

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.cli.main",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "300"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def answered(url: str) -> httpx.Response:
    """What it answers once it is there, and has read the rules if it says that it reads them."""
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            with suppress(httpx.TransportError):
                answer = await client.get(url)
                if answer.status_code != 503:
                    return answer
            await asyncio.sleep(0.05)


async def read_until(process: asyncio.subprocess.Process, words: str) -> str:
    assert process.stdout is not None
    output = ""
    async with asyncio.timeout(60):
        while words not in output:
            line = await process.stdout.readline()
            assert line, output
            output += plain(line.decode())
    return output


async def test_serve_answers_until_it_is_asked_to_stop(project: Path) -> None:
    port = free_port()
    (project / "relance.toml").write_text(f"{SETTINGS}port = {port}\n", encoding="utf-8")
    async with running("serve", str(project)) as process:
        assert (await answered(f"http://127.0.0.1:{port}/sante")).status_code == 200
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0, err.decode()
    assert f"http://127.0.0.1:{port}" in out.decode()
    assert f"http://127.0.0.1:{port}/ouvrir/" in out.decode().replace("\n", "")
    assert "Traceback" not in err.decode()


async def test_serve_tells_an_address_that_answers_and_what_is_wrong_already(
    project: Path,
) -> None:
    folder = project / "courriels"
    folder.mkdir(exist_ok=True)
    (folder / "Salut.md").write_text("---\nobjet: Salut\n---\nSalut\n", encoding="utf-8")
    async with running("serve", str(project), "--port", "0") as process:
        output = await read_until(process, "Ctrl-C")
        address = re.search(r"http://127\.0\.0\.1:\d+", output)
        assert address, output
        async with httpx.AsyncClient() as client:  # at once, and only once
            assert (await client.get(f"{address[0]}/favicon.ico")).status_code == 200
        output = await read_until(process, "expediteur =")
    assert "faute d’expéditeur" in output


async def test_serve_on_a_port_that_is_taken_says_so(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (project / "relance.toml").write_text(f"{SETTINGS}port = {port}\n", encoding="utf-8")
        async with running("serve", str(project)) as process:
            _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert "Impossible d’écouter" in plain(err.decode())
    assert "Traceback" not in err.decode()


async def test_the_demo_prints_addresses_and_a_command_that_work() -> None:
    ports = ("--port", str(free_port()), "--port-boutique", str(free_port()))
    async with running("demo", *ports) as process:
        output = await read_until(process, "Ctrl-C arrête tout.")
        shop = re.search(r"formulaire\s+(http\S+)", output)
        assert shop
        assert (await answered(shop.group(1))).status_code == 200
        curl = re.search(r"^\s*curl (\S+) -d (\S+) -d (\S+)$", output, re.MULTILINE)
        assert curl, output
        url, *fields = curl.groups()
        async with httpx.AsyncClient() as client:
            data = dict(field.split("=") for field in fields)
            assert (await client.post(url, data=data)).status_code in (201, 202)
        explain = re.search(r"relance (explain .+)$", output, re.MULTILINE)
        assert explain
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 15)
    assert process.returncode == 0
