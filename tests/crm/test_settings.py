"""The [crm] section: what it says, what it refuses, in French."""

from pathlib import Path
from typing import Any

import pytest

from plugins.crm.settings import KEYS, read_settings
from relance.errors import ConfigurationError

DOCS = Path(__file__).parents[2] / "docs" / "crm.md"
TOKEN = "pat-na1-0123"


def test_without_a_section_there_is_no_crm() -> None:
    assert read_settings({}) is None


def test_a_token_is_all_a_crm_needs() -> None:
    found = read_settings({"jeton": TOKEN})
    assert found is not None
    assert found.address == "https://api.hubapi.com"
    assert found.fields["prenom"] == "firstname"
    assert "courriel" not in found.fields
    assert found.of_crm == frozenset()


def test_fields_are_named_as_people_name_them() -> None:
    names = {"Courriel": "email", "Date de naissance": "birthday", "PRÉNOM": "firstname"}
    found = read_settings({"jeton": TOKEN, "champs": names, "maitre_crm": ["date de Naissance"]})
    assert found is not None
    assert found.fields == {"date-de-naissance": "birthday", "prenom": "firstname"}
    assert found.of_crm == {"date-de-naissance"}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"fournisseur": "hubspot"}, "jeton"),
        ({"jeton": "a b"}, "jeton"),
        ({"jeton": "a\r\nb"}, "jeton"),
        ({"jeton": 7}, "texte"),
        ({"jeton": TOKEN, "fournisseur": "autre"}, "hubspot"),
        ({"jeton": TOKEN, "adresse": "http://crm.exemple.ca"}, "https://"),
        ({"jeton": TOKEN, "adresse": "file:///etc/passwd"}, "adresse"),
        ({"jeton": TOKEN, "adresse": "https://u:p@crm.exemple.ca"}, "adresse"),
        ({"jeton": TOKEN, "champs": {"courriel": "mail"}}, "email"),
        ({"jeton": TOKEN, "champs": {"nom": "email"}}, "email"),
        ({"jeton": TOKEN, "champs": {"nom": "x", "ville": "x"}}, "même propriété"),
        ({"jeton": TOKEN, "champs": {"nom": "a,b"}}, "propriété"),
        ({"jeton": TOKEN, "champs": {"nom": ""}}, "propriété"),
        ({"jeton": TOKEN, "champs": "nom"}, "crm.champs"),
        ({"jeton": TOKEN, "maitre_crm": ["courriel"]}, "maitre_crm"),
        ({"jeton": TOKEN, "maitre_crm": ["inconnu"]}, "inconnu"),
        ({"jeton": TOKEN, "jetton": "x"}, "jeton"),
        ({"jeton": TOKEN, "debit": -1}, "debit"),
    ],
)
def test_what_is_wrong_is_refused_with_its_name(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_settings(section)


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS.read_text(encoding="utf-8")
