"""A mail written in a script is a part of the publication: it leaves, and survives, with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.runtime import Runtime
from tests.email.sink import Sink
from tests.publication.test_rules import numbers, post
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Essai) rempli
  Envoyer courriel « Bienvenue, {{ courriel }} »
    # Bonjour

    Nous vous attendons.
  fin
fin
"""
SENT = "SELECT message, state FROM outbox ORDER BY lead_id"
NAME = "Bienvenue, {{ courriel }}"


@pytest.fixture
def project(tmp_path: Path, sink: Sink) -> Path:
    (tmp_path / "accueil.relance").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def server_of(project: Path, sink: Sink) -> Runtime:
    environment = {
        **sink.environment,
        "RELANCE_EMAIL_EXPEDITEUR": "bonjour@exemple.ca",
    }
    return Runtime(saving(project, environment))


@pytest.fixture
async def server(project: Path, sink: Sink) -> AsyncIterator[Runtime]:
    async with running(server_of(project, sink)) as runtime:
        yield runtime


async def test_a_mail_in_place_leaves_under_its_subject_and_another_start_publishes_nothing(
    project: Path, sink: Sink
) -> None:
    async with running(server_of(project, sink)) as server:
        await post(server, "aline@exemple.ca")
        await eventually(server, SENT, [(NAME, "sent")])
        published = await numbers(server)
    (message,) = sink.messages
    assert message["Subject"] == "Bienvenue, aline@exemple.ca"
    assert "Nous vous attendons." in message.as_string() or message.is_multipart()
    # Were the folder gone, what runs would still be what was published.
    async with running(server_of(project, sink)) as server:
        assert await numbers(server) == published
        await post(server, "zoe@exemple.ca")
        await eventually(server, SENT, [(NAME, "sent")] * 2)


async def test_one_that_is_broken_keeps_its_script_from_being_published(
    server: Runtime, project: Path
) -> None:
    before = await numbers(server)
    broken = SCRIPT.replace("Nous", "{% if %} Nous")
    (project / "accueil.relance").write_text(broken, encoding="utf-8")
    server.rules.reload()
    await server.rules.refresh()
    assert await numbers(server) == before
    (problem,) = server.rules.problems
    assert problem.startswith("accueil.relance, ligne 7")


async def test_a_text_put_right_is_the_one_that_leaves(
    server: Runtime, project: Path, sink: Sink
) -> None:
    right = SCRIPT.replace("Nous vous attendons.", "Venez samedi.")
    (project / "accueil.relance").write_text(right, encoding="utf-8")
    server.rules.reload()
    await server.rules.refresh()
    await post(server, "aline@exemple.ca")
    await eventually(server, SENT, [(NAME, "sent")])
    (message,) = sink.messages
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    assert "Venez samedi." in plain.get_content()
