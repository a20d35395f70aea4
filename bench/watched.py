"""What two hundred open pages cost a server at work: its processor for the same forms, with and without.

The server takes forms that its campaign moves people by, at a pace it holds easily; the pages are the
dashboard's, each with its stream, each asking again for what changed, a second apart.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import httpx

from bench.figures import Figure, table
from bench.intake import SETTINGS
from bench.load import FORM
from bench.ports import free_port
from bench.processes import Process, relance
from server.access import accounts, roles, sessions
from server.access.actor import Whence
from server.runtime import Runtime
from server.settings import load_settings

SCRIPT = """\
campagne « Tarifs »
  entrée
    quand Formulaire (Demande de tarif) rempli
  Étiqueter (Curieux)
  Attendre pendant 2 jours
fin
"""
#: Forms a second: what a busy house receives.
_PACE = 50
#: Open pages that a server tells of a change in a second.
_A_SECOND = 20
#: Seconds that pages stay open for beyond what is measured.
_BEYOND = 30


def project(folder: Path, port: int) -> Path:
    """A project whose campaign each form enters."""
    (folder / "tarifs.relance").write_text(SCRIPT, encoding="utf-8")
    (folder / "relance.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    return folder


async def session(folder: Path) -> str:
    """Somebody of the team, signed in, on a base made for the occasion."""
    runtime = Runtime(load_settings(folder, {}))
    await runtime.open()
    try:
        register = runtime.access.register
        async with register.store.write() as conn:
            one = await accounts.create(
                conn, "banc@exemple.ca", "Banc", frozenset(roles.ALL), register.now()
            )
            # A hash of nothing: nobody signs in by this account's password.
            await accounts.change(conn, one.id, password="!")
            return await sessions.begin(conn, one.id, Whence(), register.now(), whole=True)
    finally:
        await runtime.close()


@contextmanager
def _pages(port: int, token: str, pages: int, seconds: float) -> Iterator[None]:
    """So many open, for as long and longer; each asked once as it opened, and that is over."""
    if not pages:
        yield
        return
    opening = 1 + pages / _A_SECOND
    said = [str(one) for one in (port, token, pages, opening + seconds + _BEYOND)]
    watching = subprocess.Popen(
        [sys.executable, "-m", "bench.watchers", *said], stdout=subprocess.PIPE
    )
    try:
        time.sleep(opening)
        yield
        if watching.poll() is not None:
            raise RuntimeError("the pages were closed while they were measured")
    finally:
        watching.kill()
        watching.wait()


def _cost(server: Process, token: str, pages: int, seconds: float, numbers: Iterator[int]) -> float:
    """Milliseconds of processor a form, the work of moving who it brings included."""
    with (
        _pages(server.port, token, pages, seconds),
        closing(httpx.Client(base_url=f"http://127.0.0.1:{server.port}")) as client,
    ):
        before, began, sent = server.processor(), time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            if sent >= now * _PACE:
                time.sleep(0.002)
                continue
            fields = {"courriel": f"v{next(numbers)}@exemple{sent % 97}.ca"}
            client.post(f"/webhooks/forms/{FORM}", data=fields).raise_for_status()
            sent += 1
        return (server.processor() - before) * 1_000 / max(sent, 1)


def measure(runs: int = 3, seconds: float = 8.0, pages: int = 200) -> list[Figure]:
    """Processor a form, with those pages and with none, on one server in turn."""
    numbers, ours, baseline = count(), [], []
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        token = asyncio.run(session(project(Path(name), port)))
        with relance(Path(name), port) as server:
            _cost(server, token, 0, min(seconds, 1.0), numbers)
            for _ in range(runs):
                baseline.append(_cost(server, token, 0, seconds, numbers))
                ours.append(_cost(server, token, pages, seconds, numbers))
    return [
        Figure(
            f"Processeur par formulaire, {pages} pages ouvertes",
            "ms",
            ours,
            "aucune page ouverte",
            baseline,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
