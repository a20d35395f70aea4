"""What Publitech and Audience list, each written in a rule, means what it should.

The wordings are copied from their own help pages, in their order; a phrase that a plugin no
longer reads, or reads as something else, fails here.
"""

import re

import pytest

from plugins.contacts.indicators import indicators
from relance.fold import key_of
from relance.phrase import Kind
from relance.testing import FakeHost
from server.plugins import load_plugins
from server.reference.entries import phrase_of

EVENT, STATE = Kind.EVENT, Kind.STATE
ACTIVITY, WAIT = Kind.ACTIVITY, Kind.WAIT
EITHER = (EVENT, STATE)

#: Number, wording of the page, the same with values in its slots, phrase, kind.
DECISIONS = (
    (1, "Courriel envoyé dans les derniers (X) jours", "Courriel envoyé dans les derniers (7) jours", "email.sent_lately", STATE),
    (2, "Courriel (X) envoyé depuis (Y)", "Courriel (Tarifs) envoyé depuis (2026-12-01)", "email.sent_since", STATE),
    (3, "Courriel (X) livré", "Courriel (Tarifs) livré", "email.delivered", EVENT),
    (4, "Courriel (X) lu (ouvert)", "Courriel (Tarifs) lu (ouvert)", "email.opened", EVENT),
    (5, "Courriel (X) rebondi", "Courriel (Tarifs) rebondi", "email.bounced", EVENT),
    (6, "Désabonné du courriel (X)", "Désabonné du courriel (Tarifs)", "email.unsubscribed", EVENT),
    (7, "Lien cliqué dans courriel (X)", "Lien cliqué dans courriel (Tarifs)", "email.any_link", EVENT),
    (8, "Lien (X) cliqué dans courriel (Y)", "Lien (Essai) cliqué dans courriel (Tarifs)", "email.link", EVENT),
    (9, "Item avec catégorie (X) acheté", "Item avec catégorie (Vélos) acheté", "commerce.category", EVENT),
    (10, "Item avec nom (X) acheté", "Item avec nom (Casque) acheté", "commerce.item", EVENT),
    (11, "Item avec SKU (X) acheté", "Item avec SKU (VLO-*) acheté", "commerce.sku", EVENT),
    (12, "Montant dépensé est (X)(Y)", "Montant dépensé est (supérieur à)(100 $)", "commerce.spent", STATE),
    (13, "Nombre de transaction est (X) (Y)", "Nombre de transaction est (au moins) (3)", "commerce.count", STATE),
    (14, "Transaction avec info (X) effectuée", "Transaction avec info (canal=boutique) effectuée", "commerce.info", EVENT),
    (15, "Âge est (X)(Y)", "Âge est (au moins)(18)", "leads.age", STATE),
    (16, "Champ lead (X) contient (Y)", "Champ lead (ville) contient (Mont)", "leads.field_contains", STATE),
    (17, "Champ lead (X) est vide", "Champ lead (ville) est vide", "leads.field_empty", STATE),
    (18, "Champ lead (X) est égal (Y)", "Champ lead (ville) est égal (Montréal)", "leads.field_equals", STATE),
    (19, "Champ (X) est entre (Y) jours (Z) et aujourd'hui", "Champ (début) est entre (7) jours (avant) et aujourd'hui", "leads.date_within", STATE),
    (20, "Champ (X) est (Y) jours (Z) aujourd'hui", "Champ (début) est (7) jours (après) aujourd'hui", "leads.date_exactly", STATE),
    (21, "Champ (num) (X) est ((Y) (Z))", "Champ (num) (points) est ((supérieur à) (10))", "leads.field_number", STATE),
    (22, "Comparaison entre 2 dates ((X) (Y) (Z))", "Comparaison entre 2 dates ((début) (avant) (fin))", "leads.compare_dates", STATE),
    (23, "Date (X) est (Y) que (Z)", "Date (début) est (plus grande) que (2026-12-24)", "leads.date_order", STATE),
    (24, "Être (X) jours avant date (Y)", "Être (3) jours avant date (début)", "leads.days_before", STATE),
    (25, 'Intérêt "(X)" au-dessous de "(Y)"?', 'Intérêt "(Vélo)" au-dessous de "(10)"?', "interests.below", STATE),
    (26, 'Intérêt "(X)" au-dessus de "(Y)"', 'Intérêt "(Vélo)" au-dessus de "(10)"', "interests.above", STATE),
    (27, 'Intérêt "(X)" entre "(Y)" et "(Z)"', 'Intérêt "(Vélo)" entre "(5)" et "(10)"', "interests.between", STATE),
    (28, "Lead membre de la liste (X)", "Lead membre de la liste (Prospects)", "lists.member", STATE),
    (29, "Plus de (X) minutes se sont écoulées depuis (Y)", "Plus de (90) minutes se sont écoulées depuis (début)", "leads.elapsed", STATE),
    (30, "Pointage lead au-dessus de (X)", "Pointage lead au-dessus de (50)", "scoring.above", STATE),
    (31, "Pointage lead en-dessous de (X)", "Pointage lead en-dessous de (50)", "scoring.below", STATE),
    (32, "Pointage lead entre (X) et (Y)", "Pointage lead entre (5) et (10)", "scoring.between", STATE),
    (33, "Touché par campagne (X)", "Touché par campagne (Bienvenue)", "campaigns.touched", STATE),
    (34, "Dernière visite (X) (Y)", "Dernière visite (après) (2026-12-01)", "web.last_visit", STATE),
    (35, "Durée dernière visite (X) (Y)", "Durée dernière visite (supérieure à) (5 minutes)", "web.last_visit_length", STATE),
    (36, "Formulaire rempli", "Formulaire rempli", "web.any_form", EVENT),
    (37, "Formulaire (X) rempli", "Formulaire (Contact) rempli", "web.form", EVENT),
    (38, "Lien (X) cliqué", "Lien (Essai) cliqué", "web.link", EVENT),
    (39, "Nombre de pages visitées dans les 7 derniers jours (X) (Y)", "Nombre de pages visitées dans les 7 derniers jours (supérieur à) (5)", "web.pages_of_the_week", STATE),
    (40, "Nombre de pages visitées dans les dernières visites (X) (Y)", "Nombre de pages visitées dans les dernières visites (supérieur à) (5)", "web.pages_of_the_last_visits", STATE),
    (41, "Nombre de pages visitées (X) (Y)", "Nombre de pages visitées (supérieur à) (5)", "web.pages", STATE),
    (42, "Nombre de pages visitées moyen (X) (Y)", "Nombre de pages visitées moyen (supérieur à) (2,5)", "web.pages_per_visit", STATE),
    (43, "Nombre de visites (X) (Y)", "Nombre de visites (supérieur à) (5)", "web.visits", STATE),
    (44, "Page web (X) visitée", "Page web (/tarifs) visitée", "web.page", EVENT),
    (45, "Section de site web (X) visitée", "Section de site web (/blogue) visitée", "web.section", EVENT),
    (46, "Site web visité", "Site web visité", "web.any_page", EVENT),
    (47, "Ajouté à la liste (X)", "Ajouté à la liste (Prospects)", "lists.added", EVENT),
    (48, "Alerte (X) envoyée", "Alerte (Chaud) envoyée", "sales.alert_sent", EVENT),
    (49, "Enlevé de la liste (X)", "Enlevé de la liste (Prospects)", "lists.removed", EVENT),
    (50, "Split 50%", "Split 50%", "split.draw", STATE),
    (51, "Synchronisé au CRM", "Synchronisé au CRM", "crm.synced", EVENT),
)  # fmt: skip

ACTIVITIES = (
    (1, "Ajouter (X) jours à (Y) dans (Z)", "Ajouter (30) jours à (début) dans (fin)", "leads.add_days", ACTIVITY),
    (2, "Ajouter à la liste (X)", "Ajouter à la liste (Prospects)", "lists.add", ACTIVITY),
    (3, "Assigner à l'équipe de vente, envoyer alerte de type (Y)", "Assigner à l'équipe de vente, envoyer alerte de type (Chaud)", "sales.assign_in_turn", ACTIVITY),
    (4, "Assigner à (X), envoyer alerte de type (Z)", "Assigner à (Luc), envoyer alerte de type (Chaud)", "sales.assign_to", ACTIVITY),
    (5, "Attendre entre zéro et (X) jour(s)", "Attendre entre zéro et (3) jour(s)", "waits.up_to", WAIT),
    (6, "Attendre jusqu'au (X)", "Attendre jusqu'au (2026-12-24)", "waits.until", WAIT),
    (7, "Attendre jusqu'au (X) à (Y)", "Attendre jusqu'au (2026-12-24) à (9 h)", "waits.until_at", WAIT),
    (8, "Attendre pendant (X) jour(s)", "Attendre pendant (3) jour(s)", "waits.for", WAIT),
    (9, "Attendre pendant (X) minute(s)", "Attendre pendant (30) minute(s)", "waits.for", WAIT),
    (10, "Attendre un jour de la semaine de (X) à (Y)", "Attendre un jour de la semaine de (lundi) à (vendredi)", "waits.window", WAIT),
    (11, "Attendre (Y) jours après (X)", "Attendre (2) jours après (début)", "waits.after", WAIT),
    (12, "Changer attribut du lead (X) à (Y)", "Changer attribut du lead (langue) à (fr)", "leads.change_field", ACTIVITY),
    (13, "Changer pointage (X)", "Changer pointage (+10)", "scoring.change", ACTIVITY),
    (14, "Copier attribut du lead (X) à (Y)", "Copier attribut du lead (cellulaire) à (téléphone)", "leads.copy_field", ACTIVITY),
    (15, "Correction des majuscules", "Correction des majuscules", "leads.correct_capitals", ACTIVITY),
    (16, "Correction des noms", "Correction des noms", "leads.correct_names", ACTIVITY),
    (17, "Date du jour dans (X)", "Date du jour dans (début)", "leads.today", ACTIVITY),
    (18, "Enlever de la campagne (X)", "Enlever de la campagne (Bienvenue)", "campaigns.leave", ACTIVITY),
    (19, "Enlever de la liste (X)", "Enlever de la liste (Prospects)", "lists.remove", ACTIVITY),
    (20, "Envoyer alerte (Y) à (X)", "Envoyer alerte (Chaud) à (Luc)", "sales.alert", ACTIVITY),
    (21, "Envoyer courriel (X)", "Envoyer courriel (Tarifs)", "email.send", ACTIVITY),
    (22, "Envoyer lead dans la campagne (X)", "Envoyer lead dans la campagne (Bienvenue)", "campaigns.enter", ACTIVITY),
    (23, "Exécuter (Y) jours avant (X)", "Exécuter (3) jours avant (début)", "waits.before", WAIT),
    (24, "Modifier l'intérpet de \"(X)\" à \"(Y)\"", "Modifier l'intérpet de \"(Vélo)\" à \"(+10)\"", "interests.change", ACTIVITY),
    (25, "Notifier le vendeur assigné, envoyer type d'alerte (X)", "Notifier le vendeur assigné, envoyer type d'alerte (Chaud)", "sales.notify", ACTIVITY),
    (26, "Synchronisation au CRM", "Synchronisation au CRM", "crm.sync", ACTIVITY),
)  # fmt: skip

#: Audience's events and what it can do at a step; « Email » and « Template Email » are one here.
AUDIENCE = (
    ("Carte de cours achetée", EVENT),
    ("Cours collectif réservé", EVENT),
    ("Présence au cours collectif mise à jour", EVENT),
    ("Rendez-vous réservé", EVENT),
    ("Rendez-vous annulé", EVENT),
    ("Produit ajouté au panier", EVENT),
    ("Panier payé", EVENT),
    ("Facture créée", EVENT),
    ("Souscription créée", EVENT),
    ("Souscription mise en pause", EVENT),
    ("Souscription arrêtée", EVENT),
    ("Souscription renouvelée", EVENT),
    ("Envoyer courriel (Tarifs)", ACTIVITY),
    ("Envoyer SMS (Rappel)", ACTIVITY),
    ("Envoyer notification (Rappel)", ACTIVITY),
    ("Étiqueter (Fidèle)", ACTIVITY),
    ("Retirer l'étiquette (Fidèle)", ACTIVITY),
)


@pytest.fixture(scope="module")
def catalogue():
    return load_plugins().catalogue


def name(case):
    return f"{case[0]:02} {case[1]}"


@pytest.mark.parametrize("case", DECISIONS, ids=name)
def test_each_decision_of_publitech_is_in_the_catalogue(catalogue, case):
    _, _, sentence, expected, kind = case
    phrase = phrase_of(catalogue, sentence)
    assert phrase, f"no phrase reads « {sentence} »"
    assert (phrase.id, phrase.kind) == (expected, kind)


@pytest.mark.parametrize("case", ACTIVITIES, ids=name)
def test_each_activity_of_publitech_is_in_the_catalogue(catalogue, case):
    _, _, sentence, expected, kind = case
    phrase = phrase_of(catalogue, sentence)
    assert phrase, f"no phrase reads « {sentence} »"
    assert (phrase.id, phrase.kind) == (expected, kind)


@pytest.mark.parametrize("case", AUDIENCE, ids=lambda case: case[0])
def test_each_event_and_action_of_audience_is_in_the_catalogue(catalogue, case):
    sentence, kind = case
    phrase = phrase_of(catalogue, sentence)
    assert phrase, f"no phrase reads « {sentence} »"
    assert phrase.kind is kind


def test_the_lists_hold_every_decision_activity_and_audience():
    assert [case[0] for case in DECISIONS] == list(range(1, 52))
    assert [case[0] for case in ACTIVITIES] == list(range(1, 27))
    assert len(AUDIENCE) == 12 + 5


@pytest.mark.parametrize("case", [*DECISIONS, *ACTIVITIES], ids=name)
def test_the_values_stand_where_the_page_has_its_letters(case):
    """So that nobody bends a wording to make it parse."""
    _, wording, sentence, _, _ = case
    assert blanked(sentence) == blanked(wording)


def blanked(text):
    return "".join(char for char in slots_out(text) if char != " ")


def slots_out(text):
    """`text` without what its innermost parentheses hold, plurals and « (num) » kept."""
    return re.sub(r"\((?!num\)|s\)|ouvert\))[^()]*\)", "()", text)


#: What iAdvize follows of an engagement campaign, as its help page lists it.
IADVIZE = (
    "Taux de satisfaction",
    "chiffre d'affaires après contact",
    "chiffre d'affaires manqué (absents)",
    "chiffre d'affaires manqué (occupés)",
    "chiffre d'affaires par contact",
    "contacts sans réponse",
    "temps moyen de traitement",
    "délai de réponse au premier message",
    "nombre de contacts",
    "contacts manqués",
    "panier moyen après contact",
    "taux de conversion",
    "transactions après contact",
    "transactions manquées (absents)",
    "transactions manquées (occupés)",
)


@pytest.mark.parametrize("wording", IADVIZE)
def test_each_indicator_of_iadvize_is_counted(wording):
    names = [key_of(one.label) for one in indicators(FakeHost())]
    assert any(name.startswith(key_of(wording)) for name in names), names
