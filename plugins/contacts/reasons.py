"""Why nobody took a contact."""

from relance.fold import fold
from relance.slot import SlotType, Unreadable

ABSENT, BUSY = "absents", "occupés"


def read_reason(text: str) -> str | Unreadable:
    """« absents », « occupés », in the singular too."""
    for reason in (ABSENT, BUSY):
        if fold(text).rstrip("s") == fold(reason).rstrip("s"):
            return reason
    return Unreadable(
        "un contact est manqué parce que les conseillers sont absents ou occupés", ABSENT
    )


REASON = SlotType(
    "raison",
    "Pourquoi un contact a été manqué : absents (aucun conseiller en ligne) ou occupés (tous pris).",
    read=read_reason,
    reference=False,
)
