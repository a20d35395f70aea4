"""On demand, saved files change nothing: that they differ is said, until somebody publishes."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from server.access.actor import SERVER
from server.orders.declined import Declined
from server.orders.publishing import PUBLISH, PublishOrder
from server.publication.archive import Decision
from server.runtime import Runtime
from server.settings import PublishingMode, load_settings
from server.store import suppressions
from tests.email.sink import Sink
from tests.publication.test_rules import INSIDE, RENAMED, SCRIPT, numbers, post
from tests.publication.test_rules import project as project  # a fixture
from tests.whole import eventually, running

Open = Callable[..., Runtime]
ZOE = Decision("zoé", "la saison commence")
START = PublishOrder("zoé", activate=None)
ASKED = PublishOrder("zoé").arguments()


@pytest.fixture
def make(project: Path, sink: Sink) -> Open:
    """A server on demand; `at_start`: as `relance serve --publier` starts it."""
    said = {**sink.environment, "RELANCE_PUBLICATION": "Sur Demande"}
    return lambda at_start=None: Runtime(load_settings(project, said), at_start=at_start)


async def wrong(server: Runtime) -> dict[str, str]:
    """What is wrong, by code."""
    return {one.code: one.fact for one in (await server.checkup.health()).concerns}


async def test_what_was_never_published_is_said_and_forms_are_taken_meanwhile(make: Open) -> None:
    async with running(make()) as server:
        assert "Rien n’a encore été publié" in (await wrong(server))["regles.jamais-publiees"]
        await post(server, "aline@exemple.ca")
        await eventually(server, "SELECT count(*) FROM leads", [(1,)])
        assert await numbers(server) == 0
        assert (await server.rules.publish(ZOE)).problems == ()
        assert "regles.jamais-publiees" not in await wrong(server)
        await post(server, "bob@exemple.ca")
        await eventually(server, INSIDE, [(1,)])


async def test_saved_files_change_nothing_and_are_reported_until_they_are_published(
    make: Open, project: Path
) -> None:
    async with running(make(START)) as server:
        assert await numbers(server) == 1
        (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
        (project / "autre.relance").write_text("campagne «", encoding="utf-8")
        server.rules.reload()
        await server.rules.refresh()
        assert tuple(server.rules.pending) == ("autre.relance (nouveau)", "accueil.relance")
        assert "2\u00a0fichiers" in (await wrong(server))["brouillon"]
        refused = await server.rules.publish(ZOE)
        assert "autre.relance" in refused.problems[0]
        assert await numbers(server) == 1
        await post(server, "aline@exemple.ca")
        await eventually(server, INSIDE, [(1,)])
        (project / "autre.relance").unlink()
        await server.rules.publish(ZOE)
        await server.rules.refresh()
        assert not server.rules.pending
        await eventually(server, "SELECT name FROM campaigns", [("Salut",)])


async def test_a_start_takes_up_what_was_published_and_publishes_only_if_asked(
    make: Open, project: Path
) -> None:
    async with running(make(START)):
        pass
    async with running(make(START)) as server:
        assert await numbers(server) == 1, "nothing changed"
    (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
    async with running(make()) as server:
        await server.rules.refresh()
        assert tuple(server.rules.pending) == ("accueil.relance",)
        assert await numbers(server) == 1
    async with running(make(START)) as server:
        assert await numbers(server) == 2


async def test_another_edition_reads_again_what_was_published_and_nothing_of_the_draft(
    make: Open, project: Path
) -> None:
    async with running(make(START)):
        pass
    with sqlite3.connect(project / ".relance" / "relance.db") as base:
        base.execute("UPDATE publications SET edition = 'autre'")
    (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
    async with running(make()) as server:
        await server.rules.refresh()
        assert await numbers(server) == 2
        assert server.host.files.text("accueil.relance", 10_000) == SCRIPT
        assert tuple(server.rules.pending) == ("accueil.relance",)


@pytest.mark.parametrize("written", ["sur demande", "SUR DEMANDE", "à l'enregistrement"])
def test_the_setting_is_read_however_it_is_typed(tmp_path: Path, written: str) -> None:
    found = load_settings(tmp_path, {"RELANCE_PUBLICATION": written}).publishing
    assert found is (
        PublishingMode.ON_DEMAND if "demande" in written.lower() else PublishingMode.ON_SAVING
    )


async def test_a_list_that_the_scripts_still_use_cannot_be_taken_out_of_them(
    make: Open, project: Path
) -> None:
    script = project / "accueil.relance"
    asks = SCRIPT.replace("Formulaire (Essai) rempli", "Lead membre de la liste (Suivis)")
    assert asks != SCRIPT
    kept = "liste « Suivis » : Formulaire (Essai) rempli\n"
    script.write_text(kept + asks, encoding="utf-8")
    async with running(make(START)) as server:
        assert await numbers(server) == 1
        script.write_text(asks, encoding="utf-8")
        with pytest.raises(Declined, match=r"Suivis.*la campagne «.Accueil.».*Remettez sa ligne"):
            await server.desk.perform(PUBLISH, ASKED, SERVER)
        assert await numbers(server) == 1
        script.write_text(SCRIPT, encoding="utf-8")
        await server.desk.perform(PUBLISH, ASKED, SERVER)
        assert await numbers(server) == 2
        script.write_text(kept + asks, encoding="utf-8")
        await server.desk.perform(PUBLISH, ASKED, SERVER)
    script.write_text(asks, encoding="utf-8")
    async with running(make(START)) as server:  # nothing is wrong with the draft: it is not done
        found = await wrong(server)
        assert "Suivis" in found["publication.retenue"]
        assert ("regles" in found, await numbers(server)) == (False, 3)


@pytest.mark.parametrize("verb", [PUBLISH, "pause", "retablir"])
async def test_an_order_cut_short_is_done_and_written_down_or_neither(
    verb: str, make: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        PUBLISH: ASKED,
        "pause": {"campagne": "Accueil"},
        "retablir": {"canal": "email", "adresse": "aline@exemple.ca", "raison": "essai"},
    }[verb]
    query = "SELECT count(*) FROM audit_log WHERE action = :action"
    async with running(make(START)) as server:
        (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
        async with server.store.write() as conn:
            await suppressions.suppress(conn, "email", "aline@exemple.ca", "rebond", 1, asked=False)

        async def written_after_death_at(point: str) -> int:
            def die(passed: str) -> None:
                if passed.endswith(point):
                    raise Killed

            for module in ("engine.engine", "orders.desk"):
                monkeypatch.setattr(f"server.{module}.crash_point", die)
            with pytest.raises(Killed):
                await server.desk.perform(verb, given, SERVER)
            async with server.store.read() as conn:
                found = await conn.scalar(text(query), {"action": f"ordre.{verb}"})
            return int(found or 0)

        before = 1 if verb == PUBLISH else 0  # that of the start
        assert await written_after_death_at("before_commit") == before
        assert await written_after_death_at("after_commit") == before + 1


class Killed(Exception):
    """As by `kill -9`, at a point of `server.crash`."""
