"""What is said is told in words that read back as the same; what nobody knows, by its code."""

from collections.abc import Callable
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_identity import CATALOGUE, project, sayings, use_of

from dsl.identity import identity
from dsl.language.fr import values
from dsl.language.fr.writing import written
from dsl.phrases.words import BARE, Words
from relance.phrase import Phrase
from relance.said import Said
from relance.values import Amount, Change, Comparator, Direction, Duration, Percentage, Weekday

WORDS = Words(CATALOGUE)
NUMBERS = st.decimals(0, 10_000, places=2)
DURATIONS = st.builds(
    Duration, st.integers(0, 40), st.integers(0, 400), st.integers(0, 90_000)
).filter(lambda one: one != Duration())
VALUES = st.one_of(
    st.tuples(st.just(values.number), NUMBERS),
    st.tuples(st.just(values.percentage), st.builds(Percentage, st.decimals(0, 100, places=2))),
    st.tuples(
        st.just(values.amount),
        st.builds(Amount, NUMBERS, st.sampled_from([None, "CAD", "EUR", "USD", "GBP"])),
    ),
    st.tuples(st.just(values.duration), DURATIONS),
    st.tuples(st.just(values.day), st.dates(date(1900, 1, 1), date(2200, 1, 1))),
    st.tuples(st.just(values.clock_time), st.builds(time, st.integers(0, 23), st.integers(0, 59))),
    st.tuples(st.just(values.weekday), st.sampled_from(Weekday)),
    st.tuples(st.just(values.comparator), st.sampled_from(Comparator)),
    st.tuples(st.just(values.direction), st.sampled_from(Direction)),
    st.tuples(st.just(values.change), st.builds(Change, st.integers(-999, 999), st.booleans())),
)


@given(VALUES)
def test_a_value_is_written_as_it_is_read(pair: tuple[Callable[[str], object], object]) -> None:
    read, value = pair
    assert read(written(value)) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("phrase", CATALOGUE.phrases.values(), ids=list(CATALOGUE.phrases))
def test_a_phrase_is_told_in_words_that_say_it(phrase: Phrase) -> None:
    said = sayings().phrase(use_of(phrase.example))
    assert identity(sayings().phrase(use_of(WORDS.of(said)))) == identity(said)


LINES = (
    "quand Formulaire (Infolettre) rempli et [Lead étiqueté (A) ou Lead étiqueté (B)]",
    "étape « X »",
    "Attendre pendant 7 jours",
    "si Page web (/prix) visitée depuis l’entrée où (montant) supérieur à (50) et non Split 20 %",
    "Étiqueter (B)",
    "sinon si Plus de (2 heures) se sont écoulées depuis formulaire (X) rempli",
    "attendre au plus 3 jours",
    "répéter 2 fois au plus",
    "répéter 2 fois au plus",
    "aller à l’étape « X », 2 fois au plus",
    "attendre que Page web (*) visitée dans les 3 derniers jours, au plus 2 jours",
    "répartir « Objet »",
    "sortir (échec)",
)
SCRIPT = """campagne « A »
  entrée
    quand Formulaire (Infolettre) rempli et [Lead étiqueté (A) ou Lead étiqueté (B)]
  étape « X »
  Attendre 1 semaine
  si Page web (/prix) visitée depuis l’entrée où (montant) > 50 et non Split 20 %
    Étiqueter (B)
  sinon si Plus de 2 h se sont écoulées depuis formulaire (X) rempli
  fin
  attendre au plus trois jours
    dès que Page web (/e) visitée au moins 2 fois
  fin
  répéter 2 fois au plus
  fin
  aller à l’étape (X), 2 fois au plus
  attendre que Page web (*) visitée dans les 3 derniers jours, au plus 2 jours
  répartir « Objet »
    50 %
    50 %
  fin
  sortir (échec)
fin
"""


def test_the_lines_of_a_campaign_are_told_as_they_would_be_written() -> None:
    program = project(SCRIPT).programs[0].program
    lines = [WORDS.of(one.place.said) for one in (*program.entries, *program.statements)]
    assert [one.replace("\u00a0", " ") for one in lines] == list(LINES)


def test_what_no_phrase_is_known_for_goes_by_its_code() -> None:
    said = Said("essai.partie", (("name", "Tarifs"), ("delay", Duration(days=2))))
    assert BARE.of(said) == "essai.partie (Tarifs) (2 jours)"
    assert WORDS.of(Said("si Lead étiqueté (Curieux)")) == "si Lead étiqueté (Curieux)"
