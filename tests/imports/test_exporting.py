"""What goes out: for a spreadsheet that must not run it, and to come back as it was."""

import asyncio
import csv
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from relance.testing import VirtualClock
from server.exports import leads as exported
from server.reports.reader import StoreReader, reading
from server.spreadsheet import TooManyRows, table
from server.store.store import Store
from tests.imports.conftest import CHANNELS, Desk


async def export(
    reader: StoreReader, clock: VirtualClock, path: Path, **wish: object
) -> list[list[str]]:
    from zoneinfo import ZoneInfo

    wanted = await exported.wanted(
        reader, ZoneInfo("America/Montreal"), wish.get("liste"), wish.get("champs", ()), CHANNELS
    )
    with table(path) as file:
        file.row(wanted.heading)
        async for page in exported.pages(reader, wanted):
            for cells in page:
                file.row(cells)
    if path.suffix == ".xlsx":
        return []
    return list(csv.reader(path.open(encoding="utf-8-sig", newline=""), delimiter=";"))


async def test_everything_is_told_of_every_lead(
    desk: Desk, store_url: str, clock: VirtualClock
) -> None:
    await desk.bring(
        "courriel;prénom;ne plus écrire par\na@example.com;=1+1;\nb@example.com;Bob;courriel\n",
        lists=("Infolettre", "Avec | barre"),
        tags=("Vu",),
    )
    async with reading(store_url) as reader:
        heading, *rows = await export(reader, clock, desk.folder / "e.csv")
        some = await export(
            reader, clock, desk.folder / "f.csv", liste="infolettre", champs=("Prénom",)
        )
        with pytest.raises(Exception, match="pas de liste"):
            await export(reader, clock, desk.folder / "g.csv", liste="Rien")
    exported = dict(zip(heading, rows[0], strict=True))
    assert exported["prénom"] == "'=1+1"
    assert exported["listes"] == r"Avec \| barre | Infolettre"
    assert exported["étiquettes"] == "Vu"
    assert dict(zip(heading, rows[1], strict=True))["ne plus écrire par"] == "courriel"
    assert [row[0] for row in some] == ["prénom", "'=1+1", "Bob"]
    assert (desk.folder / "e.csv").stat().st_mode & 0o077 == 0
    assert (desk.folder / "e.csv").read_bytes().startswith(b"\xef\xbb\xbf")


async def test_a_workbook_holds_texts_and_no_formula(
    desk: Desk, store_url: str, clock: VirtualClock
) -> None:
    await desk.bring("courriel;prénom\na@example.com;=HYPERLINK(1)\n")
    async with reading(store_url) as reader:
        await export(reader, clock, desk.folder / "e.xlsx")
    cell = load_workbook(desk.folder / "e.xlsx").active["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


async def test_those_merged_into_another_are_not_told(
    desk: Desk, store_url: str, clock: VirtualClock
) -> None:
    await desk.bring("courriel\na@example.com\nb@example.com\n")
    await desk.do("UPDATE leads SET merged_into = 1 WHERE id = 2")
    async with reading(store_url) as reader:
        assert len(await export(reader, clock, desk.folder / "e.csv")) == 2


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]), max_size=12).map(str.strip)
people = st.lists(
    st.tuples(
        st.text("abc+-.'=@ ", max_size=5), words, words, st.lists(words.filter(bool), max_size=3)
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people)
@example([("", "", "", ["1", "0aÂ"])])
@example([("", "", "Ā¨", [])])
def test_an_import_of_an_export_gives_the_same_leads_back(
    found: list[tuple[str, str, str, list[str]]],
) -> None:
    async def there_and_back(folder: Path) -> None:
        clock = VirtualClock()
        first = await Store.open(f"sqlite:///{folder}/un.db", clock)
        second = await Store.open(f"sqlite:///{folder}/deux.db", clock)
        desk, other = Desk(first, clock, folder), Desk(second, clock, folder)
        with (folder / "leads.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["courriel", "prénom", "ville", "étiquettes"])
            for number, (start, name, city, tags) in enumerate(found):
                cell = "|".join(tag.replace("\\", "").replace("|", "") for tag in tags)
                writer.writerow([f"a{number}@example.com", start + name, city, cell])
        await desk.bring(folder / "leads.csv")
        async with reading(f"sqlite:///{folder}/un.db") as reader:
            await export(reader, clock, folder / "export.csv")
        await other.bring(folder / "export.csv")
        assert await other.rejects() == {}
        for query in (
            "SELECT f_courriel, f_prenom, f_ville FROM leads ORDER BY f_courriel",
            "SELECT f_courriel, tag_key, name FROM lead_tags JOIN leads ON id = lead_id ORDER BY 1, 2",
        ):
            assert await other.rows(query) == await desk.rows(query)
        await first.close()
        await second.close()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(there_and_back(Path(name)))


def test_a_file_half_written_is_never_taken_for_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("avant", encoding="utf-8")

    def half() -> None:
        with table(path) as file:
            file.row(["a"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert [one.name for one in tmp_path.iterdir()] == ["e.csv"]
    assert path.read_text(encoding="utf-8") == "avant"


def test_a_workbook_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.spreadsheet._MOST_ROWS", 2)

    def write() -> None:
        with table(tmp_path / "e.xlsx") as file:
            for _ in range(3):
                file.row(["a"])

    with pytest.raises(TooManyRows):
        write()
    assert list(tmp_path.iterdir()) == []


async def test_memory_does_not_grow_with_the_file(tmp_path: Path, clock: VirtualClock) -> None:
    """Peaks of two imports and exports, the second three times as long, are alike."""
    peaks = []
    for count in (5_000, 15_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        store = await Store.open(f"sqlite:///{folder}/r.db", clock)
        desk = Desk(store, clock, folder)
        lines = (f"lead{n}@example.com;Aline;Laval\n" for n in range(count))
        with (folder / "grand.csv").open("w", encoding="utf-8") as file:
            file.write("courriel;prénom;ville\n")
            file.writelines(lines)
        tracemalloc.start()
        await desk.bring(folder / "grand.csv", batch=500, lists=("L",))
        async with reading(f"sqlite:///{folder}/r.db") as reader:
            wish = await exported.wanted(reader, clock.now().tzinfo, None, (), CHANNELS)
            async for _ in exported.pages(reader, wish):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        await store.close()
    assert peaks[1] < peaks[0] * 1.5, peaks
