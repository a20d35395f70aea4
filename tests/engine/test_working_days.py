"""Working days skip the holidays that a project keeps, `[calendrier] feries`."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.errors import ConfigurationError
from server.engine.wake import nth_worked
from server.settings import load_settings
from server.simulation import run_scenarios
from server.working_days import Calendar, calendar
from tests.simulation.project import built_in, of_text

CHRISTMAS = date(2026, 12, 25)  # a Friday


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("CA-QC", CHRISTMAS),
        ("Québec", date(2026, 6, 24)),
        ("quebec", date(2027, 6, 24)),
        ("FR", date(2026, 7, 14)),
        ("fr", date(2031, 7, 14)),
        ("2026-12-28", date(2026, 12, 28)),
        ("28 décembre 2026", date(2026, 12, 28)),
        ("28 décembre", date(2026, 12, 28)),
        ("28 décembre", date(2027, 12, 28)),
        ("1er mai", date(2028, 5, 1)),
        ("29 février", date(2028, 2, 29)),
    ],
)
def test_a_holiday_is_not_worked(written: str, day: date) -> None:
    assert Calendar().works(day)
    assert not calendar([written], "CA").works(day)
    assert calendar([written], "CA").works(date(2026, 12, 29))


def test_a_day_of_one_year_is_worked_the_next() -> None:
    assert calendar(["2026-12-28"], "CA").works(date(2027, 12, 28))


@pytest.mark.parametrize("written", ["Noël", "ZZ", "CA-ZZ", "2026-13-45", "31 février", "12", ""])
def test_what_is_neither_a_day_nor_a_place_is_refused_in_french(written: str) -> None:
    with pytest.raises(ConfigurationError, match="feries"):
        calendar([written], "CA")


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 60))
def test_the_nth_working_day_has_n_working_days_up_to_it(start: date, count: int) -> None:
    quebec = calendar(["CA-QC", "2 janvier"], "CA")
    end = nth_worked(start, count, quebec.works)
    days = [start + timedelta(n) for n in range(1, (end - start).days + 1)]
    assert quebec.works(end)
    assert sum(map(quebec.works, days)) == count


def test_a_calendar_that_is_never_worked_still_has_an_end() -> None:
    never = Calendar(yearly=frozenset((day.month, day.day) for day in _year()))
    assert nth_worked(CHRISTMAS, 3, never.works) > CHRISTMAS


def _year() -> list[date]:
    return [date(2028, 1, 1) + timedelta(n) for n in range(366)]


@pytest.mark.parametrize("written", ['["CA-QC", "2026-12-28"]', '["québec", 2026-12-28]'])
def test_the_project_says_them_in_its_settings(tmp_path: Path, written: str) -> None:
    (tmp_path / "relance.toml").write_text(f"[calendrier]\nferies = {written}\n", encoding="utf-8")
    found = load_settings(tmp_path, {}).calendar
    assert nth_worked(date(2026, 12, 24), 1, found.works) == date(2026, 12, 29)
    environment = {"RELANCE_CALENDRIER_FERIES": "FR, 2026-12-28"}
    assert load_settings(tmp_path, environment).calendar.works(date(2026, 6, 24))


SCRIPT = """
campagne « Suivre »
  fuseau : America/Montreal
  entrée
    quand Formulaire (Devis) rempli
  Attendre 2 jours ouvrables
  Étiqueter (Suivi)
fin

scénario « suit le deuxième jour ouvrable »
  lead (Aline) : courriel (aline@exemple.ca)
  le 2026-12-24 à 10 h, (Aline) : Formulaire (Devis) rempli
  le {} à 9 h 59, vérifier (Aline) : non Lead étiqueté (Suivi)
  1 minute plus tard, vérifier (Aline) : Lead étiqueté (Suivi)
fin
"""


@pytest.mark.parametrize(
    ("kept", "day"),
    [([], "2026-12-28"), (["CA-QC"], "2026-12-29"), (["CA-QC", "28 décembre"], "2026-12-30")],
)
async def test_a_wait_in_working_days_skips_them(kept: list[str], day: str) -> None:
    works = calendar(kept, "CA").works
    (result,) = await run_scenarios(of_text(SCRIPT.format(day)), built_in(), works=works)
    assert result.passed, result.failures
