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
        ("Plus de 3 jours se sont écoulées depuis (début)", "Plus de 3 jours se sont écoulés depuis (début)"),
        ("Plus de (60) jours se sont écoulés depuis achat", "Plus de (60) jours se sont écoulés depuis achat"),
        ("Plus de (90) minutes se sont écoulées depuis (début)", "Plus de (90) minutes se sont écoulées depuis (début)"),
        ("Montant dépensé est plus de 50$", "Montant dépensé est plus de 50 $"),
        ("Montant dépensé est au moins $50", "Montant dépensé est au moins 50 $"),
        ("Champ lead (ville) est égal à Montréal", "Champ (ville) égal à (Montréal)"),
        ("Champ (ville) = Trois-Rivières et Formulaire rempli", "Champ (ville) = (Trois-Rivières) et Formulaire rempli"),
        ("Champ lead (ville) est différent de (Montréal)", "Champ (ville) différent de (Montréal)"),
        ("Achat effectué où montant supérieur à 50 $", "Achat effectué où (montant) supérieur à 50 $"),
        ("Achat effectué où le montant est supérieur à 50 $", "Achat effectué où (montant) supérieur à 50 $"),
        ("Achat effectué où mode de paiement = carte bleue", "Achat effectué où (mode de paiement) = (carte bleue)"),
        ("Formulaire rempli ou Pointage > 50", "Formulaire rempli ou Pointage lead > 50"),
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


def corrected(source: str) -> str:
    """The source once the first thing that is offered was accepted."""
    (one,) = errors(source)
    fix = one.fixes[0]
    fixed = source[: fix.span.start] + fix.text + source[fix.span.end :]
    assert errors(fixed) == []
    return fixed.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("Champ lead ville est égal à Mont Royal", "Champ lead (ville) est égal à (Mont Royal)"),
        ("Champ (num) pointure est > 40", "Champ (num) (pointure) est > 40"),
        ("Champ début est 3 jours avant aujourd’hui", "Champ (début) est 3 jours avant aujourd’hui"),
        ("Comparaison entre 2 dates début avant fin d’abonnement", "Comparaison entre 2 dates (début) avant (fin d’abonnement)"),
        ("Date début est plus petite que 2026-12-01", "Date (début) est plus petite que 2026-12-01"),
        ("Intérêt Vélo au-dessus de 10", "Intérêt (Vélo) au-dessus de 10"),
        ("Lien Essai gratuit cliqué dans courriel Tarifs", "Lien (Essai gratuit) cliqué dans courriel (Tarifs)"),
        ("Lien (Essai) cliqué dans courriel Tarifs", "Lien (Essai) cliqué dans courriel (Tarifs)"),
    ],
)  # fmt: skip
def test_values_left_without_parentheses_are_only_wrapped(slip: str, right: str) -> None:
    assert corrected(asked(slip)) == asked(right)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("Changer attribut du lead langue à fr", "Changer attribut du lead (langue) à (fr)"),
        ("Changer attribut du lead (pointure) à 42", "Changer attribut du lead (pointure) à (42)"),
        ("Ajouter 30 jours à début dans fin d’abonnement", "Ajouter 30 jours à (début) dans (fin d’abonnement)"),
        ("Assigner à Luc Roy, envoyer alerte de type Chaud", "Assigner à (Luc Roy), envoyer alerte de type (Chaud)"),
        ("Modifier l'intérêt de Vélo à +10", "Modifier l’intérêt de (Vélo) à +10"),
    ],
)  # fmt: skip
def test_the_same_of_what_is_done(slip: str, right: str) -> None:
    assert corrected(done(slip)) == done(right)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("Champ lead (ville) n'est pas vide", "non Champ lead (ville) est vide"),
        ("Champ lead ville n’est pas vide", "non Champ lead (ville) est vide"),
        ("Lead non membre de la liste (Prospects)", "non Lead membre de la liste (Prospects)"),
        ("Formulaire Tarif pas rempli", "non Formulaire (Tarif) rempli"),
        ("Page web (/x) jamais visitée", "non Page web (/x) visitée"),
        ("Courriel (Tarifs) n'a pas été envoyé", "non Courriel (Tarifs) envoyé"),
    ],
)  # fmt: skip
def test_what_was_denied_is_never_offered_affirmed(slip: str, right: str) -> None:
    (one,) = errors(asked(slip))
    assert corrected(asked(slip)) == asked(right)
    assert all(fix.text.startswith("non ") for fix in one.fixes)


@pytest.mark.parametrize(
    "slip",
    [
        "Anniversaire aujourd'hui",
        "Être 3 jours avant Noël",
        "Nombre de transactions est de 3",
        "Durée dernière visite > 5",
        "Désabonné (Tarifs)",
    ],
)
def test_what_lacks_a_value_or_would_lose_one_is_not_one_click_away(slip: str) -> None:
    (one,) = errors(asked(slip))
    assert one.fixes == ()


def test_the_one_comma_of_a_phrase_stands_close() -> None:
    written = "Assigner à (Luc Roy), envoyer alerte de type (Chaud)"
    assert in_form(done(written)) == done(written)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("Page web (/x) visitée 3 fois", "Page web (/x) visitée au moins 3 fois"),
        ("Page web (/x) visitée plus de trois fois", "Page web (/x) visitée au moins 4 fois"),
        ("Page web (/x) visitée depuis 2 semaines", "Page web (/x) visitée dans les 14 derniers jours"),
        ("Page web (/x) visitée il y a moins de 7 jours", "Page web (/x) visitée dans les 7 derniers jours"),
    ],
)  # fmt: skip
def test_what_is_almost_a_precision_is_told_with_it(slip: str, right: str) -> None:
    assert corrected(asked(slip)) == asked(right)


def test_two_events_joined_by_a_slip_of_accent_are_still_two() -> None:
    assert errors(asked("Formulaire (A) rempli où Formulaire (B) rempli")) == []


@pytest.mark.parametrize(
    ("written", "formed"),
    [
        ("Envoyer un e-mail (Tarifs)", "Envoyer courriel (Tarifs)"),
        ("Ajouter l'étiquette (Fidèle)", "Étiqueter (Fidèle)"),
        ("Enlever l'étiquette (Fidèle)", "Retirer l’étiquette (Fidèle)"),
        ("Retirer de la liste (Clients)", "Enlever de la liste (Clients)"),
    ],
)
def test_another_verb_for_the_same_is_read(written: str, formed: str) -> None:
    """The nearest of the others would do the contrary."""
    assert errors(done(written)) == []
    assert in_form(done(written)) == done(formed)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("pointage\n  +5 si Formulaire rempli\nfin\n", "pointage\n  +5 quand Formulaire rempli\nfin\n"),
        ("pointage\n  +5 : Formulaire rempli\nfin\n", "pointage\n  +5 quand Formulaire rempli\nfin\n"),
        ("champs\n  taille : chiffre\nfin\n", "champs\n  taille : nombre\nfin\n"),
        ("champs\n  membre : booléen\nfin\n", "champs\n  membre : oui/non\nfin\n"),
        (
            "lien suivi « A » : www.exemple.ca/x\n  source : affiche\nfin\n",
            "lien suivi « A » : https://www.exemple.ca/x\n  source : affiche\nfin\n",
        ),
    ],
)  # fmt: skip
def test_a_slip_outside_a_campaign_comes_with_what_to_write(slip: str, right: str) -> None:
    assert corrected(slip) == right


def test_points_may_be_counted_in_points() -> None:
    written = "pointage\n  + 5 points quand Formulaire rempli\nfin\n"
    assert errors(written) == []
    assert in_form(written) == "pointage\n  +5 quand Formulaire rempli\nfin\n"


@pytest.mark.parametrize("opening", ["liste « Chauds »", "conversion « Chaud »"])
def test_a_condition_may_stand_below_the_name_it_is_given(opening: str) -> None:
    written = f"{opening} :\n    Formulaire (A) rempli\n    ou Formulaire (B) rempli\n"
    assert errors(written) == []
    assert in_form(written) == written


@pytest.mark.parametrize("slip", ["Âge est entre (18) et (30)", "Âge passé 18 ans"])
def test_a_phrase_on_another_matter_is_not_offered(slip: str) -> None:
    (one,) = errors(asked(slip))
    assert one.fixes == ()
