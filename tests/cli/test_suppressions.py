"""An address silenced by mistake is written to again: beside a running server, and without one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.host import Identities, Incoming
from relance.reach import Suppress
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.test_explain import relance
from tests.whole import running

BOUNCE = "rebond : 550 5.1.1 user unknown"


@pytest.fixture
async def server(project: Path) -> AsyncIterator[Runtime]:
    settings = load_settings(project, {"RELANCE_PORT": "0"})
    async with running(Runtime(settings)) as made:
        yield made


async def leave(server: Runtime, left: Suppress) -> None:
    who = Identities(email="aline@exemple.ca")
    await server.host.record([Incoming("essai", who, reach=[left])])


async def test_a_running_server_takes_the_order_and_the_log_keeps_why(
    server: Runtime, project: Path
) -> None:
    await leave(server, Suppress("email", "aline@exemple.ca", BOUNCE, asked=False))
    listed = await relance("ecartees", str(project))
    assert "aline@exemple.ca" in listed.out
    assert "un serveur" in listed.out
    done = await relance(
        "retablir", "Aline@Exemple.ca", "--raison", "notre domaine", "--dossier", str(project)
    )
    assert (done.code, done.err) == (0, "")
    assert not await server.host.suppressed("email", "aline@exemple.ca")
    (log,) = json.loads((await relance("ecartees", str(project), "--retablies", "--json")).out)
    assert (log["adresse"], log["raison"]) == ("aline@exemple.ca", "notre domaine")
    assert log["ecartee"]["raison"] == BOUNCE
    assert list((project / ".relance" / "ordres").iterdir()) == [], "nothing is left behind"


async def test_the_person_alone_comes_back_on_her_own_word(server: Runtime, project: Path) -> None:
    await leave(server, Suppress("email", "aline@exemple.ca", BOUNCE, asked=False))
    await leave(server, Suppress("email", "aline@exemple.ca", "désabonnement"))
    order = ("retablir", "aline@exemple.ca", "--raison", "essai", "--dossier", str(project))
    refused = await relance(*order)
    assert refused.code == 1
    assert "désabonnement" in refused.err, "her word prevails over the server's"
    assert "--malgre-refus" in refused.err
    assert await server.host.suppressed("email", "aline@exemple.ca")
    assert (await relance(*order, "--malgre-refus")).code == 0
    assert not await server.host.suppressed("email", "aline@exemple.ca")


async def test_without_a_server_the_command_does_it(project: Path) -> None:
    settings = load_settings(project, {"RELANCE_PORT": "0"})
    runtime = Runtime(settings)
    await runtime.open()
    reason = "le fournisseur répond 30005"
    await leave(runtime, Suppress("sms", "+15145551234", reason, asked=False))
    await runtime.close()
    order = ("retablir", "+15145551234", "--canal", "sms", "--dossier", str(project))
    assert (await relance(*order, "--raison", "de nouveau en service")).code == 0
    assert (await relance("ecartees", str(project))).out == "Aucune adresse écartée.\n"


async def test_an_address_that_is_not_silenced_is_told(server: Runtime, project: Path) -> None:
    order = ("retablir", "bob@exemple.ca", "--raison", "essai", "--dossier", str(project))
    said = await relance(*order)
    assert said.code == 1
    assert "n’est pas écartée" in said.err
