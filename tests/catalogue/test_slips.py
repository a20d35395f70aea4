"""The phrases as people write them: read, and put in form without a change of meaning; else told with
what to write, which is then right."""

from functools import cache

import pytest

from dsl.diagnostics import Diagnostic, Severity
from dsl.formatter import format_source
from dsl.project import check
from server.plugins import Plugins, load_plugins

OFFERED = {"courriel": ["Tarifs"], "sms": ["Rappel"], "vendeur": ["Luc Roy"]}
FIELDS = "champs\n  début : date\n  fin d’abonnement : date\n  pointure : nombre\n  note : texte\nfin\n\n"
CAMPAIGN = (
    "campagne « A »\n  réentrée : jamais\n\n"
    "  entrée\n    quand Formulaire (Infolettre) rempli\n\n  Envoyer courriel (Tarifs)\n"
)


@cache
def loaded() -> Plugins:
    return load_plugins()


def asked(decision: str) -> str:
    return f"{FIELDS}{CAMPAIGN}  si {decision}\n    Étiqueter (X)\n  fin\nfin\n"


def done(activity: str) -> str:
    return f"{FIELDS}{CAMPAIGN}  {activity}\nfin\n"


def errors(source: str) -> list[Diagnostic]:
    found = check({"p": source}, loaded().catalogue, OFFERED).diagnostics["p"]
    return [one for one in found if one.severity is Severity.ERROR]


def in_form(source: str) -> str:
    return format_source(source, loaded().catalogue).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "formed"),
    [
        ("Date (début) est plus grande que 2026-12-01", "Date (début) est plus grande que 2026-12-01"),
        ("Date (début) est (plus grand) que (2026-12-01)", "Date (début) est (plus grand) que (2026-12-01)"),
        ("Date (début) est avant (fin d’abonnement)", "Date (début) est avant (fin d’abonnement)"),
        ("Date (début) est avant le 1er décembre 2026", "Date (début) est avant le 1er décembre 2026"),
        ("Dernière visite après le 2026-12-01", "Dernière visite après le 2026-12-01"),
        ("Dernière visite il y a plus de 30 jours", "Dernière visite il y a plus de 30 jours"),
        ("Dernière visite il y a moins d'une semaine", "Dernière visite il y a moins d’une semaine"),
        ("Courriel (Tarifs) envoyé depuis le 1er décembre 2026", "Courriel (Tarifs) envoyé depuis le 1er décembre 2026"),
        ("Montant dépensé est plus de 50$", "Montant dépensé est plus de 50 $"),
        ("Montant dépensé est au moins $50", "Montant dépensé est au moins 50 $"),
    ],
)  # fmt: skip
def test_a_decision_keeps_the_words_of_its_author(written: str, formed: str) -> None:
    assert errors(asked(written)) == []
    assert in_form(asked(written)) == asked(formed)
    assert in_form(asked(formed)) == asked(formed)


@pytest.mark.parametrize(
    "written",
    ["Attendre 2 jours après le 24 décembre 2026", "Exécuter 3 jours avant le 24 décembre 2026"],
)
def test_the_article_of_a_date_stays(written: str) -> None:
    assert errors(done(written)) == []
    assert in_form(done(written)) == done(written)


def test_an_amount_with_a_point_is_told_with_its_comma() -> None:
    (one,) = errors(asked("Montant dépensé est au moins 100.50 $"))
    assert "100,50 $" in one.message
