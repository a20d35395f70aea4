"""« Essayer avec… » on a running server: three questions, a real journey, and the script it is put in."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.access_role import AccessRole
from server.runtime import Runtime
from server.web.scenarios import tries
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.whole import lay_out, saving

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli
  sortie réussie
    quand Événement (Panier payé) survenu

  étape « Début »
  Étiqueter (Venu)
  attendre au plus 3 jours
    dès que Satisfaction du contact est au moins 4
      Étiqueter (Content)
    passé ce délai
      Étiqueter (Froid)
  fin
  étape « Suite »
  Attendre pendant 30 jours
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
FORM = {
    "campagne": "Accueil",
    "entree": "Formulaire (Infolettre) rempli",
    "jour": "2026-12-01",
    "heure": "09:30",
    "apres-1": "2",
    "unite-1": "jours",
    "quoi-1": "Satisfaction du contact est au moins 4",
    "regarder": "5",
    "regarder-unite": "jours",
}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\u202f", " "))


def scenario_of(page: str) -> str:
    (found,) = re.findall(r'name="texte" value="([^"]+)"', page)
    return found.replace("&#39;", "'").replace("&amp;", "&")


async def test_three_answers_are_played_shown_and_written_at_the_end_of_the_script(
    site: Site, tmp_path: Path
) -> None:
    here = await site.client.get("/scenarios/regles.relance")
    assert 'href="/essais/regles.relance"' in here.text
    blank = await site.client.get("/essais/regles.relance")
    assert "Événement (Panier payé) survenu" in plain(blank.text)
    played = await site.client.post("/essais/regles.relance", data=FORM, timeout=90)
    assert played.status_code == 200, plain(played.text)
    text = scenario_of(played.text)
    assert "le 2026-12-01 à 9 h 30, (Aline) : Formulaire (Infolettre) rempli" in text
    assert "2 jours plus tard, (Aline) : Satisfaction du contact est égal à 4" in text
    assert "5 jours plus tard, vérifier (Aline) : Lead étiqueté (Venu)" in text
    assert "vérifier (Aline) : Lead étiqueté (Content)" in text
    assert "vérifier (Aline) : non Lead étiqueté (Froid)" in text
    assert "vérifier (Aline) : à l’étape « Suite »" in text.replace("\u00a0", " ")
    course = plain(played.text)
    assert course.index("3 déc. 2026") < course.index("8 déc. 2026")
    assert "Entre dans la campagne" in course
    for name in ("Formulaire Infolettre rempli, puis", "(2)"):
        given = {"campagne": "Accueil", "texte": text}
        added = await site.client.post(
            "/essais-ajouter/regles.relance", data=given, follow_redirects=True
        )
        assert name in plain(added.text)
    assert "Jouer les scénarios" in added.text
    assert "Rejouer" not in added.text, "nothing was played"
    assert plain(added.text).count("Accueil, dans regles.relance") == 1
    script = (tmp_path / "regles.relance").read_text(encoding="utf-8")
    assert script.startswith(SCRIPT)
    assert script.count("scénario «") == 2
    again = await site.client.post("/rejouer/regles.relance", timeout=90)
    assert "2 sur 2 passent" in plain(again.text)
    assert "Rejouer" in again.text
    assert "<small>campagne" not in again.text, "only one moves"
    other = script.partition("\n\nscénario")[0].replace("Accueil", "Autre")
    (tmp_path / "regles.relance").write_text(f"{other}\n\n{script}", encoding="utf-8")
    both = plain((await site.client.post("/rejouer/regles.relance", timeout=90)).text)
    said = both.replace("\u00a0", " ")
    for name in ("Accueil", "Autre"):
        assert re.search(rf"Étiqueter \(Venu\)[^É]*campagne « {name} »", said), said


def test_what_happens_in_the_campaign_that_is_tried_comes_first_and_the_rest_apart() -> None:
    script = "scénario « a »\n  (Aline) : Formulaire (X) rempli\nfin\n"
    rows = [
        {**dict.fromkeys(("message", "pourquoi", "sorte", "trouve")), "passe": True, **more}
        for more in (
            {"ligne": 2, "quand": "2026-12-01T09:00:00-05:00", "campagne": None, "arrive": None},
            {
                "ligne": None,
                "quand": "2026-12-01T09:00:00-05:00",
                "campagne": "Autre",
                "arrive": "b",
            },
            {
                "ligne": None,
                "quand": "2026-12-02T09:00:00-05:00",
                "campagne": "Accueil",
                "arrive": "c",
            },
            {
                "ligne": None,
                "quand": "2026-12-03T09:00:00-05:00",
                "campagne": "Autre",
                "arrive": "d",
            },
        )
    ]
    (one,) = tries(script, {"a": rows}, "accueil")
    assert [each.happened for day in one.days for each in day.lines if each.happened] == ["c"]
    (other,) = one.beside
    assert (other.campaign, other.count, [day.day for day in other.days]) == (
        *("Autre", 2),
        ["1er\u00a0déc.\u00a02026", "3\u00a0déc.\u00a02026"],
    )
    (whole,) = tries(script, {"a": rows})
    named = [each.campaign for day in whole.days for each in day.lines if each.happened]
    assert (named, list(whole.beside)) == (["Autre", "Accueil", "Autre"], [])


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    site: Site, tmp_path: Path
) -> None:
    wrong = {**FORM, "jour": "hier", "entree": "Rien", "apres-1": "0", "regarder": "mille"}
    said = await site.client.post("/essais/regles.relance", data={**wrong, "nom": "Mon essai"})
    assert said.status_code == 422
    for one in ("jour", "entree", "quoi-1", "regarder"):
        assert f'id="{one}-faux"' in said.text, one
    assert 'value="Mon essai"' in said.text
    assert 'value="hier"' in said.text
    rules = {"campagne": "Accueil", "texte": SCRIPT.replace("Accueil", "Autre")}
    refused = await site.client.post("/essais-ajouter/regles.relance", data=rules)
    assert refused.status_code == 422
    unread = {"campagne": "Accueil", "texte": "scénario « x »\n  vérifier (B) : rien\nfin\n"}
    refused = await site.client.post("/essais-ajouter/regles.relance", data=unread)
    assert refused.status_code == 422
    assert (tmp_path / "regles.relance").read_text(encoding="utf-8") == SCRIPT
    assert (await site.client.get("/essais/absent.relance")).status_code == 404


async def test_a_real_journey_becomes_a_scenario_that_names_nobody(site: Site) -> None:
    known = {"courriel": "zoe.tremblay@exemple.ca", "prénom": "Zoé", "nom": "Tremblay"}
    await site.post("Infolettre", data=known)
    async with asyncio.timeout(60):
        while not await site.count("enrolments"):
            await asyncio.sleep(0.02)
    form = {**FORM, "qui": "zoe.tremblay@exemple.ca"}
    await sign_in(site.runtime, site.client, [AccessRole.READ, AccessRole.WRITE])
    shut = await site.client.post("/essais-lead/regles.relance", data=form)
    assert shut.status_code == 403
    assert "vraiment vécu" not in (await site.client.get("/essais/regles.relance")).text
    await sign_in(site.runtime, site.client)
    nobody = await site.client.post("/essais-lead/regles.relance", data={**form, "qui": "x@y.ca"})
    assert nobody.status_code == 422
    assert 'id="qui-faux"' in nobody.text
    played = await site.client.post("/essais-lead/regles.relance", data=form, timeout=90)
    assert played.status_code == 200, plain(played.text)
    assert 'name="heure" aria-label="L’heure" value="10:00"' in played.text, "the rest as it begins"
    text = scenario_of(played.text)
    assert "(Aline) : Formulaire (Infolettre) rempli" in text
    assert "lead (Aline) : courriel (aline@example.com), prénom (Aline)" in text
    assert not re.search(r"zoé|zoe|tremblay|exemple\.ca", text, re.IGNORECASE)
