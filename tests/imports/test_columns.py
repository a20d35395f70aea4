"""Columns matched with fields, as people name them."""

import pytest

from server.imports.headings import Special, match
from server.imports.sheet import BadFile
from server.store.fields import FieldCatalogue

FIELDS = {field.key: field.name for field in FieldCatalogue()}


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("E-mail", "courriel"),
        ("COURRIEL", "courriel"),
        ("Adresse e-mail", "courriel"),
        ("Prenom", "prenom"),
        ("Prénom ", "prenom"),
        ("Tel.", "telephone"),
        ("Tél", "telephone"),
        ("Portable", "cellulaire"),
        ("Last Name", "nom"),
        ("Né(e) le", "date-de-naissance"),
        ("date_de_naissance", "date-de-naissance"),
    ],
)
def test_a_column_is_known_by_what_people_call_it(column: str, key: str) -> None:
    assert match([column], FIELDS, {}).fields == {0: key}


def test_an_unknown_column_is_left_out_and_told_with_the_nearest_field() -> None:
    matched = match(["courriel", "Vile", "Qux"], FIELDS, {})
    assert matched.unknown == {"Vile": "ville", "Qux": None}


def test_a_person_has_the_last_word() -> None:
    matched = match(["Adr", "Ville"], FIELDS, {"Adr": "Courriel", "Ville": ""})
    assert matched.fields == {0: "courriel"}
    assert not matched.unknown


@pytest.mark.parametrize("asked", [{"Adr": "courrier"}, {"Rien": "courriel"}])
def test_a_column_or_a_field_that_is_not_there_is_told(asked: dict[str, str]) -> None:
    with pytest.raises(BadFile):
        match(["Adr"], FIELDS, asked)


@pytest.mark.parametrize("names", [["Courriel", "E-mail"], ["courriel", "courriel"]])
def test_two_columns_for_one_field_are_never_chosen_between(names: list[str]) -> None:
    with pytest.raises(BadFile, match="Deux colonnes"):
        match(names, FIELDS, {})


def test_a_field_of_the_project_comes_before_a_usual_name() -> None:
    matched = match(["Mail", "Listes"], {"mail": "mail", "courriel": "courriel"}, {})
    assert matched.fields == {0: "mail"}
    assert matched.specials == {1: Special.LISTS}
