"""A proposal keeps the values, the side and the event of what was written, or is not shown."""

from functools import cache

import pytest

from dsl.help.fidelity import keeps, same_name
from dsl.phrases.catalogue import DECISIONS, STATEMENTS, Catalogue
from dsl.text.lexer import lex
from server.plugins import load_plugins


@cache
def catalogue() -> Catalogue:
    return load_plugins().catalogue


def kept(written: str, offered: str) -> bool:
    lexemes, _ = lex(written, 0, len(written))
    return keeps(catalogue(), written, lexemes, offered, DECISIONS | STATEMENTS)


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("Envoyer couriel (Tarifs)", "Envoyer courriel (Tarifs)"),
        ("Envoie le mail (Tarifs)", "Envoyer courriel (Tarifs)"),
        ("Le contact a ouvert le courriel (Panier)", "Courriel (Panier) lu (ouvert)"),
        ("Mail (Panier) non ouvert", "non Courriel (Panier) lu (ouvert)"),
        ("Pointage entrre 10 et 50", "Pointage lead entre 10 et 50"),
    ],
)
def test_the_same_in_other_words_is_kept(written: str, offered: str) -> None:
    assert kept(written, offered)


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("Attendre le lendemain à 9 h", "Attendre pendant 9 h"),
        ("Attendre 7 jours avant (fin)", "Attendre jusqu’au (fin)"),
        ("Attendre 7 jours avant (fin)", "Attendre 7 jours après (fin)"),
        ("Attendre au moins 3 jours", "Attendre pendant 3 jours"),
        ("Attendre entre 1 et 3 jours", "Attendre entre zéro et 3 jours"),
        ("Le contact ouvre le courriel (Panier)", "Plainte pour courriel (Panier)"),
        ("Abonné au courriel (Panier)", "Désabonné du courriel (Panier)"),
        ("Réabonné au courriel (Panier)", "Désabonné du courriel (Panier)"),
        ("Courriel (Panier) supprimé", "Courriel (Panier) livré"),
        ("Courriel (Panier) non ouvert", "Courriel (Panier) lu (ouvert)"),
        ("Ne pas envoyer le courriel (Panier)", "Envoyer courriel (Panier)"),
        ("Renvoyer le courriel (Panier)", "Envoyer courriel (Panier)"),
        ("Inscrire à la liste (Clients)", "Enlever de la liste (Clients)"),
        ("Ajouter le tag (VIP)", "Ajouter à la liste (VIP)"),
        ("Moins de 3 jours se sont écoulés depuis achat", "Plus de 3 jours se sont écoulés depuis achat"),
        ("Pointage différent de 50", "non Pointage lead différent de 50"),
        ("Nombre de pages vues > 5", "Nombre de pages visitées dans les 7 derniers jours > 5"),
        ("Nombre de pages vues > 5", "Nombre de pages visitées moyen > 5"),
        ("Copier (ville) dans (note)", "Copier attribut du lead (note) à (ville)"),
        ("Promotion (Noël) terminée", "Promotion (Noël) en cours"),
        ("Pointage > 50", "Pointage lead > 60"),
    ],
)  # fmt: skip
def test_another_value_side_or_event_is_no_correction_of_what_was_written(
    written: str, offered: str
) -> None:
    assert not kept(written, offered)


@pytest.mark.parametrize(
    ("written", "known"), [("Tarrifs", "Tarifs"), ("Infolettre mai", "Infolettre de mai")]
)
def test_a_name_may_be_a_slip_for_another(written: str, known: str) -> None:
    assert same_name(written, known)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Promo 2025", "Promo 2026"),
        ("Abonnés", "Désabonnés"),
        ("Actifs", "Inactifs"),
        ("Clients A+", "Clients A-"),
        ("Rappel avant cours", "Rappel après cours"),
        ("Non clients", "Clients"),
    ],
)
def test_a_name_told_apart_on_purpose_is_no_slip_for_another(written: str, known: str) -> None:
    assert not same_name(written, known)
