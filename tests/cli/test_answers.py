"""What is asked in JSON is answered in JSON, orders too: a program reads no sentence."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Said


@pytest.mark.parametrize(
    "asked",
    [
        ("comptes", "{}", "--refaire"),
        ("retenus", "{}", "--abandonner"),
        ("limites", "{}", "--envoyer"),
        ("oublier", "1", "--oui", "--dossier", "{}"),
        ("activer", "Tarifs", "--dossier", "{}"),
    ],
    ids=lambda asked: asked[0],
)
def test_an_order_that_is_done_answers_a_program_in_json(
    asked: tuple[str, ...], project: Path, relance: Callable[..., Said]
) -> None:
    assert relance("publier", project).code == 0
    with closing(sqlite3.connect(project / ".relance" / "relance.db")) as base:
        base.execute("INSERT INTO leads (id, created_at) VALUES (1, 1)")
        base.commit()
    said = relance(*(word.format(project) for word in asked), "--json")
    assert said.code == 0, said.err
    answer = json.loads(said.out)
    assert answer["fait"] is True
    assert answer["dit"]
