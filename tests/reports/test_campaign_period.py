"""The period of a campaign, as a person reads it."""

from datetime import date, time

import pytest

from server.reports.campaigns import CampaignPeriod


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (CampaignPeriod(), None),
        (CampaignPeriod(date(2026, 11, 27)), "à partir du 27 nov. 2026"),
        (CampaignPeriod(None, date(2026, 11, 27)), "jusqu’au 27 nov. 2026"),
        (
            CampaignPeriod(date(2026, 11, 27), date(2026, 11, 27), time(8), time(23, 59)),
            "du 27 nov. 2026 à 8 h au 27 nov. 2026 à 23 h 59",
        ),
    ],
)
def test_a_period_is_told_with_the_hours_it_names(period: CampaignPeriod, text: str | None) -> None:
    assert (period.text and period.text.replace("\u00a0", " ")) == text
