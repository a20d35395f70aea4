"""In a scenario, who unsubscribes is left alone from then on, as in life."""

import pytest

from tests.simulation.test_runner import CAMPAIGN, only, scenario

ASKED = "1 heure plus tard, (Aline) : Formulaire (Demande) rempli"


async def test_a_lead_who_unsubscribed_is_written_to_no_more() -> None:
    result = await only(
        CAMPAIGN
        + scenario(
            "le 2026-12-01 à 9 h, (Aline) : Désabonné du courriel (Tarifs)",
            "vérifier (Aline) : Désabonné du courriel (Tarifs)",
            ASKED,
            "vérifier (Aline) : à l’étape « Attente »",
            "vérifier (Aline) : non Courriel (Tarifs) envoyé",
        )
    )
    assert result.passed, result.failures


async def test_another_lead_is_still_written_to() -> None:
    result = await only(
        CAMPAIGN
        + scenario(
            "lead (Bruno) : courriel (bruno@exemple.ca)",
            "le 2026-12-01 à 9 h, (Aline) : Désabonné du courriel (Tarifs)",
            "(Aline) : Désabonné du courriel (Tarifs)",
            "1 heure plus tard, (Bruno) : Formulaire (Demande) rempli",
            "vérifier (Bruno) : Courriel (Tarifs) envoyé",
        )
    )
    assert result.passed, result.failures


@pytest.mark.parametrize("event", ["Courriel (Tarifs) lu", "Lien cliqué dans courriel (Tarifs)"])
async def test_what_takes_no_consent_away_changes_nothing(event: str) -> None:
    result = await only(
        CAMPAIGN
        + scenario(f"(Aline) : {event}", ASKED, "vérifier (Aline) : Courriel (Tarifs) envoyé")
    )
    assert result.passed, result.failures


async def test_a_lead_without_an_address_may_unsubscribe_too() -> None:
    result = await only(
        CAMPAIGN
        + scenario(
            "lead (Anonyme)",
            "(Anonyme) : Désabonné du courriel (Tarifs)",
            "vérifier (Anonyme) : Désabonné du courriel (Tarifs)",
        )
    )
    assert result.passed, result.failures
