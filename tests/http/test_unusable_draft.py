"""A draft that cannot be read or written: every door says which file and why, and none falls."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.settings import PublishingMode, Settings
from server.web.reach import PageRoute
from tests.http.conftest import Site, all_plugins, running
from tests.http.test_language import MESSAGE, SCRIPT
from tests.http.test_who_may_ask import filled
from tests.whole import lay_out

FILES = {"a.relance": SCRIPT, "courriels/bienvenue.md": MESSAGE}
#: A file whose first byte nobody can read, whoever they are: as that of a broken disk.
UNREAD = Path("/proc/self/mem")
#: What is no draft's: reports of what runs, accounts, what is asked before one is in.
OF_NO_DRAFT = (
    *("/rapports", "/api/v1/reports", "/compte", "/connexion", "/journal", "/utilisateurs"),
    *("/jetons", "/importer", "/extensions", "/parcours", "/reglages", "/etat", "/api/v1/openapi"),
)
TYPED = {"file": "a.relance", "text": SCRIPT}
ASKED = "Lead étiqueté (Curieux)"
READER = {"accept": "text/html"}
MESSAGES = "/api/v1/messages/email/Bienvenue"
#: What programs ask of a draft besides what they look at; where nothing is to be written, None.
ASKED_BY_PROGRAMS: Mapping[str, Any] = {
    "/api/v1/language/check": TYPED,
    "/api/v1/language/rename": {**TYPED, "offset": 12, "name": "Autre"},
    "/api/v1/saved-scripts/a.relance": {"text": "# changé\n"},
    "/api/v1/new-scripts": {"name": "Neuf", "text": SCRIPT},
    "/api/v1/models/bienvenue/copy": {"name": "Accueil d’hiver"},
    "/api/v1/messages/create": {"channel": "email", "name": "Neuf"},
    f"{MESSAGES}/save": {"text": "changé"},
    f"{MESSAGES}/preview": {},
    f"{MESSAGES}/try": {"to": "a@exemple.ca"},
    "/api/v1/publications": {"trial": True},
    "/api/v1/asked-publications": {},
}
SENT_BY_PAGES: Mapping[str, Any] = {
    "/listes/nouvelle": {"nom": "Vus", "sorte": "dynamique", "condition": ASKED},
    "/leads": {"phrase": ASKED},
    "/bibliotheque/bienvenue": {"nom": "Accueil d’hiver", "canal": "courriel"},
    "/publier": {"note": "x"},
    "/essais/a.relance": {"campagne": "Bienvenue"},
}


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    lay_out(settings.folder, FILES)
    chosen = replace(settings, publishing=PublishingMode.ON_DEMAND)
    async with running(chosen, all_plugins()) as opened:
        opened.client.timeout = httpx.Timeout(60)
        opened.client.headers["if-match"] = "*"
        published = await opened.client.post("/api/v1/publications", json={})
        assert published.status_code == 200, published.text
        yield opened


def looked_at(site: Site) -> list[str]:
    """Every address that is asked for to be looked at, and ends."""
    routes = [one for one in site.runtime.app._pages.routes if isinstance(one, PageRoute)]
    here = [one.path for one in routes if "GET" in (one.methods or ()) and "/vif" not in one.path]
    named = {"{channel}": "email", "{name}": "Bienvenue", "{file}": "x"}
    found = []
    for path in map(filled, here):
        if path.startswith(OF_NO_DRAFT):
            continue
        for place, value in named.items():
            path = path.replace(place, value)
        found.append(path)
    return [*found, f"/api/v1/leads?filter={ASKED}", f"/api/v1/leads/export?filter={ASKED}"]


async def fell(site: Site) -> tuple[list[str], list[httpx.Response]]:
    """The doors that broke, all being tried; and what the others said of a draft."""
    client, broken, said = site.client, [], []
    answers = [(one, await client.get(one, headers=READER)) for one in looked_at(site)]
    for path, body in ASKED_BY_PROGRAMS.items():
        answers.append((path, await client.post(path, json=body)))
    for path, form in SENT_BY_PAGES.items():
        answers.append((path, await client.post(path, data=form, headers=READER)))
    for path, answer in answers:
        if answer.status_code >= 500 and path != "/sante":
            broken.append(f"{path} {answer.status_code} {answer.text[:200]}")
        if answer.status_code == 409:
            said.append(answer)
    return broken, said


async def test_every_door_says_which_script_cannot_be_read_and_nothing_is_written(
    site: Site,
) -> None:
    folder = site.runtime.settings.folder
    (folder / "b.relance").symlink_to(UNREAD)
    broken, said = await fell(site)
    assert broken == []
    for answer in said:
        words = answer.text.replace("\u00a0", " ")
        assert "« b.relance » : le disque n’a pas pu être lu" in words, answer.url
    by_path = {one.url.path: one for one in said}
    assert {"/messages", "/groupes", "/essais/a.relance", *ASKED_BY_PROGRAMS} <= by_path.keys()
    problem = by_path["/api/v1/language/check"].json()
    assert problem["type"].endswith("/problemes/brouillon-illisible")
    assert "Réessayer" in by_path["/messages"].text
    assert 'aria-current="page"' in by_path["/messages"].text, "in the frame, at its entry"
    typed = {"nom": "Rentrée", "canal": "email"}
    begun = await site.client.post("/messages/nouveau", data=typed, headers=READER)
    assert (begun.status_code, "b.relance" in begun.text) == (422, True)
    assert 'value="Rentrée"' in begun.text, "nothing typed is lost"
    kept = {one: (folder / one).read_text(encoding="utf-8") for one in FILES}
    assert kept == FILES
    assert {one.name for one in folder.iterdir()} == {
        *("a.relance", "b.relance", "courriels", ".relance")
    }


async def test_a_draft_that_is_no_text_or_lacks_a_message_is_said_so_by_programs_and_pages(
    site: Site,
) -> None:
    folder, client = site.runtime.settings.folder, site.client
    for file, content in (
        ("a.relance", "campagne « Été »".encode("latin-1", "replace")),
        ("courriels/bienvenue.md", "---\nnom: Bienvenue\nobjet: été\n---\n".encode("latin-1")),
    ):
        whole = (folder / file).read_bytes()
        (folder / file).write_bytes(content)
        paths = (f"/api/v1/scripts/{file}", f"/scripts/{file}")
        if file.endswith(".md"):
            paths = (MESSAGES, f"/messages/{file}")
        for path in paths:
            answer = await client.get(path, headers=READER if "api" not in path else {})
            assert (answer.status_code, "UTF-8" in answer.text) == (409, True), path
            assert file in answer.text, path
        (folder / file).write_bytes(whole)
    (folder / "c?.relance").write_bytes(b"\xff")
    answer = await client.get("/scripts/c%3F.relance?version=2", headers=READER)
    assert 'href="/scripts/c%3F.relance?version=2">Réessayer' in answer.text
    (folder / "c?.relance").unlink()
    (folder / "equipe.toml").symlink_to(UNREAD)
    team = await client.get("/api/v1/team")
    assert (team.status_code, "equipe.toml" in team.text) == (409, True)
    saved = {"name": "Zoé", "email": "zoe@exemple.ca"}
    refused = await client.post("/api/v1/team/save", json=saved)
    assert (refused.status_code, "equipe.toml" in refused.text) == (409, True)
    page = await client.get("/equipe", headers=READER)
    assert (page.status_code, "equipe.toml" in page.text) == (200, True)


async def test_what_cannot_be_written_is_said_not_to_be_and_is_tried_again_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("server.publication.drafting.put_in_place", full)
    answer = await site.client.post("/api/v1/saved-scripts/a.relance", json={"text": "# changé\n"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "il ne reste plus de place" in json.loads(answer.text)["errors"][0]["detail"]
    text = (await site.client.get("/api/v1/scripts/a.relance")).json()["text"]
    form = {"text": "# changé\n", "version": "x"}
    page = await site.client.post("/enregistrer/a.relance", data=form, headers=READER)
    assert (text, page.status_code) == (SCRIPT, 409), "its version is nobody's"
