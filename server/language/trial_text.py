"""A scenario as it is written in a script."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from relance.french import quoted

#: Who goes through a scenario that a page writes: nobody.
LEAD = "Aline"
#: What is known of her. Her address and her number are kept for examples (RFC 2606, the 555-01XX).
ALINE: Mapping[str, str] = {
    "courriel": "aline@example.com",
    "prénom": "Aline",
    "cellulaire": "+15145550101",
}


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Something that happens, at a day and an hour (`at`), that long after the line before
    (`later`), or at once."""

    text: str
    later: str = ""
    at: str = ""

    @property
    def written(self) -> str:
        """As it stands in the script, its moment first."""
        return f"{opening(self.later, self.at)}({LEAD}) : {self.text}"


def opening(later: str = "", at: str = "") -> str:
    """What a line says of when it happens."""
    if at:
        return f"{at}, "
    return f"{later} plus tard, " if later else ""


def begun_text(day: date, hour: time) -> str:
    """« le 2026-12-01 à 20 h 05 »."""
    minutes = f" {hour.minute:02d}" if hour.minute else ""
    return f"le {day.isoformat()} à {hour.hour} h{minutes}"


def trial_text(
    name: str, fields: Mapping[str, str], lines: Sequence[TrialLine], checks: Sequence[str]
) -> str:
    """The whole of it; `checks`: its last lines, as they are."""
    return "\n".join(_lines(name, fields, lines, checks)) + "\n"


def _lines(
    name: str, fields: Mapping[str, str], lines: Sequence[TrialLine], checks: Sequence[str]
) -> Iterator[str]:
    known = {**ALINE, **fields}
    yield f"scénario {quoted(name)}"
    yield f"  lead ({LEAD}) : " + ", ".join(f"{label} ({value})" for label, value in known.items())
    for line in lines:
        yield f"  {line.written}"
    for check in checks:
        yield f"  {check}"
    yield "fin"
