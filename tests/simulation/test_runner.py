"""The scenario runner: what holds passes, what does not is shown with its reasons."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from server.engine.publication.project import Project
from server.simulation import run_scenarios
from server.simulation.player import Player
from server.simulation.stage import Stage
from server.store.schema.events import events
from tests.simulation.project import built_in, of_text

CAMPAIGN = """
campagne « Relance »
  entrée
    quand Formulaire (Demande) rempli
  Envoyer courriel (Tarifs)
  étape « Attente »
  attendre au plus 3 jours
    dès que Lien (Essai) cliqué dans courriel (Tarifs)
      Changer pointage (+10)
    passé ce délai
      Étiqueter (Froid)
  fin
fin
"""


def scenario(*lines, name="essai"):
    body = "\n  ".join(("lead (Aline) : courriel (aline@exemple.ca)", *lines))
    return f"\nscénario « {name} »\n  {body}\nfin\n"


async def play(script, **options):
    return await run_scenarios(of_text(script), built_in(), **options)


async def only(script, **options):
    (result,) = await play(script, **options)
    return result


async def test_a_scenario_that_holds_passes():
    result = await only(
        CAMPAIGN
        + scenario(
            "le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
            "vérifier (Aline) : Courriel (Tarifs) envoyé et à l'étape « Attente »",
            "2 jours plus tard, (Aline) : Lien (Essai) cliqué dans courriel (Tarifs)",
            "vérifier (Aline) : Pointage lead entre (10) et (10) et non à l'étape « Attente »",
            "10 jours plus tard, vérifier (Aline) : non Lead étiqueté (Froid)",
        )
    )
    assert result.passed, result.failures
    assert result.checks == 3


async def test_a_check_that_fails_shows_its_line_what_was_found_and_the_timeline():
    script = CAMPAIGN + scenario(
        "le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
        "vérifier (Aline) : Courriel (Tarifs) envoyé et Pointage lead au-dessus de (5)",
        "vérifier (Aline) : Lead étiqueté (Froid)",
    )
    result = await only(script)
    assert not result.passed
    first, second = result.failures
    assert "Pointage" in script.splitlines()[first.line - 1]
    assert first.lead == "Aline"
    assert any("Courriel (Tarifs) envoyé : vrai" in found for found in first.found), first.found
    assert any("faux" in found and "0" in found for found in first.found), first.found
    assert any("Demande" in line.text for line in first.timeline)
    assert second.line == first.line + 1


async def test_time_stops_at_every_moment_something_is_due():
    result = await only(
        """
campagne « Étapes »
  entrée
    quand Formulaire (Demande) rempli
  Attendre pendant 1 jour
  Date du jour dans (premier jour)
  Attendre pendant 1 jour
  Date du jour dans (second jour)
fin
champs
  premier jour : date
  second jour : date
fin
"""
        + scenario(
            "le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
            "30 jours plus tard, vérifier (Aline) : Champ lead (premier jour) est égal à (2026-12-02)",
            "vérifier (Aline) : Champ lead (second jour) est égal à (2026-12-03)",
        )
    )
    assert result.passed, result.failures


async def test_each_scenario_begins_from_nothing():
    lines = (
        "le 2026-12-01 à 9 h, vérifier (Aline) : non Formulaire (Demande) rempli",
        "1 minute plus tard, (Aline) : Formulaire (Demande) rempli",
        "vérifier (Aline) : Formulaire (Demande) rempli",
    )
    results = await play(CAMPAIGN + scenario(*lines) + scenario(*lines, name="encore"))
    assert [result.passed for result in results] == [True, True]


async def test_the_same_scenario_always_ends_the_same():
    script = """
campagne « Tirage »
  entrée
    quand Formulaire (Demande) rempli
  Attendre entre zéro et 3 jours
  si Split 50 %
    Étiqueter (Pile)
  sinon
    Étiqueter (Face)
  fin
fin
""" + scenario(
        "le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
        "1 jour plus tard, vérifier (Aline) : Lead étiqueté (Pile)",
        "3 jours plus tard, vérifier (Aline) : Lead étiqueté (Pile)",
        "vérifier (Aline) : Lead étiqueté (Face)",
    )
    assert await play(script) == await play(script)


async def test_days_are_those_of_the_campaign_written_beside():
    script = """
campagne « À Paris »
  fuseau : Europe/Paris
  entrée
    quand Formulaire (Demande) rempli
  Attendre jusqu’au (2026-12-24)
  Étiqueter (Noël)
fin
""" + scenario(
        "le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
        "le 2026-12-23 à 23 h 59, vérifier (Aline) : non Lead étiqueté (Noël)",
        "le 2026-12-24 à 0 h, vérifier (Aline) : Lead étiqueté (Noël)",
    )
    result = await only(script, zone=ZoneInfo("America/Montreal"))
    assert result.passed, result.failures


async def test_only_the_wanted_scenarios_are_played():
    script = scenario("vérifier (Aline) : non Formulaire rempli") + scenario(
        "vérifier (Aline) : Formulaire rempli", name="autre"
    )
    results = await play(script, wanted=lambda one: one.name == "autre")
    assert [(result.scenario.name, result.passed) for result in results] == [("autre", False)]


async def test_a_lead_whose_address_is_no_address_is_told():
    script = """
scénario « adresse »
  lead (Aline) : courriel (aline)
  vérifier (Aline) : non Formulaire rempli
fin
"""
    result = await only(script)
    assert "adresse" in result.failures[0].message


async def test_an_earlier_scenario_set_later_in_time_leaves_no_trace():
    later = scenario("le 2030-01-01 à 9 h, (Aline) : Formulaire (Autre) rempli", name="plus tard")
    sooner = scenario(
        "le 2026-12-01 à 9 h, (Aline) : Lien (Essai) cliqué dans courriel (Tarifs)",
        "1 heure plus tard, (Aline) : Formulaire (Demande) rempli",
        "1 heure plus tard, vérifier (Aline) : à l’étape « Attente »",
    )
    results = await play(CAMPAIGN + later + sooner)
    assert [result.failures for result in results] == [(), ()]


async def test_the_details_of_an_event_are_those_a_program_would_send():
    result = await only(
        scenario(
            "le 2026-12-01 à 9 h, (Aline) : Événement (Achat) survenu où (montant) égal à (80,50 $)",
            "vérifier (Aline) : Événement (Achat) survenu où (montant) supérieur à (9)",
            "vérifier (Aline) : Événement (Achat) survenu où (montant) égal à (80,50)",
        )
    )
    assert result.passed, result.failures


async def test_a_number_and_a_day_are_stored_as_json_holds_them():
    script = scenario(
        "le 2026-12-01 à 9 h, (Aline) : Événement (Achat) survenu où (montant) égal à (80,50)",
        "1 minute plus tard, (Aline) : Événement (Achat) survenu où (quand) égal à (2026-12-24)",
    )
    (played,) = of_text(script).scenarios
    async with Stage(ZoneInfo("America/Montreal")) as stage:
        await stage.set_up((), Project())
        await stage.begin(datetime(2026, 12, 1, tzinfo=UTC), ())
        await Player(played, stage, stage.zone).play()
        async with stage.store.read() as conn:
            query = select(events.c.properties).where(events.c.type == "custom")
            stored = (await conn.execute(query.order_by(events.c.id))).scalars().all()
    assert stored == ['{"montant": 80.5}', '{"quand": "2026-12-24"}']


async def test_campaigns_that_send_a_lead_to_and_fro_for_ever_are_told():
    result = await only(
        """
campagne « Aller »
  réentrée : après sortie
  entrée
    quand Ajouté à la liste (Va-et-vient)
  Enlever de la liste (Va-et-vient)
fin
campagne « Retour »
  réentrée : après sortie
  entrée
    quand Enlevé de la liste (Va-et-vient)
  Ajouter à la liste (Va-et-vient)
fin
"""
        + scenario(
            "le 2026-12-01 à 9 h, (Aline) : Ajouté à la liste (Va-et-vient)",
            "1 jour plus tard, vérifier (Aline) : Formulaire rempli",
        )
    )
    (failure,) = result.failures
    assert "tourne en rond" in failure.message
    assert failure.timeline


async def test_a_lead_said_to_join_a_list_is_in_it():
    result = await only(
        """
campagne « Prospects »
  entrée
    quand Ajouté à la liste (Prospects) et Lead membre de la liste (Prospects)
  Étiqueter (Prospect)
fin
"""
        + scenario(
            "le 2026-12-01 à 9 h, (Aline) : Ajouté à la liste (Prospects)",
            "vérifier (Aline) : Lead membre de la liste (prospects) et Lead étiqueté (Prospect)",
            "1 minute plus tard, (Aline) : Enlevé de la liste (Prospects)",
            "vérifier (Aline) : non Lead membre de la liste (Prospects)",
        )
    )
    assert result.passed, result.failures


async def test_phone_numbers_are_read_as_the_country_of_the_project_writes_them():
    script = scenario("vérifier (Aline) : Champ (cellulaire) = (+33612345678)").replace(
        "aline@exemple.ca)", "aline@exemple.ca), cellulaire (06 12 34 56 78)"
    )
    assert (await only(script, region="FR")).passed
    assert not (await only(script)).passed


async def test_a_period_takes_who_was_there_before_it_opened():
    script = """
campagne « Été »
  période : du 2026-07-01 au 2026-08-31
  entrée
    quand Lead étiqueté (Prospect)
  Étiqueter (Invité)
fin

campagne « Noter »
  entrée
    quand Formulaire (Demande) rempli
  Étiqueter (Prospect)
fin
"""
    result = await only(
        script
        + scenario(
            "le 2026-06-01 à 9 h, (Aline) : Formulaire (Demande) rempli",
            "29 jours plus tard, vérifier (Aline) : non Lead étiqueté (Invité)",
            "1 jour plus tard, vérifier (Aline) : Lead étiqueté (Invité)",
        )
    )
    assert result.passed, result.failures
