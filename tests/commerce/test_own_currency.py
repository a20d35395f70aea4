"""The server's own currency: the one of every amount that says none."""

from pathlib import Path

import pytest

from relance.errors import ConfigurationError
from server.settings import load_settings
from server.setup import refuse_unread
from server.simulation import run_scenarios
from tests.simulation.project import built_in, of_text

SCRIPT = """
scénario « la monnaie du projet »
  lead (Aline) : courriel (aline@exemple.ca)
  le 2026-12-01 à 9 h, (Aline) : Achat effectué où (montant) égal à (5)
  vérifier (Aline) : Montant dépensé est (égal à) (5)
  vérifier (Aline) : Montant dépensé est (égal à) (5 {})
fin
"""


@pytest.mark.parametrize(("currency", "written"), [("EUR", "€"), ("CAD", "$"), ("GBP", "gbp")])
async def test_scenarios_are_played_in_the_currency_of_the_server(
    currency: str, written: str
) -> None:
    checked = of_text(SCRIPT.format(written))
    (result,) = await run_scenarios(checked, built_in(), currency=currency)
    assert result.passed, result.failures
    other = "USD" if currency != "USD" else "CAD"
    (result,) = await run_scenarios(checked, built_in(), currency=other)
    assert len(result.failures) == 1


def test_the_setting_is_a_code_of_iso_4217(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).currency == "CAD"
    assert load_settings(tmp_path, {"RELANCE_DEVISE": "eur"}).currency == "EUR"
    for wrong in ("dollars", "XYZ", ""):
        with pytest.raises(ConfigurationError, match="devise"):
            load_settings(tmp_path, {"RELANCE_DEVISE": wrong})


def test_the_window_of_indicators_has_a_section_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "relance.toml").write_text("[contacts]\nfenetre = 7\n", encoding="utf-8")
    settings = load_settings(tmp_path, {})
    refuse_unread(settings, built_in())
    assert settings.plugins["contacts"] == {"fenetre": 7}
