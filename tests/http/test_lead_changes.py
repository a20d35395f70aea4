"""A lead as the team changes it from its page: each gesture is told in its thread, with who made it."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.access.actor import by_command
from server.orders.publishing import PUBLISH, PublishOrder
from server.runtime import Runtime
from server.settings import load_settings
from tests.http.conftest import Site, running
from tests.http.test_leads import POISON, plain
from tests.web.test_interface import settled
from tests.whole import lay_out

SCRIPT = """\
liste « Sans téléphone » : Champ lead (téléphone) est vide

champs
  taille : nombre
  humeur : choix (Gaie, Grise)
fin

campagne « Suivre »
  entrée
    quand Champ (ville) est égal à (Laval)
  Étiqueter (Voisine)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        order = PublishOrder("moi", activate=None)
        await opened.runtime.desk.perform(PUBLISH, order.arguments(), by_command("moi"))
        yield opened


async def made(site: Site, email: str, **fields: str) -> str:
    given = {"c-courriel": email} | {f"c-{key}": value for key, value in fields.items()}
    answer = await site.client.post("/leads/nouveau", data=given)
    assert answer.status_code == 303, plain(answer.text)
    return answer.headers["location"]


async def shown(site: Site, path: str) -> str:
    return plain((await site.client.get(path)).text).replace("\u00a0", " ")


async def form_of(site: Site, path: str) -> dict[str, str]:
    page = (await site.client.get(f"{path}/modifier")).text
    return dict(re.findall(r'name="([co]-[^"]+)" value="([^"]*)"', page))


async def values(site: Site) -> list[tuple[object, ...]]:
    asked = "SELECT f_courriel, f_ville, f_taille, f_humeur FROM leads ORDER BY id"
    return [tuple(one) for one in await site.rows(asked)]


async def test_a_lead_is_made_and_corrected_and_campaigns_hear_what_the_team_says(
    site: Site,
) -> None:
    wrong = await site.client.post(
        "/leads/nouveau", data={"c-courriel": "aline@", "c-prenom": POISON, "c-taille": "grande"}
    )
    assert wrong.status_code == 422
    assert "adresse de courriel n’est pas valide" in wrong.text
    assert "Il faut un nombre." in wrong.text
    assert 'value="aline@"' in wrong.text, "nothing typed is lost"
    assert POISON not in wrong.text
    nobody = await site.client.post("/leads/nouveau", data={"c-prenom": "Aline"})
    assert "Il faut un courriel ou un téléphone" in plain(nobody.text)
    assert await site.count("leads") == 0
    path = await made(site, "aline@exemple.ca", prenom=POISON, ville="Lévis", taille="1,5")
    assert path == "/leads/1"
    assert await values(site) == [("aline@exemple.ca", "Lévis", 1.5, None)]
    await settled(site, "SELECT count(*) FROM list_members", 1)
    assert "Lead créé par Camille Morin" in await shown(site, path)
    given = await form_of(site, path)
    # Somebody else writes meanwhile what this form leaves as it was.
    await site.client.post(f"{path}/modifier", data={"c-nom": "Gagnon"})
    assert (given["c-taille"], given["c-ville"]) == ("1,5", "Lévis")
    given |= {"c-ville": "Laval", "c-taille": "", "c-courriel": "alice@exemple.ca"}
    assert (await site.client.post(f"{path}/modifier", data=given)).status_code == 303
    assert await site.rows("SELECT f_nom FROM leads") == [("Gagnon",)]
    assert await values(site) == [("alice@exemple.ca", "Laval", None, None)]
    known = await site.rows("SELECT value FROM identities WHERE kind = 'email'")
    assert [one.value for one in known] == ["alice@exemple.ca"]
    await settled(site, "SELECT count(*) FROM lead_tags WHERE name = 'Voisine'", 1)
    thread = await shown(site, path)
    assert "Fiche du lead modifiée" in thread
    assert "par Camille Morin" in thread
    assert ("Fait par l’équipe" in thread, "Fait par la personne" in thread) == (True, False)
    bad = await site.client.post(f"{path}/modifier", data={"c-humeur": "Bleue"})
    assert "L’un de : Gaie, Grise." in plain(bad.text).replace("\u00a0", " ")
    logged = await site.rows("SELECT action, object, after FROM audit_log ORDER BY number")
    assert ("ordre.modifier-lead", "1") in {(one.action, one.object) for one in logged}
    assert "exemple.ca" not in str(logged), "nothing personal is in the log"


async def test_a_language_or_a_time_zone_that_is_none_is_refused_beside_its_field(
    site: Site,
) -> None:
    odd = {"c-courriel": "aline@exemple.ca", "c-langue": "klingon", "c-fuseau": "Lune/Mer"}
    wrong = await site.client.post("/leads/nouveau", data=odd)
    assert wrong.status_code == 422
    assert re.search('id="c-langue-erreur" role="alert">Une langue s’écrit', wrong.text)
    assert re.search('id="c-fuseau-erreur" role="alert">Un fuseau s’écrit', wrong.text)
    assert 'value="Lune/Mer"' in wrong.text
    path = await made(site, "aline@exemple.ca", langue="fr-CA", fuseau="Europe/Paris")
    again = await site.client.post(f"{path}/modifier", data={"c-fuseau": "../../etc"})
    assert again.status_code == 422
    by_program = await site.client.post(
        "/api/v1/leads/create",
        json={"champs": {"courriel": "b@exemple.ca", "langue": "klingon"}},
    )
    assert (by_program.status_code, "Une langue s’écrit" in by_program.text) == (422, True)
    held = await site.rows("SELECT f_langue, f_fuseau FROM leads")
    assert [tuple(one) for one in held] == [("fr-CA", "Europe/Paris")]


async def test_what_changed_since_the_form_was_opened_is_written_over_only_once_it_was_said(
    site: Site,
) -> None:
    path = await made(site, "aline@exemple.ca", ville="Lévis")
    first, second = await form_of(site, path), await form_of(site, path)
    await site.client.post(f"{path}/modifier", data={**first, "c-ville": "Québec"})
    late = await site.client.post(f"{path}/modifier", data={**second, "c-ville": "Laval"})
    assert late.status_code == 422
    assert re.search('id="c-ville-erreur" role="alert">Quelqu’un l’a changé', late.text)
    assert (await values(site))[0][1] == "Québec"
    assert 'name="o-ville" value="Québec"' in late.text
    chosen = {**second, "o-ville": "Québec", "c-ville": "Laval"}
    assert (await site.client.post(f"{path}/modifier", data=chosen)).status_code == 303
    assert (await values(site))[0][1] == "Laval"


async def test_an_address_of_another_is_refused_beside_its_field_and_leads_to_a_merge(
    site: Site,
) -> None:
    await made(site, "aline@exemple.ca")
    second = await made(site, "bruno@exemple.ca")
    taken = await site.client.post(f"{second}/modifier", data={"c-courriel": "ALINE@exemple.ca"})
    assert taken.status_code == 422
    assert "Cette adresse est celle du lead n° 1" in plain(taken.text).replace("\u00a0", " ")
    assert await values(site) == [
        ("aline@exemple.ca", None, None, None),
        ("bruno@exemple.ca", None, None, None),
    ]


async def test_tags_and_lists_are_put_and_taken_away_on_the_page_of_the_lead(site: Site) -> None:
    path = await made(site, "aline@exemple.ca")
    await site.client.post(f"{path}/etiquettes", data={"nom": "VIP"})
    await site.client.post(f"{path}/listes", data={"nom": "Salon"})
    page = await shown(site, path)
    assert "Étiquette (VIP) ajoutée" in page
    assert "Ajouté à la liste (Salon)" in page
    await site.client.post(f"{path}/etiquettes", data={"oter": "VIP"})
    await site.client.post(f"{path}/listes", data={"oter": "Salon"})
    assert await site.count("lead_tags") == 0
    assert await site.rows("SELECT 1 FROM list_members WHERE list_key = 'salon'") == []
    assert (await site.client.post("/leads/99/etiquettes", data={"nom": "X"})).status_code == 404


async def test_two_leads_are_seen_side_by_side_made_one_and_two_again(site: Site) -> None:
    first = await made(site, "aline@exemple.ca", ville="Lévis", humeur="Gaie")
    await made(site, "a.gagnon@exemple.ca", ville="Québec", taille="2")
    asked = await site.client.post(f"{first}/reunir", data={"avec": "personne@exemple.ca"})
    assert (asked.status_code, "Personne ne répond" in asked.text) == (422, True)
    assert "ce lead même" in (await site.client.post(f"{first}/reunir", data={"avec": "1"})).text
    both = await site.client.post(f"{first}/reunir", data={"avec": "a.gagnon@exemple.ca"})
    assert plain(both.text).count("à choisir") == 2
    chosen = {"avec": "2", "reste": "lui", "c-ville": "autre", "c-courriel": "lui"}
    done = await site.client.post(f"{first}/reunir", data=chosen)
    assert done.headers["location"] == "/leads/1"
    after = (await site.client.get("/leads/1")).text
    assert 'action="/leads/2/separer"' in after
    assert "par Camille Morin" in plain(after)
    assert (await values(site))[0] == ("aline@exemple.ca", "Québec", 2, "Gaie")
    owners = await site.rows("SELECT DISTINCT lead_id FROM identities WHERE kind = 'email'")
    assert owners == [(1,)], "both addresses tell who it is"
    assert (await site.client.get("/leads/2")).headers["location"] == "/leads/1"
    assert (await site.client.post("/leads/2/separer")).status_code == 303
    assert (await site.client.get("/leads/2")).status_code == 200
    again = await site.client.post("/leads/2/separer")
    assert "Aucun lead n’a été réuni" in await shown(site, again.headers["location"])


async def test_a_lead_is_forgotten_once_the_word_is_typed_and_its_file_handed_out(
    site: Site,
) -> None:
    path = await made(site, "aline@exemple.ca", prenom="Aline")
    sheet = await site.client.get(f"{path}/dossier.csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "aline@exemple.ca" in sheet.text
    asked = await shown(site, f"{path}/oublier")
    assert "Ce qui serait oublié du lead n° 1" in asked
    refused = await site.client.post(f"{path}/oublier", data={"mot": "oui"})
    assert (refused.status_code, "rien n’a été fait" in refused.text) == (422, True)
    assert (await site.client.get(path)).status_code == 200
    done = await site.client.post(f"{path}/oublier", data={"mot": " OUBLIER "})
    assert done.headers["location"] == "/leads"
    assert "est oublié" in await shown(site, "/leads")
    assert (await site.client.get(path)).status_code == 404
    log = json.dumps(
        [tuple(one) for one in await site.rows("SELECT action, object FROM audit_log")]
    )
    assert "ordre.oublier" in log


async def test_nobody_found_offers_to_make_who_was_sought(site: Site) -> None:
    sought = {"cherche": "zoe@exemple.ca"}
    nobody = await site.client.post("/leads", data=sought, follow_redirects=True)
    assert 'action="/leads/nouveau"' in nobody.text
    form = await site.client.post("/leads/nouveau", data={"montrer": "zoe@exemple.ca"})
    assert 'name="c-courriel" value="zoe@exemple.ca"' in form.text
    named = await site.client.post("/leads/nouveau", data={"montrer": "Zoé Roy"})
    assert 'name="c-prenom" value="Zoé"' in named.text
