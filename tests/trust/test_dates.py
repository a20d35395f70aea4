"""A field keeps the latest value by the fact's own time, in whatever order facts come."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.events import NewEvent
from relance.proof import Proof
from relance.testing import VirtualClock
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder
from server.imports.people import People
from server.imports.run import Import
from server.intake.identities import LeadPlace
from server.intake.knowledge import FactFields, Known, learn
from server.store.store import Store
from tests.intake.conftest import Desk

WHO = {"email": "aline@exemple.ca"}


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)


async def city(desk: Desk) -> str | None:
    (row,) = await desk.rows("SELECT f_ville FROM leads")
    return row.f_ville


def old_purchase(desk: Desk) -> NewEvent:
    return NewEvent("purchase", "1", occurred_at=desk.clock.now() - timedelta(days=2000))


@pytest.mark.parametrize("proof", [Proof.STATED, Proof.SIGNED])
async def test_a_purchase_of_years_ago_changes_nothing_said_since(desk: Desk, proof: Proof) -> None:
    await desk.bring({"ville": "Lévis"}, proof=proof, **WHO)
    desk.clock.advance(days=1)
    await desk.bring({"ville": "Gaspé", "langue": "fr"}, old_purchase(desk), **WHO)
    assert await city(desk) == "Lévis"
    (row,) = await desk.rows("SELECT f_langue FROM leads")
    assert row.f_langue == "fr", "what nobody said since, it teaches"


async def test_what_an_old_purchase_taught_first_gives_way_to_a_newer_one(desk: Desk) -> None:
    await desk.bring({"ville": "Gaspé"}, old_purchase(desk), **WHO)
    later = NewEvent("purchase", "2", occurred_at=desk.clock.now() - timedelta(days=10))
    await desk.bring({"ville": "Lévis"}, later, **WHO)
    assert await city(desk) == "Lévis"
    between = NewEvent("purchase", "3", occurred_at=desk.clock.now() - timedelta(days=100))
    await desk.bring({"ville": "Laval"}, between, **WHO)
    assert await city(desk) == "Lévis"


async def test_what_is_said_again_is_known_since_then(desk: Desk) -> None:
    for days, ville in ((30, "Lévis"), (10, "Lévis"), (20, "Gaspé")):
        at = desk.clock.now() - timedelta(days=days)
        await desk.bring({"ville": ville}, NewEvent("custom", "x", occurred_at=at), **WHO)
    assert await city(desk) == "Lévis"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def _import(desk: Desk, path: Path, text: str, **asked: str) -> None:
    _write(path, text)
    sheet = open_sheet(path)
    order = ImportOrder(**asked)
    people = People(sheet.heading.names, desk.store.fields, order, "CA")
    await Import(desk.store, desk.clock, sheet, people).run(
        sha256(text.encode()).hexdigest(), path.name
    )
    sheet.close()


async def test_an_older_export_changes_nothing_said_since(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    await _import(desk, file, "courriel;ville\naline@exemple.ca;Lévis\n")
    await _import(desk, file, "courriel;ville;Modifié le\naline@exemple.ca;Gaspé;2020-03-01\n")
    assert await city(desk) == "Lévis"
    await _import(desk, file, "courriel;ville\naline@exemple.ca;Laval\n", as_of="2020-03-02")
    assert await city(desk) == "Lévis"
    desk.clock.advance(days=1)
    await _import(desk, file, "courriel;ville\naline@exemple.ca;Québec\n")
    assert await city(desk) == "Québec"


async def test_rows_of_one_file_about_one_lead_count_by_their_dates(
    desk: Desk, tmp_path: Path
) -> None:
    text = (
        "courriel;ville;updated at\naline@exemple.ca;Gaspé;2021-05-01T10:00:00\n"
        "aline@exemple.ca;Lévis;2020-05-01\n"
    )
    await _import(desk, tmp_path / "leads.csv", text)
    assert await city(desk) == "Gaspé"


FACTS = st.lists(
    st.tuples(st.sampled_from(Proof), st.integers(0, 9), st.sampled_from("abc"), st.booleans()),
    max_size=8,
)


def _facts(facts: Sequence[tuple[Proof, int, str, bool]]) -> list[FactFields]:
    return [
        FactFields(
            LeadPlace(1, proof, corrects=own or proof > Proof.STATED, reaches=True),
            {"f": value},
            at,
        )
        for proof, at, value, own in facts
    ]


@given(FACTS)
@settings(max_examples=300)
def test_nothing_less_sure_or_older_ever_overwrites(facts: list) -> None:
    known: dict[str, Known] = {}
    for fact in _facts(facts):
        before = known.get("f")
        learned = learn([fact], known)
        if before is not None and "f" in learned.changes:
            assert fact.place.corrects
            assert fact.place.proof >= before.proof
            assert fact.at >= before.at
        if before is not None:
            assert (known["f"].proof, known["f"].at) >= (before.proof, min(before.at, fact.at))


@given(st.permutations([(0, "a"), (1, "b"), (2, "c"), (3, "d")]))
def test_of_the_equally_sure_the_order_received_does_not_count(facts: list) -> None:
    known: dict[str, Known] = {}
    learn(_facts([(Proof.SIGNED, at, value, True) for at, value in facts]), known)
    assert known["f"].value == "d"
