"""What changes from one script of a campaign to another, by what is said and never by its lines."""

import pytest

from dsl.comparison import ComparedProgram, ProgramEdit, edits
from dsl.project import check
from server.plugins import load_plugins

BEFORE = """\
campagne « Suivi »
  réentrée : jamais
  entrée
    quand Formulaire (Essai) rempli

  étape « Accueil »
  Étiqueter (Curieux)
  Attendre pendant 3 jours
  Changer pointage (+1)
  attendre au plus 7 jours
    dès que Lead étiqueté (Client)
      Étiqueter (Fidèle)
  fin
  étape « Suite »
  Étiqueter (Tiède)
fin
"""


def compared(after: str) -> list[ProgramEdit]:
    sides = []
    for source in (BEFORE, after):
        (one,) = check({"a": source}, load_plugins().catalogue, {}).programs
        sides.append(ComparedProgram(one.program, one.source))
    return list(edits(*sides))


def changed(after: str) -> list[tuple[str, str, str | None]]:
    """What changes, where, and the step it is in."""
    said = load_plugins().glossary.said
    return [
        (one.alteration.value, said(one.after or one.before), one.step)
        if one.part.value != "header" and one.alteration != "reworded"
        else (one.alteration.value, str(one.after), one.step or one.name)
        for one in compared(after)
    ]


def test_of_no_group_no_priority_is_said() -> None:
    group = "  groupe exclusif : «\u00a0Parcours\u00a0», priorité 1\n"
    found = compared(BEFORE.replace("  entrée\n", f"{group}  entrée\n"))
    assert [(one.name, one.before, one.after) for one in found] == [
        ("group", None, "Parcours"),
        ("priority", None, 1),
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("  Étiqueter (Tiède)", "  # note\n\n  Étiqueter   (Tiède)", []),
        (
            "  Étiqueter (Tiède)",
            "  Étiqueter (TIÈDE)",
            [("reworded", "Étiqueter (TIÈDE)", "Suite")],
        ),
        (
            "pendant 3 jours",
            "pendant 2 jours",
            [("shorter", "Attendre pendant 2 jours", "Accueil")],
        ),
        (
            "pendant 3 jours",
            "pendant 72 heures",
            [("changed", "Attendre pendant 72 heures", "Accueil")],
        ),
        ("au plus 7 jours", "au plus 1 mois", [("longer", "attendre au plus 1 mois", "Accueil")]),
        (
            "  Changer pointage (+1)\n",
            "",
            [("removed", "Changer pointage (+1)", "Accueil")],
        ),
        (
            "  étape « Suite »\n  Étiqueter (Tiède)\n",
            "  étape « Suite »\n  Étiqueter (Froid)\n  Étiqueter (Tiède)\n",
            [("added", "Étiqueter (Froid)", "Suite")],
        ),
        (
            "  Étiqueter (Curieux)\n  Attendre pendant 3 jours\n",
            "  Attendre pendant 3 jours\n  Étiqueter (Curieux)\n",
            [("moved", "Attendre pendant 3 jours", "Accueil")],
        ),
        (
            "      Étiqueter (Fidèle)\n  fin\n",
            "      Étiqueter (Sûr)\n  fin\n  Étiqueter (Fidèle)\n",
            [("added", "Étiqueter (Sûr)", "Accueil"), ("moved", "Étiqueter (Fidèle)", "Accueil")],
        ),
        (
            "réentrée : jamais",
            "réentrée : après la sortie",
            [("changed", "Reentry.AFTER_EXIT", "reentry")],
        ),
        (
            "    quand Formulaire (Essai) rempli\n",
            "    quand Formulaire (Devis) rempli\n",
            [
                ("removed", "quand Formulaire (Essai) rempli", None),
                ("added", "quand Formulaire (Devis) rempli", None),
            ],
        ),
    ],
)
def test_each_edit_is_named_by_what_is_said(
    old: str, new: str, found: list[tuple[str, str, str | None]]
) -> None:
    assert old in BEFORE
    shown = changed(BEFORE.replace(old, new, 1) if old else BEFORE)
    assert [(a, b.replace("\u00a0", " "), c) for a, b, c in shown] == found
