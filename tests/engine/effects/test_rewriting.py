"""Texts rewritten by plugins' functions, within a tick."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from dsl.program import END, Act
from plugins.leads.corrections import REWRITERS
from relance.effects import Rewrite
from tests.engine.world import HERE, World, program

CORRECT = Act("Correction des noms", HERE, (Rewrite("nom", "leads.last_name"),), END)


async def corrected(world: World, *names: str | None, **rewriters: Any) -> list[int]:
    world.engine.rewriters = {**REWRITERS, **rewriters}
    await world.publish(program(CORRECT))
    leads = [await world.lead(nom=name) for name in names]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    assert not world.engine.quarantine
    return leads


async def test_each_lead_is_rewritten_and_only_real_changes_are_told(world: World) -> None:
    names = ["TREMBLAY", "tremblay", "Tremblay", None, "DE LA FONTAINE"]
    leads = await corrected(world, *names)
    written = [await world.value(lead, "nom") for lead in leads]
    assert written == ["Tremblay", "Tremblay", "Tremblay", None, "de La Fontaine"]
    changes = [await world.subjects(lead, "lead_updated") for lead in leads]
    assert changes == [["nom"], ["nom"], [], [], ["nom"]]


async def test_a_text_is_given_once_to_its_function_whatever_the_leads(world: World) -> None:
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    await corrected(world, *["Roy"] * 50, "Côté", **{"leads.last_name": upper})
    assert sorted(asked) == ["Côté", "Roy"]


async def test_leads_that_do_not_pass_keep_their_name(world: World) -> None:
    elsewhere = await world.lead(nom="ROY")
    await corrected(world, "ROY")
    assert await world.value(elsewhere, "nom") == "ROY"


@pytest.mark.parametrize("answer", [None, 3, "a\0b", ValueError("mauvais nom")])
async def test_a_function_that_fails_leaves_the_text_and_is_told_once(
    world: World, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    def broken(text: str) -> Any:
        if text == "ROY":
            return "Roy"
        if isinstance(answer, Exception):
            raise answer
        return answer

    with caplog.at_level(logging.ERROR, "relance.engine"):
        leads = await corrected(world, "Un", "Deux", "ROY", **{"leads.last_name": broken})
    assert [await world.value(lead, "nom") for lead in leads] == ["Un", "Deux", "Roy"]
    assert len(caplog.records) == 1


async def test_a_function_that_is_gone_stops_nobody(world: World) -> None:
    await world.publish(program(CORRECT))
    lead = await world.lead(nom="ROY")
    await world.event(lead)
    await world.settle()
    assert await world.value(lead, "nom") == "ROY"
    assert not world.engine.quarantine
    assert (await world.moves(lead))[-1] == "left"


async def test_leads_cost_no_statements_only_texts_do(world: World) -> None:
    world.engine.rewriters = REWRITERS
    await world.publish(program(CORRECT))
    counts = []
    for crowd in (5, 20, 60):  # the first makes the tables of the connection
        for at in range(crowd):
            await world.event(await world.lead(nom=f"NOM{'ABCDE'[at % 5]}"))
        with counted() as statements:
            await world.settle()
        counts.append(len(statements))
    assert counts[1] == counts[2]
    table = world.store.fields.table
    rows = await world.rows(select(table.c.f_nom).distinct())
    assert sorted(row.f_nom for row in rows) == ["Noma", "Nomb", "Nomc", "Nomd", "Nome"]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements executed meanwhile."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        found.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)
