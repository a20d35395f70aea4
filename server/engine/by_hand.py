"""What somebody of the team did to a lead by hand: its event says who, and whoever reads it, too."""

from collections.abc import Mapping

#: The property of an event that says who of the team did it by hand.
BY = "par_equipe"


def said_by(properties: Mapping[str, object]) -> str:
    """« par Camille Morin », of what somebody of the team did; else nothing."""
    who = properties.get(BY)
    return f"par {who}" if isinstance(who, str) and who else ""
