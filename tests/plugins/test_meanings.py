"""Each sentence of the catalogue means exactly what `catalogue.md` says."""

from datetime import date, time
from decimal import Decimal

import pytest

from relance.effects import (
    AddTag,
    AddToList,
    ChangeScore,
    DatePlusDays,
    EnterCampaign,
    LeaveCampaign,
    RemoveFromList,
    RemoveTag,
    SetField,
    Today,
)
from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    AnyOf,
    Birthday,
    Compare,
    Contains,
    DaysUntil,
    Draw,
    Entered,
    Events,
    Field,
    Happened,
    HasTag,
    InList,
    IsEmpty,
    Literal,
    MinutesSince,
    Not,
    Score,
    SinceAgo,
    SinceDate,
    longer_than,
)
from relance.values import Change, Comparator, Duration, Weekday
from relance.waits import (
    WaitFor,
    WaitForHours,
    WaitForWeekday,
    WaitForWorkingDays,
    WaitUntil,
    WaitUntilNext,
    WaitUpTo,
)
from tests.calls.meanings import MEANINGS as OF_CALLS
from tests.commerce.commerce_meanings import OF_BOOKINGS, OF_COMMERCE, OF_CONTACTS
from tests.confirmation.meanings import MEANINGS as OF_CONFIRMATIONS
from tests.consent.meanings import MEANINGS as OF_CONSENTS
from tests.email.email_meanings import MEANINGS as OF_EMAILS
from tests.names.name_meanings import MEANINGS as OF_NAMES
from tests.plugins.catalogue import built_in, meaning
from tests.points.points_meanings import MEANINGS as OF_POINTS
from tests.promotions.meanings import MEANINGS as OF_PROMOTIONS
from tests.push.meanings import MEANINGS as OF_NOTIFICATIONS
from tests.sales.sales_meanings import MEANINGS as OF_SALES
from tests.sms.meanings import MEANINGS as OF_SMS
from tests.web.meanings import MEANINGS as OF_VISITS

AT_LEAST, AT_MOST, EQUAL = Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.EQUAL
GREATER, LESS = Comparator.GREATER, Comparator.LESS


def between(operand, low, high):
    return All((Compare(operand, AT_LEAST, Literal(low)), Compare(operand, AT_MOST, Literal(high))))


PURCHASE = Field("date d’achat")
BIRTH = Field("date de naissance")

ADDED = Events(EventPattern("cart_added"))


def unpaid(paying):
    paid = Events(EventPattern(paying))
    before = Compare(MinutesSince(paid), GREATER, MinutesSince(ADDED))
    return AnyOf((Not(Happened(paid)), before))


MEANINGS = {
    "leads.field_contains": [
        ("Champ lead (ville) contient (Mont)", Contains(Field("ville"), "Mont")),
    ],
    "leads.field_empty": [
        ("Champ lead (cellulaire) est vide", IsEmpty(Field("cellulaire"))),
    ],
    "leads.field_equals": [
        ("Champ lead (langue) est égal (fr)", Compare(Field("langue"), EQUAL, Literal("fr"))),
        ("champ lead (langue) est egal a (fr)", Compare(Field("langue"), EQUAL, Literal("fr"))),
    ],
    "leads.field_number": [
        (
            "Champ (num) (pointure) est ((plus grand que) (40))",
            Compare(Field("pointure"), GREATER, Literal(Decimal(40))),
        ),
        (
            "Champ (num) (pointure) est au plus 42,5",
            Compare(Field("pointure"), AT_MOST, Literal(Decimal("42.5"))),
        ),
    ],
    "leads.date_within": [
        (
            "Champ (date d’achat) est entre (7) jours (avant) et aujourd'hui",
            between(DaysUntil(PURCHASE), -7, 0),
        ),
        (
            "Champ (date d’achat) est entre 2 semaines après et aujourd’hui",
            between(DaysUntil(PURCHASE), 0, 14),
        ),
    ],
    "leads.date_exactly": [
        (
            "Champ (date d’achat) est (30) jours (avant) aujourd'hui",
            Compare(DaysUntil(PURCHASE), EQUAL, Literal(-30)),
        ),
        (
            "Champ (date d’achat) est (30) jours (après) aujourd'hui",
            Compare(DaysUntil(PURCHASE), EQUAL, Literal(30)),
        ),
    ],
    "leads.days_before": [
        (
            "Être (3) jours avant date (date d’achat)",
            Compare(DaysUntil(PURCHASE), EQUAL, Literal(3)),
        ),
        (
            "Être (3) jours avant date (24 décembre 2026)",
            Compare(DaysUntil(date(2026, 12, 24)), EQUAL, Literal(3)),
        ),
    ],
    "leads.age": [
        ("Âge est (≥)(18)", Compare(Age(BIRTH), AT_LEAST, Literal(Decimal(18)))),
        (
            "Âge est (plus petit que) (18) ans",
            Compare(Age(BIRTH), LESS, Literal(Decimal(18))),
        ),
    ],
    "leads.compare_dates": [
        (
            "Comparaison entre 2 dates ((date d’achat) (après) (date de naissance))",
            Compare(PURCHASE, GREATER, BIRTH),
        ),
        (
            "Comparaison entre 2 dates (date d’achat) (égal) (date de naissance)",
            Compare(PURCHASE, EQUAL, BIRTH),
        ),
    ],
    "leads.date_order": [
        (
            "Date (date d’achat) est (plus grande) que (2026-01-01)",
            Compare(PURCHASE, GREATER, Literal(date(2026, 1, 1))),
        ),
        (
            "Date (date d’achat) est plus petite que (date de naissance)",
            Compare(PURCHASE, LESS, BIRTH),
        ),
    ],
    "leads.birthday": [
        ("Anniversaire de (date de naissance) aujourd’hui", Birthday(BIRTH)),
    ],
    "leads.birthday_in": [
        ("Anniversaire de (date de naissance) dans 7 jours", Birthday(BIRTH, -7)),
    ],
    "leads.elapsed": [
        (
            "Plus de (90) minutes se sont écoulées depuis (date d’achat)",
            Compare(MinutesSince(PURCHASE), GREATER, Literal(90)),
        ),
        (
            "Plus de 2 jours se sont écoulés depuis (date d’achat)",
            Compare(MinutesSince(PURCHASE), GREATER, Literal(2 * 24 * 60)),
        ),
    ],
    "leads.change_field": [
        ("Changer attribut du lead (langue) à (en)", (SetField("langue", "en"),)),
    ],
    "leads.copy_field": [
        (
            "Copier attribut du lead (cellulaire) à (téléphone)",
            (SetField("téléphone", Field("cellulaire")),),
        ),
    ],
    "leads.today": [
        ("Date du jour dans (date d’achat)", (SetField("date d’achat", Today()),)),
    ],
    "leads.add_days": [
        (
            "Ajouter (30) jours à (date d’achat) dans (fin)",
            (SetField("fin", DatePlusDays(PURCHASE, 30)),),
        ),
    ],
    "scoring.above": [
        (
            "Pointage lead au-dessus de (50)",
            Compare(Score(), GREATER, Literal(Decimal(50))),
        ),
    ],
    "scoring.below": [
        ("Pointage lead en-dessous de (50)", Compare(Score(), LESS, Literal(Decimal(50)))),
        ("Pointage lead au dessous de 50", Compare(Score(), LESS, Literal(Decimal(50)))),
    ],
    "scoring.between": [
        ("Pointage lead entre (5) et (10)", between(Score(), Decimal(5), Decimal(10))),
    ],
    "scoring.compared": [
        ("Pointage lead égal à 10", Compare(Score(), EQUAL, Literal(Decimal(10)))),
        ("Pointage lead est (au moins) (10)", Compare(Score(), AT_LEAST, Literal(Decimal(10)))),
    ],
    "scoring.change": [
        ("Changer pointage (+10)", (ChangeScore(Change(10)),)),
        ("Changer pointage (-5)", (ChangeScore(Change(-5)),)),
        ("Changer pointage =50", (ChangeScore(Change(50, absolute=True)),)),
    ],
    "lists.member": [("Lead membre de la liste (Clients)", InList("Clients"))],
    "lists.added": [("Ajouté à la liste (Clients)", EventPattern("list_added", "Clients"))],
    "lists.removed": [("Enlevé de la liste (Clients)", EventPattern("list_removed", "Clients"))],
    "lists.add": [("Ajouter à la liste (Clients)", (AddToList("Clients"),))],
    "lists.remove": [("Enlever de la liste (Clients)", (RemoveFromList("Clients"),))],
    "lists.tagged": [("Lead étiqueté (Fidèle)", HasTag("Fidèle"))],
    "lists.tag": [("Étiqueter (Fidèle)", (AddTag("Fidèle"),))],
    "lists.untag": [("Retirer l'étiquette (Fidèle)", (RemoveTag("Fidèle"),))],
    "campaigns.touched": [("Touché par campagne (Bienvenue)", Entered("Bienvenue"))],
    "campaigns.enter": [
        ("Envoyer lead dans la campagne (Bienvenue)", (EnterCampaign("Bienvenue"),)),
    ],
    "campaigns.leave": [("Enlever de la campagne (Bienvenue)", (LeaveCampaign("Bienvenue"),))],
    "web.any_form": [("Formulaire rempli", EventPattern("form_submitted"))],
    "web.form": [
        ("Formulaire (Demande de tarif) rempli", EventPattern("form_submitted", "Demande de tarif"))
    ],
    "web.page": [
        ("Page web (/tarifs) visitée", EventPattern("page_visited", "/tarifs")),
        ("Page web (/blogue/*) visitée", EventPattern("page_visited", "/blogue/*")),
    ],
    "web.section": [
        ("Section de site web (/blogue) visitée", EventPattern("page_visited", "/blogue*")),
        ("Section de site web (/blogue*) visitée", EventPattern("page_visited", "/blogue*")),
    ],
    "web.any_page": [("Site web visité", EventPattern("page_visited"))],
    "web.link": [("Lien (Essai gratuit) cliqué", EventPattern("link_clicked", "Essai gratuit"))],
    "custom.happened": [
        ("Événement (Panier abandonné) survenu", EventPattern("custom", "Panier abandonné"))
    ],
    "web.since_form": [
        (
            "Plus de (90) minutes se sont écoulées depuis le formulaire (Contact)",
            Compare(
                MinutesSince(Events(EventPattern("form_submitted", "Contact"))),
                GREATER,
                Literal(90),
            ),
        ),
    ],
    "web.since_page": [
        (
            "Plus de 30 jours se sont écoulés depuis la page web (/tarifs)",
            Compare(
                MinutesSince(Events(EventPattern("page_visited", "/tarifs"))),
                GREATER,
                Literal(30 * 24 * 60),
            ),
        ),
    ],
    "custom.since": [
        (
            "Plus de 2 heures se sont écoulées depuis l'événement (Panier abandonné)",
            Compare(
                MinutesSince(Events(EventPattern("custom", "Panier abandonné"))),
                GREATER,
                Literal(120),
            ),
        ),
    ],
    "waits.for": [
        ("Attendre pendant (3) jour(s)", WaitFor(Duration(days=3))),
        ("Attendre pendant (30) minute(s)", WaitFor(Duration(seconds=1800))),
        ("Attendre pendant 2 h 30", WaitFor(Duration(seconds=9000))),
        ("Attendre pendant 1 mois", WaitFor(Duration(months=1))),
    ],
    "waits.up_to": [
        ("Attendre entre zéro et (3) jour(s)", WaitUpTo(Duration(days=3))),
    ],
    "waits.until": [
        ("Attendre jusqu'au (24 décembre 2026)", WaitUntil(date(2026, 12, 24))),
        ("Attendre jusqu'au (date d’achat)", WaitUntil(PURCHASE)),
        ("Attendre jusqu’à lundi", WaitForWeekday(Weekday.MONDAY, Weekday.MONDAY)),
        ("Attendre jusqu’à 17 h 30", WaitUntilNext(time(17, 30))),
    ],
    "waits.until_at": [
        (
            "Attendre jusqu'au (2026-12-24) à (9 h 30)",
            WaitUntil(date(2026, 12, 24), time(9, 30)),
        ),
        ("Attendre jusqu’à lundi 9 h", WaitUntilNext(time(9), Weekday.MONDAY)),
        ("Attendre lundi à 9 h", WaitUntilNext(time(9), Weekday.MONDAY)),
    ],
    "waits.window": [
        (
            "Attendre un jour de la semaine de (lundi) à (vendredi)",
            WaitForWeekday(Weekday.MONDAY, Weekday.FRIDAY),
        ),
        (
            "Attendre un jour de la semaine de mardi à jeudi",
            WaitForWeekday(Weekday.TUESDAY, Weekday.THURSDAY),
        ),
        (
            "Attendre un jour de la semaine de (9 h) à (17 h 30)",
            WaitForHours(time(9), time(17, 30)),
        ),
    ],
    "waits.after": [
        ("Attendre (2) jours après (date d’achat)", WaitUntil(PURCHASE, days=2)),
    ],
    "waits.before": [
        ("Exécuter (3) jours avant (date d’achat)", WaitUntil(PURCHASE, days=-3)),
    ],
    "waits.after_at": [
        ("2 jours après (date d’achat) à 9 h", WaitUntil(PURCHASE, time(9), 2)),
    ],
    "waits.before_at": [
        ("7 jours avant (date d’achat) à 9 h", WaitUntil(PURCHASE, time(9), -7)),
        ("Attendre 7 jours avant la (date d’achat) à 9 h", WaitUntil(PURCHASE, time(9), -7)),
    ],
    "waits.tomorrow": [
        ("Attendre jusqu’à demain", WaitUntilNext(time(0), days=1)),
        ("Attendre le lendemain", WaitUntilNext(time(0), days=1)),
    ],
    "waits.tomorrow_at": [
        ("Attendre jusqu’à demain 9 h", WaitUntilNext(time(9), days=1)),
        ("Attendre le lendemain à 9 h", WaitUntilNext(time(9), days=1)),
    ],
    "waits.working_days": [
        ("Attendre 3 jours ouvrables", WaitForWorkingDays(3)),
        ("Attendre pendant 1 jour ouvré", WaitForWorkingDays(1)),
    ],
    "waits.working_days_at": [
        ("Attendre 3 jours ouvrables à 9 h", WaitForWorkingDays(3, time(9))),
    ],
    "waits.next_working_day": [
        ("Attendre le prochain jour ouvrable à 9 h", WaitForWorkingDays(1, time(9))),
    ],
    "scoring.add": [
        ("Ajouter 10 points", (ChangeScore(Change(10)),)),
        ("Augmenter le score de 10", (ChangeScore(Change(10)),)),
    ],
    "scoring.take": [
        ("Retirer 5 points", (ChangeScore(Change(-5)),)),
        ("Enlever 5 points au lead", (ChangeScore(Change(-5)),)),
    ],
    "scoring.set": [
        ("Mettre le pointage à 0", (ChangeScore(Change(0, absolute=True)),)),
    ],
    "leads.field_compared": [
        ("Champ (ville) = Lyon", Compare(Field("ville"), Comparator.EQUAL, Literal("Lyon"))),
        (
            "Champ lead (ville) ≠ (Lyon)",
            Compare(Field("ville"), Comparator.DIFFERENT, Literal("Lyon")),
        ),
        ("Champ (pointure) > 40", Compare(Field("pointure"), Comparator.GREATER, Literal("40"))),
    ],
    "commerce.no_purchase": [
        (
            "Aucun achat depuis 180 jours",
            Not(Happened(Events(EventPattern("purchase"), SinceAgo(Duration(days=180))))),
        ),
        (
            "Pas d’achat depuis le 1er décembre 2026",
            Not(Happened(Events(EventPattern("purchase"), SinceDate(date(2026, 12, 1))))),
        ),
    ],
    "commerce.cart_abandoned": [
        (
            "Panier abandonné depuis 2 heures",
            All(
                (
                    longer_than(Duration(seconds=7200), ADDED),
                    *map(unpaid, ("cart_paid", "purchase")),
                )
            ),
        ),
    ],
    "split.draw": [
        ("Split 50%", Draw(Decimal(50))),
        ("Split (33,5 %)", Draw(Decimal("33.5"))),
    ],
}
MEANINGS |= OF_EMAILS
MEANINGS |= OF_SMS | OF_NOTIFICATIONS | OF_CALLS
MEANINGS |= OF_NAMES
MEANINGS |= OF_SALES
MEANINGS |= OF_VISITS
MEANINGS |= OF_POINTS
MEANINGS |= OF_PROMOTIONS
MEANINGS |= OF_CONFIRMATIONS | OF_CONSENTS
MEANINGS |= OF_COMMERCE | OF_BOOKINGS | OF_CONTACTS
SENTENCES = [pair for pairs in MEANINGS.values() for pair in pairs]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES, ids=[s for s, _ in SENTENCES])
def test_a_sentence_means_what_the_catalogue_says(sentence, expected):
    assert meaning(sentence) == expected


def test_every_built_in_phrase_has_its_meaning_tested():
    assert set(built_in().catalogue.phrases) == set(MEANINGS)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Pointage lead entre (10) et (5)", "plus petit"),
        ("Attendre 3 heures après (date d’achat)", "jours"),
        ("Attendre un jour de la semaine de lundi à 9 h", "deux jours"),
        ("Attendre un jour de la semaine de 9 h à 9 h", "vide"),
        ("Plus de 1 mois se sont écoulés depuis (date d’achat)", "minutes"),
    ],
)
def test_values_that_make_no_sense_together_are_refused_in_french(sentence, reason):
    with pytest.raises(ValueError, match=reason):
        meaning(sentence)


def test_there_are_more_than_thirty_phrases():
    assert len(built_in().catalogue.phrases) >= 30


@pytest.mark.parametrize("phrase", built_in().catalogue.phrases.values(), ids=lambda p: p.id)
def test_each_phrase_helps_its_reader(phrase):
    assert phrase.help.endswith((".", " ;")), "a sentence"
    assert "'" not in phrase.help + phrase.example + phrase.pattern, "typographic apostrophes"
