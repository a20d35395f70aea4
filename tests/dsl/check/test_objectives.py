"""Objectives in figures, as they are read; what is proposed for them is accepted."""

from decimal import Decimal

import pytest
from checker_words import checked

from dsl.objectives import IndicatorBound, Objective
from relance.values import Comparator, Duration

BOUNDS = (
    IndicatorBound("contacts", Comparator.AT_LEAST, Decimal(1000)),
    IndicatorBound("contacts", Comparator.AT_MOST, Decimal(2000)),
)


def of(header: str, before: str = "") -> Objective | None:
    body = "entrée\n  quand Formulaire (Tarif) rempli\nEnvoyer courriel (Tarifs)\n"
    found = checked(f"{before}\ncampagne « A »\n{header}\n{body}fin\n")
    assert found.diagnostics["a"] == ()
    return found.objectives.get("A")


@pytest.mark.parametrize("word", ["objectif", "objectif chiffré"])
def test_a_campaign_names_one_that_others_may_name_too(word: str) -> None:
    declared = (
        "objectif chiffré « Mille contacts » : description Mille, chaque mois, nombre de contacts au moins "
        "1000 et au plus 2 000, chaque mois"
    )
    wanted = Objective("Mille contacts", BOUNDS, "Mille", Duration(months=1))
    assert of(f"{word} : « mille contacts »", declared) == wanted


def test_several_indicators_and_their_units_are_read() -> None:
    declared = "objectif chiffré « X » : taux de satisfaction ≥ 87,5 %, nombre de contacts est supérieur à 3"
    assert of("objectif : X", declared) == Objective(
        "X",
        (
            IndicatorBound("satisfaction", Comparator.AT_LEAST, Decimal("0.875")),
            IndicatorBound("contacts", Comparator.GREATER, Decimal(3)),
        ),
    )


def test_a_growth_is_said_by_the_campaign_itself() -> None:
    said = "augmenter le nombre de contacts de 10 %"
    bound = IndicatorBound("contacts", Comparator.AT_LEAST, Decimal("0.1"), growth=True)
    assert of(f"objectif : {said}") == Objective(said, (bound,))


@pytest.mark.parametrize(
    ("declared", "instead"),
    [
        (
            "objectif chiffré « X » : nombre de contacts au moins 1000",
            "objectif chiffré : « X »\n",
        ),
        ("liste « L » : toutes ces conditions\n    - Lead client\n    - Lead client", ""),
        ("conversion « C » : Formulaire (Achat) rempli", ""),
    ],
)
def test_what_is_declared_within_a_campaign_is_said_there_and_is_to_be_moved_out(
    declared: str, instead: str
) -> None:
    campaign = (
        "campagne « A »\n  {}\n  entrée\n    quand Formulaire (Tarif) rempli\n"
        "  Envoyer courriel (Tarifs)\nfin\n"
    )
    (found,) = [
        one
        for one in checked(campaign.format(declared)).diagnostics["a"]
        if one.code in ("R106", "R109")
    ]
    assert (found.code, found.span.start) == ("R109", len("campagne « A »\n  "))
    assert "avant, ou après son «\u00a0fin\u00a0»" in found.message
    moved = "\n".join(line.strip() for line in declared.splitlines())
    for text in (f"{moved}\n\n" + campaign, campaign + f"\n{moved}\n"):
        assert not [
            one for one in checked(text.format(instead)).diagnostics["a"] if one.code[:2] == "R1"
        ]
