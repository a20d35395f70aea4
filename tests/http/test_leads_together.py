"""« Leads » filtered by a sentence of the language, and what is done to all of them at once."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.access.actor import by_command
from server.orders.publishing import PUBLISH, PublishOrder
from server.reports import selection
from server.runtime import Runtime
from server.settings import load_settings
from server.web.kept_searches import KEPT_HOURS, KeptSearch, KeptSearches
from tests.http.conftest import Site, running
from tests.http.test_leads import POISON, plain
from tests.signed import session_of
from tests.web.test_interface import settled
from tests.whole import lay_out

SCRIPT = """\
champs
  taille : nombre
fin

campagne « Suivre »
  entrée
    quand Lead étiqueté (VIP)
  Étiqueter (Suivi)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: Leads, one of three of whom is of Montréal.
PEOPLE = 90
OF_MONTREAL = "Champ (ville) est égal à (Montréal)"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        order = PublishOrder("moi", activate=None)
        await opened.runtime.desk.perform(PUBLISH, order.arguments(), by_command("moi"))
        await opened.runtime.intake.record(
            [
                Incoming(
                    "essai",
                    Identities(email=f"p{one}@exemple.ca"),
                    {"prénom": POISON, "ville": "Montréal" if one % 3 == 0 else "Lévis"},
                )
                for one in range(PEOPLE)
            ]
        )
        yield opened


def shown(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/leads/(\d+)"', page)]


async def test_a_sentence_of_the_language_chooses_leads_and_its_faults_are_said_with_their_place(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    led = await site.client.post("/leads", data={"filtre": OF_MONTREAL})
    assert led.status_code == 303, "Back comes to a page, not to a form to be sent again"
    found = await site.client.get(led.headers["location"])
    assert shown(found.text) == list(range(88, 0, -3))
    assert POISON not in found.text
    assert "30 leads pour qui c’est vrai" in plain(found.text).replace("\u00a0", " ")
    assert "Enregistrer comme liste" in found.text
    unread = {"filtre": "Lead étiqueté (X) et Machin truc"}
    wrong = await site.client.post("/leads", data=unread, follow_redirects=True)
    assert wrong.status_code == 422
    said = plain(wrong.text).replace("\u00a0", " ")
    assert "Je ne connais pas la phrase « Machin truc »." in said, "of the two, the one at fault"
    assert "Lead étiqueté (X) et Machin truc" in wrong.text, "nothing typed is lost"
    assert shown(wrong.text) == []
    monkeypatch.setattr(selection, "_FIRST", 10)
    monkeypatch.setattr(selection, "_SECONDS", 0)
    part = (await site.client.get("/leads", params={"filtre": OF_MONTREAL})).text
    assert shown(part) == [88, 85, 82]
    assert "Regardé parmi les leads du n° 81 au plus récent" in plain(part).replace("\u00a0", " ")
    after = {"filtre": OF_MONTREAL, "avant": "81"}
    rest = (await site.client.post("/leads", data=after, follow_redirects=True)).text
    assert shown(rest) == [79, 76, 73]
    saved = await site.client.post(
        "/listes/nouvelle", data={"montrer": "oui", "sorte": "dynamique", "condition": OF_MONTREAL}
    )
    assert OF_MONTREAL in saved.text
    assert 'value="dynamique" checked' in saved.text


async def test_all_of_a_filter_are_tagged_once_their_number_is_agreed_to_and_campaigns_hear(
    site: Site,
) -> None:
    given = {"filtre": OF_MONTREAL, "geste": "etiqueter", "nom": "VIP", "qui": "tous"}
    asked = await site.client.post("/leads/ensemble", data=given)
    assert "Poser l’étiquette « VIP »" in plain(asked.text).replace("\u00a0", " ")
    assert "30 personnes" in plain(asked.text).replace("\u00a0", " ")
    assert await site.count("lead_tags") == 0
    stale = await site.client.post("/leads/ensemble", data={**given, "combien": "29"})
    assert "Leur nombre a changé" in plain(stale.text)
    assert await site.count("lead_tags") == 0
    done = await site.client.post("/leads/ensemble", data={**given, "combien": "30"})
    assert done.status_code == 303
    await settled(site, "SELECT count(*) FROM lead_tags WHERE name = 'Suivi'", 30)
    off = {"lead": ["1", "4"], "geste": "oter-etiquette", "nom": "VIP", "combien": "2"}
    await site.client.post("/leads/ensemble", data=off)
    await settled(site, "SELECT 30 - count(*) FROM lead_tags WHERE name = 'VIP'", 2)
    put = {"lead": ["1", "2"], "geste": "mettre-en-liste", "nom": "Salon", "combien": "2"}
    await site.client.post("/leads/ensemble", data=put)
    assert await site.count("list_members") == 2
    none = {"filtre": OF_MONTREAL, "qui": "coches", "geste": "etiqueter", "nom": "Z"}
    for lacking in (
        none,
        {**given, "filtre": "Machin"},
        {"geste": "x"},
        {"geste": "etiqueter", "nom": "Z"},
        {**off, "nom": " "},
    ):
        refused = await site.client.post("/leads/ensemble", data=lacking)
        assert refused.status_code == 422
        assert 'name="nom"' in refused.text or lacking.get("filtre") == "Machin"
    bad = await site.client.post("/leads/ensemble", data={**put, "nom": "(x)"})
    assert (bad.status_code, "ôtez-en parenthèses" in plain(bad.text)) == (409, True)
    log = await site.rows("SELECT action, object, after FROM audit_log ORDER BY number")
    assert ("ordre.etiqueter", "VIP", '{"personnes":"30"}') in {tuple(one) for one in log}


async def test_a_gesture_that_lacks_something_loses_neither_the_filter_nor_what_was_chosen(
    site: Site,
) -> None:
    given = {"filtre": OF_MONTREAL, "geste": "oter-etiquette", "nom": ""}
    refused = await site.client.post("/leads/ensemble", data={**given, "lead": ["88", "85"]})
    assert (refused.status_code, shown(refused.text)) == (422, list(range(88, 0, -3)))
    assert re.search('id="ensemble-erreur" role="alert">Donnez le nom', refused.text)
    assert '<option value="oter-etiquette" selected>' in refused.text
    assert re.findall(r'value="(\d+)" checked', refused.text) == ["88", "85"]
    # Nobody ticked: all of the filter are asked about, and nothing is done before they are counted.
    asked = await site.client.post("/leads/ensemble", data={**given, "nom": "Fête"})
    assert "30 personnes" in plain(asked.text).replace("\u00a0", " ")
    left = await site.client.post("/leads", data={**given, "nom": "Fête", "qui": "tous"})
    assert 'value="Fête"' in left.text, "nor when one turns back"
    sent = {**given, "nom": "Fête", "qui": "tous", "combien": "30"}
    done = await site.client.post("/leads/ensemble", data=sent)
    assert done.status_code == 303
    back = await site.client.get(done.headers["location"])
    assert shown(back.text) == list(range(88, 0, -3))


async def test_a_search_that_names_somebody_or_is_too_long_has_an_address_that_holds_none_of_it(
    site: Site,
) -> None:
    of_one = "Champ lead (courriel) est égal à (p3@exemple.ca)"
    long = " et ".join([OF_MONTREAL] * 30)
    for sentence in (of_one, long, "Champ lead (téléphone) contient (514 555-0134)"):
        led = await site.client.post("/leads", data={"filtre": sentence})
        assert led.status_code == 303, plain(led.text)
        assert re.fullmatch(r"/leads\?recherche=[\w-]{22}", led.headers["location"])
        for _ in range(2):  # as often as one reloads, or comes back
            there = await site.client.get(led.headers["location"])
            assert escape(sentence) in there.text
        again = await site.client.post("/leads", data={"filtre": sentence, "avant": "9"})
        assert again.headers["location"] == f"{led.headers['location']}&avant=9"
    given = {"filtre": of_one, "geste": "etiqueter", "nom": "VIP", "qui": "tous", "combien": "1"}
    done = await site.client.post("/leads/ensemble", data=given)
    assert (done.status_code, "p3" in done.headers["location"]) == (303, False)
    assert len(shown((await site.client.get(done.headers["location"])).text)) == 1
    assert len(shown((await site.client.get("/leads")).text)) > 30
    token = await session_of(site.runtime, email="autre@exemple.ca")
    another = {"cookie": f"relance_session={token}"}
    refused = await site.client.get(done.headers["location"], headers=another)
    assert (refused.status_code, "p3@exemple" in refused.text) == (404, False)
    assert "n’est plus gardée" in plain(refused.text)


def test_a_search_is_kept_a_while_for_one_session_and_only_so_many() -> None:
    clock = VirtualClock()
    searches, one = KeptSearches(clock), KeptSearch("", "Champ (courriel) = (p3@exemple.ca)")
    key = searches.keep(1, one)
    clock.advance(timedelta(hours=KEPT_HOURS, seconds=-1))
    assert (searches.find(1, key), searches.find(2, key)) == (one, None)
    clock.advance(timedelta(hours=KEPT_HOURS, seconds=-1))
    assert searches.keep(1, one) == key, "looked at, it is kept as long again"
    others = [searches.keep(1, KeptSearch(str(number), "")) for number in range(50)]
    assert searches.find(1, key) is None, "the oldest goes"
    assert searches.find(1, others[0]) is not None
    clock.advance(timedelta(hours=KEPT_HOURS))
    assert [searches.find(1, each) for each in others] == [None] * 50


async def test_a_result_is_exported_whole_and_the_log_says_how_many_were_taken(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.exports.leads.PAGE", 7)
    given = {"filtre": OF_MONTREAL, "geste": "exporter", "qui": "tous"}
    asked = await site.client.post("/leads/ensemble", data=given)
    assert 'action="/leads/export"' in asked.text
    sheet = await site.client.post("/leads/export", data={**given, "combien": "30"})
    lines = sheet.text.splitlines()
    assert sheet.headers["content-type"].startswith("text/csv")
    assert (len(lines), lines[0].startswith("\ufeffcourriel")) == (31, True)
    assert all("Montréal" in line for line in lines[1:])
    two = await site.client.post("/leads/export", data={"geste": "exporter", "lead": ["3", "5"]})
    assert len(two.text.splitlines()) == 3
    (one, _) = await site.rows("SELECT object FROM audit_log WHERE action = 'leads.exportes'")
    assert one.object == "30\u00a0personnes"


async def test_columns_are_chosen_in_a_browser_and_kept_there(site: Site) -> None:
    chosen = await site.client.post("/leads/colonnes", data={"colonne": ["taille", "ville", "zz"]})
    assert chosen.status_code == 303
    page = (await site.client.get("/leads")).text
    heads = re.findall(r'<th scope="col"(?: class="counted")?>([^<]+)</th>', page)
    assert heads == ["Nom", "Taille", "Ville"]
    assert "Lévis" in page


async def test_whoever_is_signed_in_and_lost_or_stopped_by_a_fault_sees_where_else_to_go(
    site: Site,
) -> None:
    browser = {"accept": "text/html"}
    for path in ("/leads/999999", "/nimporte"):
        lost = await site.client.get(path, headers=browser)
        assert lost.status_code == 404
        assert '<a class="button" href="/">Tableau de bord</a>' in lost.text
        assert 'class="side"' in lost.text
    near = await site.client.get("/leads/999999", headers=browser)
    assert '<a class="button first" href="/leads">' in near.text
    site.client.cookies.clear()
    stranger = await site.client.get("/nimporte", headers=browser)
    assert (stranger.status_code, 'class="side"' in stranger.text) == (404, False)


async def test_a_page_that_fails_is_asked_for_again_and_nothing_is_to_be_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr("server.web.leads.counted", broken)
    failed = await site.client.get("/leads", headers={"accept": "text/html"})
    assert failed.status_code == 500
    assert ("rechargez la page" in failed.text, "envoyez" in failed.text) == (True, False)
    assert '<a href="/">Tableau de bord</a>' in failed.text
