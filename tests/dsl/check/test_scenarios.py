"""Scenarios: leads with typed fields, moments, events with exact values, checks in leaves."""

from datetime import date, time
from decimal import Decimal

from checker_words import CATALOGUE, campaign, checked, codes

from dsl.scenario import At, CheckedScenario, CheckedStimulus, CheckedVerify, Later
from relance.events import NewEvent
from relance.facts import All, AtStep, Exited, Leaf, Not
from relance.said import Said
from relance.values import Duration

assert CATALOGUE.phrases

SOURCE = """champs
  pointure : nombre
fin

scénario « clique le deuxième jour »
  lead (Aline) : courriel (aline@exemple.ca), pointure (42), date de naissance (2000-02-29)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Tarif) rempli
  2 jours plus tard, (aline) : Événement (Achat) survenu où (montant) égal à (49,90)
  (Aline) : Page web (https://exemple.ca/tarifs?a=1) visitée
  1 jour plus tard, vérifier (Aline) : Formulaire (Tarif) rempli et non Split 50 %
  vérifier (Aline) : à l’étape « Début »
fin
""" + campaign("étape « Début »\nChanger pointage (+1)")


def scenario() -> CheckedScenario:
    found = checked(SOURCE)
    assert found.ok, found.diagnostics
    (only,) = found.scenarios
    return only


def test_a_lead_has_typed_fields() -> None:
    (aline,) = scenario().leads
    assert (aline.name, aline.line) == ("Aline", 6)
    assert aline.fields == {
        "courriel": "aline@exemple.ca",
        "pointure": Decimal(42),
        "date de naissance": date(2000, 2, 29),
    }


def test_moments_are_absolute_then_relative_then_the_same() -> None:
    moments = [line.moment for line in scenario().lines]
    assert moments == [
        At(date(2026, 12, 1), time(9)),
        Later(Duration(days=2)),
        None,
        Later(Duration(days=1)),
        None,
    ]


def test_an_event_phrase_makes_its_event_happen() -> None:
    events = [line.event for line in scenario().lines if isinstance(line, CheckedStimulus)]
    assert events == [
        NewEvent("form_submitted", "Tarif"),
        NewEvent("custom", "Achat", properties={"montant": Decimal("49.90")}),
        NewEvent("page_visited", "/tarifs", "https://exemple.ca/tarifs?a=1"),
    ]
    assert {line.lead for line in scenario().lines} == {"Aline"}


def test_a_check_keeps_its_phrases_apart() -> None:
    first, second = [line for line in scenario().lines if isinstance(line, CheckedVerify)]
    assert isinstance(first.condition, All)
    assert isinstance(first.condition.items[0], Leaf)
    assert isinstance(first.condition.items[1], Not)
    assert second.condition == Leaf(Said("at_step", (("step", "Début"),)), AtStep("Début"))
    assert first.line == 10
    assert first.text.split() == [
        "Formulaire",
        "(Tarif)",
        "rempli",
        "et",
        "non",
        "Split",
        "50",
        "%",
    ]


def test_what_a_scenario_cannot_say_is_told() -> None:
    def line(text: str) -> list[str]:
        return codes(f"scénario « S »\n  lead (Aline) : courriel (a@exemple.ca)\n  {text}\nfin\n")

    assert line("(Aline) : Formulaire (Tarif) rempli depuis l’entrée") == ["R315"]
    assert line("(Aline) : Formulaire (Tarif) rempli au moins (2) fois") == ["R315"]
    assert line("vérifier (Aline) : à l’étape « Nulle part »") == ["R304"]
    assert line("vérifier (Bruno) : Formulaire (Tarif) rempli") == ["R321"]
    assert line("(Aline) : Formulaire (Tarif) rempli") == []


def test_how_a_lead_left_is_verified_in_scenarios_only() -> None:
    assert "R315" in codes(campaign("si sortie réussie\n  Changer pointage (+1)\nfin"))
    found = checked(
        SOURCE.replace("à l’étape « Début »", "sortie échouée et non sorti en réussite")
    )
    assert found.ok, found.diagnostics
    (check,) = [one for one in found.scenarios[0].lines if "sortie" in one.text]
    assert isinstance(check, CheckedVerify)
    assert check.condition == All(
        (
            Leaf(Said("exited", (("how", "failure"),)), Exited(("failure", "timeout"))),
            Not(Leaf(Said("exited", (("how", "success"),)), Exited(("success",)))),
        )
    )
