"""In a scenario a message is written as it would be: on the virtual clock, from the stage's facts."""

from pathlib import Path

import pytest

from server.publication.on_disk import on_disk
from server.simulation import ScenarioResult, outside, run_scenarios
from tests.simulation.project import built_in, of_text

SCRIPT = """
campagne « Panier »
  fuseau : Europe/Paris
  entrée
    quand Produit ajouté au panier
  Attendre pendant 2 jours
  Envoyer courriel (Tarifs)
fin

scénario « panier laissé »
  lead (Aline) : courriel (aline@exemple.ca), prénom (Aline)
  le 2026-12-01 à 23 h 30, (Aline) : Produit (Casque) ajouté au panier
  3 jours plus tard, vérifier (Aline) : Courriel (Tarifs) envoyé
fin
"""


async def play(
    folder: Path, mail: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[ScenarioResult, list[str]]:
    texts: list[str] = []

    class Read(outside.Rehearsal):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            self.texts = texts

    monkeypatch.setattr(outside, "Rehearsal", Read)
    (folder / "courriels").mkdir()
    (folder / "courriels" / "a.md").write_text(f"---\nnom: Tarifs\nobjet: a\n---\n{mail}")
    (result,) = await run_scenarios(
        of_text(SCRIPT), built_in(), files=on_disk(folder), sections={"maison": {"nom": "La Roue"}}
    )
    return result, texts


async def test_a_mail_of_a_scenario_says_the_virtual_day_the_cart_and_the_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = (
        '{{ today | date: "court" }} {{ panier.produit.nom }} {{ entrée.sujet }} {{ maison.nom }}'
    )
    result, (text,) = await play(tmp_path, mail, monkeypatch)
    assert result.passed
    assert "2026-12-03 Casque Casque La Roue" in text


async def test_one_that_cannot_be_filled_in_is_not_sent_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = "{% if prénom %}{{ 1 | divided_by: 0 }}{% endif %}"
    result, texts = await play(tmp_path, mail, monkeypatch)
    assert not result.passed
    assert texts == []
    (failure,) = result.failures
    assert "n’a pas pu être rempli" in "\n".join(str(line) for line in failure.timeline)
