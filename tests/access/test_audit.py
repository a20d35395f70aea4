"""The audit log: chained, and telling nothing of a person."""

import re

import pytest
from sqlalchemy import text

from relance.testing import VirtualClock
from server.access.actions import ACTIONS, asked_in_words
from server.access.actor import SERVER
from server.access.audit import latest, verify
from server.access.register import AccessRegister
from server.engine.transfer.fate import Fate
from server.orders.publishing import PUBLISH, PublishOrder
from server.orders.recorded import OrderRecord
from server.reports.audit import changes, deed_in_words
from server.store.store import Store
from server.tokens import Signer


@pytest.fixture
async def register(store: Store) -> AccessRegister:
    kept = AccessRegister.of(store, VirtualClock(), Signer(b"s" * 32))
    for number in range(5):
        async with store.write() as conn:
            await kept.audit.note(conn, SERVER, "compte.nom", f"n° {number}", after={"é": number})
    return kept


@pytest.mark.parametrize(
    ("spoilt", "broken"),
    [
        ("UPDATE audit_log SET who = 'Autre' WHERE number = 3", 3),
        ("UPDATE audit_log SET after = '{}' WHERE number = 1", 1),
        ("UPDATE audit_log SET at = at + 1 WHERE number = 5", 5),
        ("DELETE FROM audit_log WHERE number = 2", 2),
    ],
)
async def test_a_row_that_is_changed_or_taken_out_is_seen(
    register: AccessRegister, spoilt: str, broken: int
) -> None:
    async with register.store.read() as conn:
        whole = await verify(conn)
        assert (whole.rows, whole.broken) == (5, None)
        assert whole.mark == (await latest(conn, 1))[0].mark
    async with register.store.write() as conn:
        await conn.execute(text(spoilt))
    async with register.store.read() as conn:
        assert (await verify(conn)).broken == broken


async def test_what_is_looked_for_is_found_by_its_kind_and_part_by_part(
    register: AccessRegister,
) -> None:
    async with register.store.write() as conn:
        await register.audit.note(conn, SERVER, "compte", "pas celui-là")
        await register.audit.note(conn, SERVER, "comptes", "ni celui-là")
    async with register.store.read() as conn:
        kind = [one.number for one in await latest(conn, 10, action="compte.")]
        assert kind == [5, 4, 3, 2, 1]
        before = [one.number for one in await latest(conn, 2, action="compte.", before=4)]
        assert before == [3, 2]


async def test_an_order_is_written_without_what_tells_who_it_is_about(
    register: AccessRegister,
) -> None:
    given = {"canal": "email", "adresse": "aline@exemple.ca", "raison": "Aline a appelé"}
    lift = OrderRecord(register, SERVER, "retablir", given)
    separate = OrderRecord(register, SERVER, "separer", {"lead": "aline@exemple.ca"})
    pause = OrderRecord(register, SERVER, "pause", {"campagne": "Bienvenue", "qui": "zoé"})
    async with register.store.write() as conn:
        await lift.write(conn)
    await lift.refused()
    async with register.store.write() as conn:
        await separate.write(conn)
        await pause.write(conn)
    async with register.store.read() as conn:
        paused, separated, refused, lifted = await latest(conn, 4)
    rows = (paused, separated, refused, lifted)
    assert not any("line" in f"{one.object}{one.after}" for one in rows)
    assert (paused.object, paused.after) == ("Bienvenue", {})
    assert refused.after == {**lifted.after, "issue": "refusé"}
    assert deed_in_words(refused).startswith("a demandé de rétablir l’adresse ")
    assert deed_in_words(refused).endswith(" : refusé")
    assert changes(refused) == changes(lifted), "how it ended is said once"
    masked = str(lifted.after["adresse"])
    assert masked.startswith("masqué (")
    assert separated.object == masked, "the same person is seen to be the same"


def test_what_was_asked_in_vain_is_said_as_asked_and_never_as_done() -> None:
    for action in (one for one in ACTIONS if one.startswith("ordre.")):
        assert re.match("a demandé (de |d’)[a-zôé]+(er|ir|re)\\b", asked_in_words(action)), action
    assert asked_in_words("ordre.creer-liste") == "a demandé de créer la liste"
    assert asked_in_words("ordre.oublier") == "a demandé de faire oublier"


async def test_the_log_says_what_an_order_chose_in_the_words_of_people(
    register: AccessRegister,
) -> None:
    resumed = {"campagne": "Suivi", "comment": "spread", "duree": str(90_000 * 1_000_000)}
    resume = OrderRecord(register, SERVER, "reprendre", resumed)
    fates = tuple((fate.value.title(), fate.value) for fate in Fate)
    order = PublishOrder("Zoé", fates=fates)
    publish = OrderRecord(register, SERVER, PUBLISH, order.arguments())
    async with register.store.write() as conn:
        await resume.write(conn)
        await publish.write(conn)
    async with register.store.read() as conn:
        published, resuming = await latest(conn, 2)
    assert resuming.after == {"comment": "étalé", "durée": "1\u00a0jour et 1\u00a0heure"}
    assert published.after["qui est dedans"] == [
        "Keep\u00a0: finissent leur version",
        "Migrate\u00a0: passent à la nouvelle version",
        "Leave\u00a0: sortent de la campagne",
    ]
