"""A form beside a long past, and beside a crowd that enters: what others did must cost it nothing.

Two servers, each with a project that answers a form by an e-mail: one has events by the million
behind it, the other none. Then a million are waiting to enter a campaign, and forms go on coming.

`python -m bench.behind [EVENTS [CROWD]]` takes other numbers: the millions take some minutes.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP

from bench import stage
from bench.figures import Figure, Goal, french, table
from bench.latency import Sink, once, project
from bench.load import centile
from bench.ports import free_port
from bench.processes import Process, relance
from server.store.ids import floor_of

EVENTS, CROWD = 5_000_000, 1_000_000
FORM = "/webhooks/forms/Demande%20de%20tarif"
MOVED_IN = """\
campagne « Foule »
  entrée
    quand Formulaire (Foule) rempli

  Étiqueter (Foule)
  Attendre pendant 2 jours
fin
"""
_PART = 100_000
#: Forms posted before any counts: connections open, statements are compiled.
_WARM = 10


def _fill(path: Path, leads: int, events: int, *, pending: bool) -> None:
    """Leads, and events that they did an hour ago, handled or not."""
    now = int(time.time() * 1_000_000)
    type_, subject = ("form_submitted", "foule") if pending else ("page_visited", "tarifs")
    db = stage.connect(path)
    db.execute("BEGIN IMMEDIATE")
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM leads").fetchone()
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO leads (id, created_at, score) SELECT ? + i, ?, 0 FROM n",
        (leads, last, now),
    )
    db.execute("COMMIT")
    for start in range(0, events, _PART):
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
            "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, "
            "received_at) SELECT ? + 1 + i % ?, ?, ? + i, ?, ?, ?, ? FROM n",
            (
                start,
                min(start + _PART, events),
                last,
                leads,
                type_,
                floor_of(now - 3_600_000_000),
                subject,
                subject,
                now - 3_600_000_000,
                now - 3_600_000_000,
            ),
        )
        db.execute("COMMIT")
    if pending:
        db.execute(f"{stage.WAITING} WHERE type = ? AND subject_key = ?", (type_, subject))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _base(folder: Path) -> Path:
    """Where the server of a project keeps what it knows."""
    return next(folder.glob(".relance/*.db"))


def _waiting(path: Path) -> int:
    db = stage.connect(path)
    (found,) = db.execute("SELECT count(*) FROM inbox").fetchone()
    db.close()
    return int(found)


def _until_in(path: Path) -> None:
    """Wait until nobody waits any more."""
    while _waiting(path):
        time.sleep(1)


class _Server:
    """A project of its own, filled before it is measured."""

    def __init__(self, folder: Path, smtp: int, script: str = "") -> None:
        folder.mkdir()
        self.port, self.folder = free_port(), folder
        project(folder, self.port, smtp)
        if script:
            (folder / "foule.relance").write_text(script, encoding="utf-8")

    def start(self) -> Process:
        return relance(self.folder, self.port).__enter__()

    def fill(self, leads: int, events: int, *, pending: bool) -> None:
        """Publish first, so that the tables are there and the rules known."""
        self.start().__exit__(None, None, None)
        _fill(_base(self.folder), leads, events, pending=pending)


async def _past(folder: Path, smtp: int, sink: Sink, events: int, posts: int) -> list[Figure]:
    servers = [_Server(folder / name, smtp) for name in ("long", "court")]
    await asyncio.to_thread(servers[0].fill, events // 50, events, pending=False)
    running = [await asyncio.to_thread(server.start) for server in servers]
    took: list[list[float]] = [[], []]
    spent: list[list[float]] = [[], []]
    try:
        for number in range(posts + _WARM):
            for turn in range(2):
                which = (turn + number) % 2
                before = running[which].processor()
                one = await once(sink, servers[which].port, FORM, number)
                await asyncio.sleep(0.05)  # what follows the mail is of its cost too
                if number >= _WARM:
                    took[which].append(one)
                    spent[which].append(1000 * (running[which].processor() - before))
    finally:
        for each in running:
            await asyncio.to_thread(each.__exit__, None, None, None)
    behind = f"{french(events)} événements derrière"

    def figure(name: str, of: Callable[[list[float]], float], values: list[list[float]]) -> Figure:
        slices = [[of(one[n::5]) for n in range(5)] for one in values]
        what = f"{name}, {behind}"
        return Figure(what, "ms", slices[0], "aucun", slices[1], Goal.AT_MOST, 1.2)

    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    return [
        figure("Du formulaire au courriel", lambda values: centile(values, 0.5), took),
        figure("Processeur par formulaire", mean, spent),
    ]


async def _crowded(folder: Path, smtp: int, sink: Sink, crowd: int, posts: int) -> list[Figure]:
    server = _Server(folder / "foule", smtp, MOVED_IN)
    await asyncio.to_thread(server.fill, crowd, crowd, pending=True)
    running = await asyncio.to_thread(server.start)
    took: list[list[float]] = [[], []]
    try:
        for number in range(_WARM + posts):
            one = await once(sink, server.port, FORM, number)
            if number >= _WARM:
                took[0].append(one)
            await asyncio.sleep(0.05)
            if (
                number > _WARM
                and not number % 50
                and not await asyncio.to_thread(_waiting, _base(server.folder))
            ):
                break
        await asyncio.to_thread(_until_in, _base(server.folder))
        for number in range(posts, posts + min(posts, 100)):
            took[1].append(await once(sink, server.port, FORM, _WARM + number))
            await asyncio.sleep(0.05)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
    name = f"Du formulaire au courriel pendant que {french(crowd)} entrent, 99ᵉ centile"
    ours, alone = (centile(values, 0.99) for values in took)
    return [Figure(name, "ms", [ours], "au repos", [alone], Goal.AT_MOST, 1_000, on_ratio=False)]


async def _measure(events: int, crowd: int, posts: int) -> list[Figure]:
    sink = Sink()
    mail = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="localhost"), "127.0.0.1", 0
    )
    try:
        with tempfile.TemporaryDirectory() as name:
            smtp = mail.sockets[0].getsockname()[1]
            past = await _past(Path(name), smtp, sink, events, posts)
            return past + await _crowded(Path(name), smtp, sink, crowd, 4 * posts)
    finally:
        mail.close()


def measure(events: int = EVENTS, crowd: int = CROWD, posts: int = 200) -> list[Figure]:
    """Forms behind a past, forms beside a crowd."""
    return asyncio.run(_measure(events, crowd, posts))


if __name__ == "__main__":
    print(table(measure(*(int(one) for one in sys.argv[1:]))))
