"""The types of fields, in the words of the language: what a project writes is what the store keeps."""

from collections.abc import Iterable, Sequence

TEXT, NUMBER, AMOUNT, DATE, YES_NO, CHOICE, MULTIPLE = (
    "texte",
    "nombre",
    "montant",
    "date",
    "oui/non",
    "choix",
    "choix multiple",
)
TYPES = (TEXT, NUMBER, AMOUNT, DATE, YES_NO, CHOICE, MULTIPLE)
#: Those whose values are words, kept as text.
WORDED = (TEXT, CHOICE, MULTIPLE)
#: Between the elements of a « choix multiple », which hold none.
SEPARATOR = ","


def together(elements: Iterable[str], choices: Sequence[str]) -> str | None:
    """The value of a « choix multiple »: its elements once each, in the order of its choices."""
    found = set(elements)
    return f"{SEPARATOR} ".join(one for one in choices if one in found) or None
