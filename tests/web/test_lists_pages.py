"""« Listes »: made, filled and emptied from the pages, each gesture an event and a row of the log."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.host import Identities, Incoming
from server.access.actor import by_command
from server.orders.publishing import PUBLISH, PublishOrder
from server.runtime import Runtime
from server.settings import load_settings
from tests.http.conftest import Site, running
from tests.web.test_interface import POISON, plain, settled
from tests.whole import lay_out

SCRIPT = """\
liste « Curieux » : Page web (/prix) visitée
liste « Du salon » : Lead membre de la liste (Salon)

campagne « Suivre »
  entrée
    quand Ajouté à la liste (Salon) ou Ajouté à la liste (Curieux)
  Étiqueter (Vu au salon)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


async def published(site: Site) -> None:
    order = PublishOrder("moi", activate=None)
    await site.runtime.desk.perform(PUBLISH, order.arguments(), by_command("moi"))


async def test_a_list_is_made_filled_and_emptied_and_campaigns_hear_of_it(site: Site) -> None:
    await published(site)
    for name in ("aline", "bruno"):
        await site.post("Contact", data={"courriel": f"{name}@exemple.ca", "prénom": POISON})
    made = await site.client.post("/listes/nouvelle", data={"nom": "Salon", "sorte": "statique"})
    assert made.headers["location"] == "/listes"
    page = await site.client.get("/listes")
    assert "est créée" in plain(page.text)
    assert "La campagne « Suivre »" in plain(page.text)
    assert '<a href="/listes/d2">La liste « Du salon »</a>' in page.text.replace(
        "\u00a0", " "
    ).replace("\u202f", " ")
    wrong = await site.client.post(
        "/listes/s1/membres/ajouter", data={"qui": "aline@exemple.ca\nzoe"}
    )
    assert wrong.status_code == 422
    assert "Ligne 2 : personne ne répond" in plain(wrong.text)
    assert "aline@exemple.ca\nzoe" in wrong.text, "nothing typed is lost"
    done = await site.client.post("/listes/s1/membres/ajouter", data={"qui": "aline@exemple.ca\n2"})
    assert done.status_code == 303, done.text
    members = (await site.client.get("/listes/s1/membres")).text
    assert "2 personnes mises dans la liste" in plain(members)
    assert POISON not in members
    await settled(site, "SELECT count(*) FROM lead_tags WHERE name = 'Vu au salon'", 2)
    thread = plain((await site.client.get("/leads/1")).text)
    assert "Ajouté à la liste (Salon)" in thread
    assert "par Camille Morin" in thread
    sheet = await site.client.get("/listes/s1/membres.csv")
    assert sheet.text.count("@exemple.ca") == 2
    await site.client.post("/listes/s1/membres/retirer", data={"lead": "1"})
    asked = plain((await site.client.get("/listes/s1/vider")).text)
    assert "Vider la liste « Salon »" in asked
    assert "1 personne en sort" in asked
    assert (await site.client.post("/listes/s1/vider")).status_code == 303
    assert await site.count("list_members") == 0
    refused = await site.client.post("/listes/s1/supprimer")
    assert refused.status_code == 409
    assert "sert encore" in plain(refused.text)
    kept = await site.rows("SELECT action, after FROM audit_log WHERE action LIKE '%liste%'")
    assert [one.action for one in kept] == [
        "ordre.creer-liste",
        "ordre.mettre-en-liste",
        "liste.exportee",
        "ordre.oter-de-liste",
        "ordre.vider-liste",
        "ordre.supprimer-liste",
    ]
    assert kept[1].after == '{"personnes":"2"}'


async def test_a_condition_is_judged_beside_its_field_and_written_in_the_draft_once_right(
    site: Site,
) -> None:
    typed = {"nom": "VIP", "sorte": "dynamique", "condition": "Lead étiqueté (VIP) et Machin"}
    wrong = await site.client.post("/listes/nouvelle", data=typed)
    assert wrong.status_code == 422
    assert "Je ne connais pas la phrase « Machin »" in plain(wrong.text)
    sheet = {**typed, "condition": "ville = Montréal"}
    meant = plain((await site.client.post("/listes/nouvelle", data=sheet)).text)
    assert "Vouliez-vous dire : Champ lead (ville) est égal à (Montréal)" in meant
    assert meant.count("ville = Montréal") == 2, "in its field, and in what is said of it"
    assert "relance phrases" not in wrong.text
    assert typed["condition"] in wrong.text, "nothing typed is lost"
    script = site.runtime.settings.folder / "regles.relance"
    assert "VIP" not in script.read_text("utf-8")
    made = await site.client.post(
        "/listes/nouvelle", data={**typed, "condition": "Lead étiqueté (VIP)"}
    )
    assert made.status_code == 303
    assert script.read_text("utf-8") == SCRIPT, "a script of something else is left alone"
    apart = script.with_name("listes.relance")
    assert apart.read_text("utf-8") == "liste «\u00a0VIP\u00a0» : Lead étiqueté (VIP)\n"
    again = await site.client.post("/listes/nouvelle", data={**typed, "condition": "x"})
    assert "déjà une liste de ce nom" in plain(again.text)
    assert "dans le brouillon" in plain((await site.client.get("/listes")).text)
    await published(site)
    listed = (await site.client.get("/listes")).text
    (place,) = re.findall(r'href="(/listes/d\d+)/membres">VIP<', listed)
    shown = plain((await site.client.get(place)).text)
    assert "Lead étiqueté (VIP)" in shown.replace("( ", "(")
    assert "listes.relance, ligne 1" in shown
    for way in ("membres/ajouter", "vider"):
        refused = await site.client.post(f"/listes/d1/{way}", data={"qui": "1"})
        assert refused.status_code in (303, 409, 422)
    assert await site.count("list_members") == 0
    named = await site.client.post("/listes/nouvelle", data={"nom": "(x)", "sorte": "statique"})
    assert "ôtez-en parenthèses" in plain(named.text)


async def test_a_large_list_is_counted_up_to_a_bound_and_read_by_parts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.reports.rosters.COUNTED", 2)
    monkeypatch.setattr("server.orders.memberships.PART", 2)
    people = [Identities(email=f"p{number}@exemple.ca") for number in range(60)]
    await site.runtime.intake.record([Incoming("essai", one) for one in people])
    await site.client.post("/listes/nouvelle", data={"nom": "Tous", "sorte": "statique"})
    everybody = "\n".join(str(one) for one in range(1, 61))
    await site.client.post("/listes/s1/membres/ajouter", data={"qui": everybody})
    first = (await site.client.get("/listes/s1/membres")).text
    assert "plus de" in plain(first)
    assert first.count('type="checkbox"') == 50
    rest = (await site.client.get("/listes/s1/membres?avant=11")).text
    assert rest.count('type="checkbox"') == 10
    assert (await site.client.post("/listes/s1/vider")).status_code == 303
    assert await site.count("list_members") == 0
    gone = "SELECT count(*) FROM events WHERE type = 'list_removed'"
    assert await site.rows(gone) == [(60,)]


async def test_an_open_page_of_lists_follows_what_is_published(site: Site) -> None:
    words: list[str] = []

    async def listen() -> None:
        async with site.client.stream("GET", "/listes/vif") as stream:
            async for line in stream.aiter_lines():
                words.append(line)

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        while words.count("event: change") < 1:
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.2)
        seen = words.count("event: change")
        await published(site)
        while words.count("event: change") == seen:
            await asyncio.sleep(0.02)
        part = await site.client.get("/listes/tableau")
    assert "Curieux" in part.text
    listening.cancel()


async def test_a_new_list_keeps_away_from_what_ends_above_it_and_beside_other_lists(
    site: Site,
) -> None:
    apart = site.runtime.settings.folder / "listes.relance"
    apart.write_text("campagne «\u00a0X\u00a0»\n  Étiqueter (X)\nfin\n", "utf-8")
    typed = {"sorte": "dynamique", "condition": "Lead étiqueté (VIP)"}
    for name in ("Un", "Deux"):
        made = await site.client.post("/listes/nouvelle", data={**typed, "nom": name})
        assert made.status_code == 303
    lines = apart.read_text("utf-8").splitlines()
    assert lines[2:4] == ["fin", ""]
    assert [one.split(" :")[0][:5] for one in lines[4:]] == ["liste", "liste"]
