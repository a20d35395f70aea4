"""A server that starts, takes up new rules, and stops in order."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bench.ports import free_port
from relance.errors import ConfigurationError
from server.publication import watcher
from server.runtime import Runtime
from server.settings import PublishingMode, Settings
from tests.http.conftest import Site, Start, all_plugins

GOOD = """campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli

  Ajouter à la liste (Abonnés)
fin
"""


async def _until(site: Site, problems: bool) -> None:
    for _ in range(200):
        if bool(site.runtime.rules.problems) is problems:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(site.runtime.rules.problems)


async def _until_said(site: Site, word: str) -> None:
    for _ in range(200):
        if any(word in each for each in site.runtime.rules.problems):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(site.runtime.rules.problems)


async def test_rules_are_taken_up_when_saved_and_wrong_ones_never_replace_good_ones(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "EVERY_SECONDS", 0.05)
    script = tmp_path / "accueil.relance"
    script.write_text(GOOD, encoding="utf-8")
    async with start() as site:
        assert site.runtime.rules.problems == ()
        script.write_text(
            GOOD.replace("Ajouter à la liste", "Ajoutre à la lsite"), encoding="utf-8"
        )
        await _until(site, problems=True)
        page = (await site.client.get("/etat")).text
        assert "accueil.relance" in page
        assert "Accueil" in page
        assert (await site.client.get("/sante")).json()["regles_publiees"] is False
        await site.post("Infolettre", data={"courriel": "a@b.ca"})
        for _ in range(200):
            if await site.count("list_members"):
                break
            await asyncio.sleep(0.02)
        assert await site.count("list_members") == 1, "the last good version goes on"
        renamed = GOOD.replace("Accueil", "Bienvenue")
        script.write_text(renamed, encoding="utf-8")
        # Its rules are those of « Accueil », which has gone: is it the same, renamed?
        await _until_said(site, "anciennement")
        answered = renamed.replace("\n", "\n  anciennement : « Accueil »\n", 1)
        script.write_text(answered, encoding="utf-8")
        await _until(site, problems=False)
        assert "Bienvenue" in (await site.client.get("/etat")).text


async def test_a_file_that_is_no_text_is_told_and_stops_nothing(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "a.relance").write_bytes(b"\xff\xfe\x00")
    async with start() as site:
        assert "a.relance" in site.runtime.rules.problems[0]
        assert "UTF-8" in site.runtime.rules.problems[0]
        assert "codec" not in site.runtime.rules.problems[0]
        assert (await site.post(data={"courriel": "a@b.ca"})).status_code == 201


async def test_broken_rules_at_start_leave_the_published_ones_running(
    start: Start, tmp_path: Path
) -> None:
    script = tmp_path / "accueil.relance"
    script.write_text(GOOD, encoding="utf-8")
    async with start():
        pass
    script.write_text("campagne", encoding="utf-8")
    async with start() as site:
        await site.post("Infolettre", data={"courriel": "a@b.ca"})
        for _ in range(200):
            if await site.count("list_members"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the published campaign does not run")


async def test_a_port_taken_is_told_in_french(settings: Settings) -> None:
    from dataclasses import replace

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        runtime = Runtime(replace(settings, port=taken.getsockname()[1]), plugins=all_plugins())
        await runtime.open()
        try:
            with pytest.raises(ConfigurationError, match="port"):
                await runtime.serve(signals=False)
        finally:
            await runtime.close()


_SERVE = """
import sys
from pathlib import Path
from server.serving import run
from server.settings import load_settings
class Nobody:
    def answers(self, url): pass
    def awaits_first(self, link): pass
    def examined(self, health): pass
run(load_settings(Path(sys.argv[1])), Nobody())
"""


async def _flood(url: str, stop: asyncio.Event) -> int:
    """Post until the server goes; how many were acknowledged."""
    acknowledged = 0

    async def one(client: httpx.AsyncClient, who: int) -> None:
        nonlocal acknowledged
        number = 0
        while not stop.is_set():
            number += 1
            try:
                data = {"courriel": f"a{who}.{number}@exemple.ca"}
                answer = await client.post("/webhooks/forms/Infolettre", data=data)
            except httpx.HTTPError:
                return
            acknowledged += answer.status_code == 201

    async with httpx.AsyncClient(base_url=url) as client:
        await asyncio.gather(*(one(client, who) for who in range(16)))
    return acknowledged


async def test_a_stop_under_load_loses_nothing_and_is_quick(tmp_path: Path) -> None:
    (tmp_path / "accueil.relance").write_text(GOOD, encoding="utf-8")
    port = free_port()
    environment = {**os.environ, "RELANCE_PORT": str(port), "RELANCE_FORMULAIRES_DEBIT": "0"}
    environment["RELANCE_PUBLICATION"] = PublishingMode.ON_SAVING.value
    server = subprocess.Popen(  # noqa: ASYNC220 — it lasts as long as the test
        [sys.executable, "-c", _SERVE, str(tmp_path)],
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await _wait_for(url)
        stop = asyncio.Event()
        flood = asyncio.create_task(_flood(url, stop))
        await asyncio.sleep(1)
        server.send_signal(signal.SIGTERM)
        began = time.monotonic()
        code = await asyncio.to_thread(server.wait, 15)
        took = time.monotonic() - began
        stop.set()
        acknowledged = await flood
    finally:
        server.kill()
    assert took < 10
    assert code == 0
    with sqlite3.connect(tmp_path / ".relance" / "relance.db") as base:
        stored = base.execute("SELECT count(*) FROM leads").fetchone()[0]
        assert base.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert 0 < acknowledged <= stored


async def _wait_for(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                await client.get(url + "/sante")
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("the server does not answer")


async def test_the_whole_server_runs_on_either_store(
    start: Start, store_url: str, tmp_path: Path
) -> None:
    (tmp_path / "accueil.relance").write_text(GOOD, encoding="utf-8")
    async with start(database=store_url) as site:
        first = await site.client.post("/webhooks/forms/Infolettre", data={"courriel": "a@b.ca"})
        assert first.status_code == 201
        for _ in range(200):
            if await site.count("list_members"):
                break
            await asyncio.sleep(0.02)
        assert await site.count("list_members") == 1
        assert (await site.client.get("/etat")).status_code == 200
        for _ in range(200):
            waiting = (await site.client.get("/sante")).json()["evenements_en_attente"]
            if not waiting:
                break
            await asyncio.sleep(0.02)
        assert waiting == 0


async def test_a_form_no_campaign_listens_to_does_not_wake_the_engine(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "accueil.relance").write_text(GOOD, encoding="utf-8")
    async with start() as site:
        woken: list[str] = []
        site.runtime.intake.on_commit = lambda: woken.append("moteur")
        await site.post("Sondage", data={"courriel": "a@b.ca"})
        assert woken == []
        await site.post("Infolettre", data={"courriel": "c@d.ca"})
        assert woken == ["moteur"]
