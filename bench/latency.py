"""From a form to its e-mail, on an idle server: posted here, received by a real SMTP sink here.

The baseline posts the same form to a bare application that sends its e-mail at once, keeping
nothing: what the network, SMTP and Python cost whatever one does.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.figures import Figure, Goal, table
from bench.load import centile, request
from bench.ports import free_port
from bench.processes import bare, relance

SCRIPT = """\
campagne « Tarifs »
  entrée
    quand Formulaire (Demande de tarif) rempli

  Envoyer courriel (Tarifs)
  Attendre pendant 2 jours
fin
"""

MESSAGE = """\
---
objet: Nos tarifs
---
Bonjour {{ prénom }}, voici [nos tarifs](https://boutique.example/tarifs).
"""

SETTINGS = """\
adresse = "http://127.0.0.1:{port}"
ecoute = "127.0.0.1"
port = {port}
publication = "à l’enregistrement"

[formulaires]
debit = 0

[email]
serveur = "127.0.0.1"
port = {smtp}
securite = "aucune"
expediteur = "La boutique <bonjour@boutique.example>"
"""


def project(folder: Path, port: int, smtp: int) -> Path:
    """A project whose only campaign answers a form by an e-mail."""
    messages = folder / "courriels"
    messages.mkdir()
    (messages / "tarifs.md").write_text(MESSAGE, encoding="utf-8")
    (folder / "tarifs.relance").write_text(SCRIPT, encoding="utf-8")
    (folder / "relance.toml").write_text(SETTINGS.format(port=port, smtp=smtp), encoding="utf-8")
    return folder


class Sink:
    """Takes every message, and says when the last one came."""

    def __init__(self) -> None:
        self.received = asyncio.Event()

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.received.set()
        return "250 OK"


async def once(sink: Sink, port: int, path: str, number: int) -> float:
    """Milliseconds from the post to the message."""
    sink.received.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.perf_counter()
    writer.write(request(port, number, path))
    await asyncio.wait_for(sink.received.wait(), 10)
    took = 1000 * (time.perf_counter() - began)
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 202 " not in head[:20] and b" 201 " not in head[:20]:
        raise RuntimeError(f"the form was refused: {head!r}")
    writer.close()
    return took


async def _posts(
    folder: Path, smtp: int, sink: Sink, posts: int
) -> tuple[list[float], list[float]]:
    port, bare_port = free_port(), free_port()
    starting = asyncio.to_thread
    first, second = relance(project(folder, port, smtp), port), bare(folder, bare_port, smtp)
    try:
        await starting(first.__enter__)
        await starting(second.__enter__)
        ours: list[float] = []
        baseline: list[float] = []
        for number in range(posts + 5):
            took = await once(sink, port, "/webhooks/forms/Demande%20de%20tarif", number)
            beside = await once(sink, bare_port, "/envoyer/tarif", number)
            if number >= 5:  # the first ones open connections and compile statements
                ours.append(took)
                baseline.append(beside)
            await asyncio.sleep(0.02)
        return ours, baseline
    finally:
        await starting(second.__exit__, None, None, None)
        await starting(first.__exit__, None, None, None)


async def _measure(posts: int) -> tuple[list[float], list[float]]:
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="localhost"), "127.0.0.1", 0
    )
    try:
        with tempfile.TemporaryDirectory() as name:
            smtp = server.sockets[0].getsockname()[1]
            return await _posts(Path(name), smtp, sink, posts)
    finally:
        server.close()


def measure(runs: int = 5, posts: int = 100) -> list[Figure]:
    """Median and 99th centile, over all posts; the spread is that of `runs` slices of them."""
    ours, baseline = asyncio.run(_measure(runs * posts))

    def slices(values: list[float], share: float) -> list[float]:
        return [centile(values[n * posts : (n + 1) * posts], share) for n in range(runs)]

    return [
        Figure(
            f"Du formulaire au courriel, serveur au repos, {name}",
            "ms",
            slices(ours, share),
            "Starlette nu qui envoie aussitôt",
            slices(baseline, share),
            Goal.AT_MOST,
            50,
            on_ratio=False,
        )
        for name, share in (("médiane", 0.5), ("99ᵉ centile", 0.99))
    ]


if __name__ == "__main__":
    print(table(measure()))
