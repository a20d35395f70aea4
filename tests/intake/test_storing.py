"""What is stored, once, together, and before it is answered."""

import asyncio
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.errors import StoreUnavailable, Unacceptable
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.intake import intake as intake_module
from server.intake.intake import Intake
from server.store.store import Store
from tests.intake.conftest import VISITOR, Desk

EMAIL = "aline@exemple.ca"


async def test_the_same_key_is_the_same_fact(desk: Desk) -> None:
    first = await desk.bring(email=EMAIL, event="achat", key="k1")
    again = await desk.bring(email=EMAIL, event="achat", key="k1")
    assert (again.lead_id, again.duplicate, again.conflict) == (first.lead_id, True, False)
    assert await desk.subjects(first.lead_id) == ["achat"]


async def test_the_same_key_for_something_else_is_a_conflict_and_stores_nothing(desk: Desk) -> None:
    first = await desk.bring(email=EMAIL, event="achat", key="k1")
    other = await desk.bring(email=EMAIL, fields={"ville": "Gaspé"}, event="achat", key="k1")
    assert other.conflict
    assert (await desk.fields(first.lead_id)).f_ville is None


async def test_a_double_click_whose_cookie_came_between_is_one_fact(desk: Desk) -> None:
    await desk.bring(email=EMAIL, event="achat", key="k1")
    again = await desk.bring(email=EMAIL, visitor=VISITOR, event="achat", key="k1")
    assert again.duplicate
    assert not again.conflict


async def test_keys_are_compared_within_one_commit_too(desk: Desk) -> None:
    receipts = await asyncio.gather(
        *(desk.bring(email=EMAIL, event="x", key="k") for _ in range(20))
    )
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len(await desk.subjects(receipts[0].lead_id)) == 1


async def test_an_event_with_a_key_is_stored_once_and_its_fact_still_is(desk: Desk) -> None:
    bounce = NewEvent("email_bounced", "Bienvenue", key="b-1")
    lead = (await desk.bring(email=EMAIL, event=bounce)).lead_id
    await desk.bring({"ville": "Gaspé"}, bounce, email=EMAIL)
    assert len(await desk.rows("SELECT id FROM events WHERE type = 'email_bounced'")) == 1
    assert (await desk.fields(lead)).f_ville == "Gaspé"


async def test_fields_are_written_as_what_they_are(desk: Desk) -> None:
    await desk.store.declare_fields(
        [
            ("Budget", "nombre", ()),
            ("Infolettre", "oui/non", ()),
            ("Taille", "choix", ("Petit", "Grand")),
        ]
    )
    given = {
        "BUDGET": "1 234,50",
        "infolettre": "Oui",
        "taille": "GRAND",
        "Date de naissance": "24/12/1990",
        "inconnu": "gardé ailleurs",
    }
    lead = (await desk.bring(given, email=EMAIL)).lead_id
    table = desk.store.fields.table
    async with desk.store.read() as conn:
        from sqlalchemy import select

        row = (await conn.execute(select(table).where(table.c.id == lead))).mappings().one()
    assert row["f_budget"] == Decimal("1234.5")
    assert row["f_infolettre"] is True
    assert row["f_taille"] == "Grand"
    assert row["f_date_de_naissance"] == date(1990, 12, 24)


async def test_what_is_no_value_of_a_field_leaves_it_as_it_was(desk: Desk) -> None:
    lead = (await desk.bring({"date de naissance": "1990-12-24"}, email=EMAIL)).lead_id
    await desk.bring({"date de naissance": "bientôt"}, email=EMAIL)
    rows = await desk.rows("SELECT f_date_de_naissance FROM leads WHERE id = :i", i=lead)
    assert str(rows[0][0]) == "1990-12-24"


async def test_a_change_is_told_once_and_no_change_is_not(desk: Desk) -> None:
    async def changes() -> list[str]:
        rows = await desk.rows(
            "SELECT properties FROM events WHERE type='lead_updated' ORDER BY id"
        )
        return [json.loads(row[0])["champs"] for row in rows]

    await desk.bring({"ville": "Lévis"}, email=EMAIL)
    await desk.bring({"ville": "Lévis"}, email=EMAIL)
    await desk.bring({"ville": "Gaspé"}, email=EMAIL)
    assert await changes() == [["courriel", "ville"], ["ville"]]


async def test_a_late_event_keeps_its_own_time(desk: Desk) -> None:
    at = datetime(2020, 5, 1, tzinfo=UTC)
    await desk.bring(email=EMAIL, event=NewEvent("custom", "x", occurred_at=at))
    rows = await desk.rows("SELECT occurred_at, received_at FROM events WHERE type = 'custom'")
    assert rows[0][0] == int(at.timestamp()) * 1_000_000 < rows[0][1]


async def test_many_callers_share_few_commits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    desk.intake.on_commit = lambda: commits.append(1)
    await asyncio.gather(*(desk.bring(email=f"a{n}@exemple.ca") for n in range(300)))
    assert len(await desk.rows("SELECT id FROM leads")) == 300
    assert len(commits) <= 3


async def test_one_fact_that_cannot_be_stored_does_not_harm_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake_module.record

    async def touchy(conn, store, batch, now, hears, marks, **how):  # type: ignore[no-untyped-def]
        stored = await real(conn, store, batch, now, hears, marks, **how)
        if any(item.incoming.source == "poison" for item in batch):
            raise RuntimeError("bogue")
        return stored

    monkeypatch.setattr(intake_module, "record", touchy)
    poison = Incoming("poison", Identities(email="poison@exemple.ca"))
    answers = await asyncio.gather(
        desk.bring(email="a@exemple.ca"),
        desk.intake.record([poison]),
        desk.bring(email="b@exemple.ca"),
        return_exceptions=True,
    )
    assert [isinstance(one, Exception) for one in answers] == [False, True, False]
    kept = await desk.rows("SELECT f_courriel FROM leads ORDER BY 1")
    assert [one[0] for one in kept] == ["a@exemple.ca", "b@exemple.ca"]


async def test_those_who_come_a_moment_later_share_the_commit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, sizes = intake_module.record, []

    async def counted(conn, store, batch, now, hears, marks, **how):  # type: ignore[no-untyped-def]
        sizes.append(len(batch))
        return await real(conn, store, batch, now, hears, marks, **how)

    async def late(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await desk.bring(email=f"lead{turns}@exemple.ca")

    monkeypatch.setattr(intake_module, "record", counted)
    await asyncio.gather(*(late(turns) for turns in range(10)))
    assert sizes == [10]


async def test_a_caller_who_leaves_takes_nobody_along(desk: Desk) -> None:
    going = asyncio.create_task(desk.bring(email="parti@exemple.ca"))
    staying = asyncio.create_task(desk.bring(email="reste@exemple.ca"))
    await asyncio.sleep(0)
    going.cancel()
    assert (await staying).lead_id
    await desk.intake.drain()
    assert (await desk.bring(email="encore@exemple.ca")).lead_id


async def test_a_full_disk_is_said_and_overcome(tmp_path: Path, clock: VirtualClock) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/plein.db", clock)
    desk = Desk(store, clock)
    await desk.bring(email=EMAIL)
    try:
        pages = (await desk.rows("PRAGMA page_count"))[0][0]
        await desk.do(f"PRAGMA max_page_count = {pages}")
        full = [desk.bring({"nom": "x" * 4000}, "y", email=f"n{n}@exemple.ca") for n in range(40)]
        answers = await asyncio.gather(*full, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, StoreUnavailable)]
        assert refused
        kept = (await desk.rows("SELECT count(*) FROM leads"))[0][0]
        assert kept == 1 + len(answers) - len(refused)
        await desk.do("PRAGMA max_page_count = 1000000")
        assert (await desk.bring(email="apres@exemple.ca")).lead_id
    finally:
        await store.close()


@pytest.mark.parametrize(
    "fields",
    [
        {"nom": "a\0b"},
        {"nom": "\ud800"},
        {"nom": "x" * 5_000},
        {"n" * 300: "x"},
        {f"champ {n}": "x" for n in range(200)},
        {"nom": 2**70},
        {"nom": float("nan")},
    ],
    ids=["nul", "surrogate", "long", "long name", "many", "huge number", "no number"],
)
async def test_what_no_store_could_hold_is_refused_whole(desk: Desk, fields: dict) -> None:
    with pytest.raises(Unacceptable):
        await desk.bring(fields, email=EMAIL)
    assert not await desk.rows("SELECT id FROM leads")


async def test_of_several_facts_the_refusal_says_which(desk: Desk) -> None:
    good, bad = Identities(email=EMAIL), Identities(email="rien")
    with pytest.raises(Unacceptable) as refused:
        await desk.intake.record([Incoming("t", good), Incoming("t", bad)])
    assert [problem.pointer for problem in refused.value.problems] == ["/1/courriel"]
    assert not await desk.rows("SELECT id FROM leads")


_texts = st.text(max_size=40) | st.sampled_from(
    ["24/12/1990", "-1e400", "１２", "NaN", "1_000", "oui"]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fields=st.dictionaries(_texts, _json, max_size=6), subject=_texts)
def test_any_fact_is_stored_or_refused_and_never_breaks_the_intake(
    tmp_path_factory: pytest.TempPathFactory, fields: dict, subject: str
) -> None:
    async def go() -> None:
        clock = VirtualClock()
        store = await Store.open("sqlite://", clock)
        try:
            await store.declare_fields(
                [("n", "nombre", ()), ("d", "date", ()), ("o", "oui/non", ())]
            )
            await _bring_anything(Desk(store, clock), fields, subject)
        finally:
            await store.close()

    asyncio.run(go())


async def _bring_anything(desk: Desk, fields: dict, subject: str) -> None:
    fields_given = {**fields, **dict.fromkeys(("n", "d", "o"), subject)}
    event = NewEvent("custom", subject, properties=fields)
    try:
        receipt = await Intake(desk.store, desk.clock).record(
            [Incoming("t", Identities(email=EMAIL), fields_given, (event,))]
        )
    except Unacceptable:
        assert not await desk.rows("SELECT id FROM leads")
    else:
        assert await desk.subjects(receipt[0].lead_id) == [subject]


async def test_who_waits_for_what_was_brought_does_not_wait_for_callers_that_went_away(
    desk: Desk,
) -> None:
    fact = Incoming("test", Identities(email=EMAIL))
    going = asyncio.create_task(desk.intake.record([fact]))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(desk.intake.passed())
    await asyncio.sleep(0)
    going.cancel()
    async with asyncio.timeout(5):
        await waiting
    assert desk.intake.oldest() is None
