"""Why nothing happens in a campaign, in the words of people."""

from zoneinfo import ZoneInfo

import pytest

from server.engine.life.state import State
from server.reports.states import CampaignState

UTC = ZoneInfo("UTC")
AT = 1_767_225_600_000_000


@pytest.mark.parametrize(
    ("state", "label", "said"),
    [
        (CampaignState(State.ACTIVE, 0, True, True), "active", None),
        (
            CampaignState(State.PAUSED, AT, False, True, "alice", "plus de stock"),
            "en pause",
            "La campagne est en pause : personne n’y entre et qui y est n’avance pas, depuis le "
            "1er janv. 2026 à 0 h (par alice). Pourquoi : plus de stock.",
        ),
        (
            CampaignState(State.ACTIVE, AT, False, True),
            "suspendue (hors période)",
            "La campagne est suspendue : hors de sa période, personne n’y entre et qui y est "
            "n’avance pas.",
        ),
        (
            CampaignState(State.ARCHIVED, AT, False, True, phase="people"),
            "archivée, se vide",
            "La campagne est archivée : personne n’y entre, et qui y était en est sorti, depuis le "
            "1er janv. 2026 à 0 h.",
        ),
    ],
)
def test_a_campaign_that_does_not_run_says_why(
    state: CampaignState, label: str, said: str | None
) -> None:
    rest = state.rest(UTC)
    assert (state.label, rest and rest.replace("\u00a0", " ")) == (label, said)
