"""The form an address means."""

from pathlib import Path

import pytest

from server.http.form_names import FormNames
from tests.http.conftest import Start

RULES = """\
campagne « Tarifs »
  entrée
    quand Formulaire (Demande de tarif 2) rempli
  si Formulaire (Essai A+) rempli
    Étiqueter (A+)
  fin
fin
"""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Demande de tarif 2", "Demande de tarif 2"),
        ("demande-de-tarif-2", "Demande de tarif 2"),
        ("DEMANDE_DE_TARIF_2", "Demande de tarif 2"),
        ("Demande de tarif 3", "Demande de tarif 3"),
        # Signs are no spelling of spaces.
        ("Demande de tarif 2!", "Demande de tarif 2!"),
        ("demande.de.tarif.2", "demande.de.tarif.2"),
        # Two forms could be meant: neither is chosen.
        ("AB 12", "AB 12"),
        ("AB-12", "AB-12"),
        ("AB_12", "AB_12"),
        # What looks like a signed form is it, since its signature is asked.
        ("essai.routier", "Essai routier"),
        ("Essai A-", "Essai A-"),
    ],
)
def test_what_programs_write_for_a_space_is_understood_among_known_forms(
    written: str, meant: str
) -> None:
    names = FormNames(signed=["Essai routier"])
    names.learn(["Demande de tarif 2", "AB 12", "AB-12", "Essai A+"])
    assert names.meant(written) == meant


def test_an_address_tried_before_its_form_was_known_means_it_once_it_is() -> None:
    names = FormNames()
    assert names.addressed("essai-a+") == "essai-a+"
    names.learn(["Essai A+"])
    assert names.addressed("essai-a+") == "Essai A+"
    assert [names.addressed(one) for one in ("a/b", "--", "a\n", "a" * 151)] == [None] * 4


async def test_a_rule_hears_a_form_posted_under_its_spelling_in_an_address(
    start: Start, settings
) -> None:
    folder: Path = settings.folder
    (folder / "tarifs.relance").write_text(RULES, encoding="utf-8")
    for times in (1, 2):  # the second start finds the rules published
        async with start() as site:
            assert site.runtime.form_names.meant("essai-a+") == "Essai A+"
            data = {"courriel": f"a{times}@exemple.ca"}
            assert (await site.post("demande-de-tarif-2", data=data)).status_code == 201
            rows = await site.rows(
                "SELECT DISTINCT subject FROM events WHERE type='form_submitted'"
            )
            assert [row[0] for row in rows] == ["Demande de tarif 2"]
