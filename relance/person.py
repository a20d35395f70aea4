"""People: the team that leads are assigned to and alerts are sent to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team. `name` is what scripts say; unique, case and accents aside.

    `absent`: turns pass them by; what is sent to them by name still is.
    """

    name: str
    email: str | None = None
    phone: str | None = None
    absent: bool = False
