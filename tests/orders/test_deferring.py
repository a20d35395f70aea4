"""What was confirmed, and is published by itself: once, and not if it was renounced, whatever stops."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from relance.access_role import AccessRole
from relance.errors import StoreUnavailable
from server.orders import deferring
from server.orders.published import PublishedWords
from server.publication.deferred import DeferredPublication
from server.publication.reading import DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.progress import RehearsalProgress
from server.runtime import Runtime
from server.settings import load_settings
from server.store.schema.access import accounts, api_tokens
from server.store.schema.rules import deferred_publications
from server.web import deferred, office
from tests.http.conftest import Site, running
from tests.signed import token_of
from tests.web.test_interface import plain
from tests.web.test_publish_page import FIRST, PASSING, landed, shown
from tests.whole import lay_out


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.02)
    monkeypatch.setattr(deferred, "_PATIENCE", 0.05)
    monkeypatch.setattr(deferring, "_LOOKED", 0.02)
    lay_out(tmp_path, {"regles.relance": PASSING})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


@pytest.fixture
def ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once the scenarios of the draft have passed; those of another have one that fails."""
    event = asyncio.Event()

    async def play(reading: DraftReading, progress: RehearsalProgress) -> DraftRehearsal:
        if "autre.relance" in reading.files.contents:
            progress.fails(FailedScenario("autre.relance", 1, "perdu", 9, "", ""))
        await event.wait()
        return DraftRehearsal("", 2, tuple(progress.failed))

    monkeypatch.setattr(site.runtime.publishing.rehearsals, "_play", play)
    return event


async def confirm(site: Site) -> None:
    confirmed = await site.client.post("/publier", data=await shown(site))
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, "/publier")


async def deeds(site: Site) -> list[str]:
    found = await site.rows(
        "SELECT action FROM audit_log WHERE action LIKE 'ordre.%' ORDER BY number"
    )
    return [row[0] for row in found]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.02)


async def test_one_that_waits_no_more_is_not_published_and_one_that_is_done_is_not_renounced(
    site: Site, ended: asyncio.Event
) -> None:
    for state, said in (("called_off", ""), ("done", "Ce que vous aviez confirmé est fait.")):
        ended.clear()
        await confirm(site)
        # Between the last look at it and the transaction that publishes.
        async with site.runtime.store.write() as conn:
            mine = deferred_publications.c.state == "waiting"
            over = {"state": state, "said": said}
            await conn.execute(update(deferred_publications).where(mine).values(over))
        (number,) = (await site.rows("SELECT max(number) FROM deferred_publications"))[0]
        late = await site.client.post("/publier", data={"renoncer": str(number)})
        assert "Il est trop tard" in plain((await site.client.get(late.headers["location"])).text)
        ended.set()
        await landed(site.client, "/campagnes" if state == "done" else "/publier")
        assert await site.count("publications") == 0
        site.runtime.publishing.rehearsals._found.clear()


async def test_what_is_done_is_said_to_be_and_done_once_though_the_base_stops_right_after(
    site: Site, ended: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = []

    async def words(*_: object) -> PublishedWords:
        stopped.append(await site.count("publications"))
        raise StoreUnavailable("arrêtée")

    monkeypatch.setattr(deferring, "published_words", words)
    monkeypatch.setattr(deferring, "_PATIENCE", 0.01)
    await confirm(site)
    ended.set()
    text = await landed(site.client, "/campagnes")
    assert "Ce que vous aviez confirmé est fait." in text
    assert stopped == [1], "and it is not tried again"
    assert await deeds(site) == ["ordre.publier-ensuite", "ordre.publier"]
    assert "Ce que vous" not in plain((await site.client.get("/campagnes")).text), "said once"

    async def noted() -> bool:
        rows = await site.rows("SELECT state, seen FROM deferred_publications")
        return [tuple(row) for row in rows] == [("done", True)]

    await until(noted)


async def test_a_scenario_of_other_files_that_fails_stops_nothing_and_what_stops_is_in_the_log(
    site: Site, ended: asyncio.Event
) -> None:
    rehearsals, rules = site.runtime.publishing.rehearsals, site.runtime.publishing.rules
    folder = site.runtime.settings.folder
    (folder / "autre.relance").write_text(FIRST.replace("Accueil", "Autre"), encoding="utf-8")
    other = asyncio.create_task(rehearsals.of(await rules.reading()))
    await asyncio.sleep(0)
    (folder / "autre.relance").unlink()
    await confirm(site)
    for _ in range(3):
        part = await site.client.get("/publier/suite")
        assert (part.status_code, "hx-redirect" in part.headers) == (200, False)
    async with site.runtime.store.write() as conn:
        await conn.execute(update(accounts).values(roles="lecture redaction"))
    ended.set()
    assert (await other).failed

    async def over() -> bool:
        return (
            site.runtime.desk.deferring is not None and site.runtime.desk.deferring.current is None
        )

    await until(over)
    ((said,),) = await site.rows("SELECT said FROM deferred_publications")
    assert "n’a plus le droit de publier" in said
    assert await deeds(site) == ["ordre.publier-ensuite", "ordre.publier"]
    ((outcome,),) = await site.rows(
        "SELECT after FROM audit_log WHERE action = 'ordre.publier' ORDER BY number DESC"
    )
    assert "refusé" in str(outcome)
    assert await site.count("publications") == 0


async def test_a_program_is_told_where_to_look_and_its_token_must_still_open_it(
    site: Site, ended: asyncio.Event
) -> None:
    token = await token_of(site.runtime, AccessRole.PUBLISH, AccessRole.READ)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "une"}
    async with httpx.AsyncClient(base_url=site.runtime.url, headers=headers) as program:
        for revoked, state in ((1, "stopped"), (None, "done")):
            headers["idempotency-key"] = state
            asked = {"ensuite": True, "activer": None}
            first = await program.post("/api/v1/publications", json=asked, headers=headers)
            again = await program.post("/api/v1/publications", json=asked, headers=headers)
            assert (first.status_code, again.status_code) == (202, 202), first.text
            where = first.headers["location"]
            assert again.headers["location"] == where, "confirmed once"
            if revoked:
                headers["idempotency-key"] = "autre"
                other = await program.post("/api/v1/publications", json=asked, headers=headers)
                assert (other.status_code, "a déjà confirmé" in other.text) == (409, True)
                assert (await program.get(where)).json()["etat"] == "waiting"
            async with site.runtime.store.write() as conn:
                await conn.execute(update(api_tokens).values(revoked_at=revoked))
            if (
                revoked
            ):  # what is called alike opens nothing in its place: made since, or by somebody else
                await token_of(site.runtime, AccessRole.PUBLISH)
                await token_of(site.runtime, AccessRole.PUBLISH)
                older = update(api_tokens).where(api_tokens.c.id == 3)
                async with site.runtime.store.write() as conn:
                    await conn.execute(older.values(created_by="B <b@exemple.ca>", created_at=0))
            ended.set()

            async def over(wanted: str = state) -> bool:
                rows = await site.rows("SELECT state FROM deferred_publications ORDER BY number")
                return rows[-1][0] == wanted

            await until(over)
            async with site.runtime.store.write() as conn:
                await conn.execute(update(api_tokens).values(revoked_at=None))
        said = [(await program.get(f"{where[:-1]}{at}")).json() for at in (1, 2)]
        assert [one["etat"] for one in said] == ["stopped", "done"]
        assert "n’a plus le droit de publier" in said[0]["dit"]
        assert said[1]["par"].startswith("jeton")
        assert (await program.get(f"{where[:-1]}9")).status_code == 404
    assert await site.count("publications") == 1
    assert "confirmée" not in plain((await site.client.get("/campagnes")).text), "to programs alone"


async def test_one_confirmed_while_a_server_looks_for_what_waits_is_not_forgotten(
    site: Site, ended: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = site.runtime.desk.deferring
    assert waits is not None
    look = waits._waiting

    async def late() -> DeferredPublication | None:
        found = await look()
        await confirm(site)
        return found

    monkeypatch.setattr(waits, "_waiting", late)
    await waits._load()
    assert waits.current is not None
    ended.set()

    async def published() -> bool:
        return await site.count("publications") == 1

    await until(published)
