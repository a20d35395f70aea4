"""Scenarios as people type them: read if there is no doubt, else one error with what to write."""

import pytest
from checker_words import CATALOGUE, checked

from dsl.diagnostics import Diagnostic
from dsl.read.parser import parse


def diagnostics_of(source: str) -> tuple[Diagnostic, ...]:
    (found,) = checked(source).diagnostics.values()
    return found


PLAYED = """\
scénario « S »
  lead (Aline) : courriel (aline@exemple.ca)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Tarif) rempli
  2 jours plus tard, vérifier (Aline) : non Formulaire (Devis) rempli
fin
"""


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("lead (Aline)", "lead Aline"),
        ("(aline@exemple.ca)", "aline@exemple.ca"),
        ("vérifier (Aline)", "vérifier Aline"),
        ("vérifier (Aline)", "vérifiez (Aline)"),
    ],
)
def test_a_slip_in_a_scenario_is_one_error_with_what_to_write(right: str, slip: str) -> None:
    source = PLAYED.replace(right, slip)
    (one,) = diagnostics_of(source)
    (fix,) = one.fixes
    assert source[: fix.span.start] + fix.text + source[fix.span.end :] == PLAYED


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("2 jours plus tard", "2 jours après"),
        ("2 jours plus tard", "dans 2 jours"),
        ("vérifier (Aline)", "vérifier que (Aline)"),
    ],
)
def test_other_writings_of_a_scenario_are_read(right: str, other: str) -> None:
    source = PLAYED.replace(right, other)
    assert diagnostics_of(source) == ()
    assert parse(source, CATALOGUE).script == parse(PLAYED, CATALOGUE).script


def test_a_lead_left_out_of_a_scenario_line_is_told() -> None:
    (one,) = parse(PLAYED.replace("h, (Aline) :", "h :"), CATALOGUE).diagnostics
    assert "(Aline)" in one.message


def test_an_activity_does_not_happen_in_a_scenario() -> None:
    source = PLAYED.replace("Formulaire (Tarif) rempli", "Changer pointage (+1)")
    (one,) = diagnostics_of(source)
    assert one.code == "R309"
    assert "vérifier (Aline)" in one.message
    assert one.fixes == ()


@pytest.mark.parametrize(
    ("value", "why"),
    [("31/02/1990", "n’existe pas"), ("1/2/90", "quatre chiffres"), ("hier", "de type")],
)
def test_a_date_of_a_lead_that_is_none_says_why(value: str, why: str) -> None:
    lead = f"(aline@exemple.ca), date de naissance ({value})"
    (one,) = diagnostics_of(PLAYED.replace("(aline@exemple.ca)", lead))
    assert one.code == "R313"
    assert why in one.message
