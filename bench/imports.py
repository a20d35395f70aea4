"""Leads brought in from a CSV file a second, against `csv` and `executemany` into the same table.

Ours reads the same file and besides tells who each row is about, checks and reads its cells, keeps
identities and a list, records what happened and how far it is; the baseline puts the cells in
columns, as durably, and nothing more.
"""

import asyncio
import csv
import tempfile
import time
from itertools import count
from pathlib import Path

from bench.figures import Figure, interleaved, table
from bench.stage import START, connect
from relance.testing import VirtualClock
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder, mark_of
from server.imports.people import People
from server.imports.run import ALONE, Import, seldom_collected
from server.store.instants import to_micros
from server.store.store import Store

_HEADING = "courriel;prénom;nom;téléphone;ville;langue;date de naissance"
_INSERT = (
    "INSERT INTO leads (created_at, f_courriel, f_prenom, f_nom, f_telephone, f_ville, f_langue, "
    "f_date_de_naissance) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def write(path: Path, rows: int) -> None:
    """A file of people, each another."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADING + "\n")
        for n in range(rows):
            phone = f"514 {200 + n // 10_000 % 700}-{n % 10_000:04}"
            born = f"{1 + n % 28:02}/12/{1950 + n % 50}"
            file.write(f"lead{n}@exemple.example;Aline;Roy;{phone};Laval;fr;{born}\n")


def _prepared(path: Path) -> None:
    async def made() -> None:
        await (await Store.open(f"sqlite:///{path}", VirtualClock(START))).close()

    asyncio.run(made())


def ours(path: Path, database: Path) -> float:
    """Seconds of an import, its file opened and its last row committed, as the command does it."""

    async def bring() -> float:
        clock = VirtualClock(START)
        store = await Store.open(f"sqlite:///{database}", clock)
        with seldom_collected():
            began = time.perf_counter()
            order = ImportOrder(lists=("Infolettre",))
            sheet = open_sheet(path)
            people = People(sheet.heading.names, store.fields, order, "CA")
            await Import(store, clock, sheet, people).run(mark_of(path, order), path.name)
            spent = time.perf_counter() - began
        sheet.close()
        await store.close()
        return spent

    return asyncio.run(bring())


def baseline(path: Path, database: Path) -> float:
    """Seconds of the plainest way, a commit as often as ours."""
    db = connect(database)
    now = to_micros(START)
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        while part := [(now, *row) for _, row in zip(range(ALONE), reader, strict=False)]:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(_INSERT, part)
            db.execute("COMMIT")
    spent = time.perf_counter() - began
    db.close()
    return spent


def measure(runs: int = 3, rows: int = 100_000) -> list[Figure]:
    """Rows a second, each run in a new database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "leads.csv"
        write(path, rows)
        databases = (folder / f"{number}.db" for number in count())

        def fresh() -> Path:
            database = next(databases)
            _prepared(database)
            return database

        left, right = interleaved(
            runs,
            lambda: rows / ours(path, fresh()),
            lambda: rows / baseline(path, fresh()),
        )
    return [
        Figure(
            "Leads importés d’un CSV",
            "/s",
            left,
            "csv et executemany, sans identités ni listes ni événements",
            right,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
