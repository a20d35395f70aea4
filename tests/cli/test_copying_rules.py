"""`relance copier-regles`: what one campaign does, done by another, as a change of texts shown before."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import SCRIPT

Relance = Callable[..., object]
OTHER = """\
campagne « Relance »
  entrée
    # Qui revient.
    quand Formulaire (Retour) rempli
    quand toutes ces conditions
      - Lead membre de la liste (Prospects)
      - Pointage lead au-dessus de (10)
  sortie réussie
    quand Événement (Achat) survenu

  étape « Rappel »
  Attendre pendant 3 jours
  si Lead membre de la liste (Prospects)
    Envoyer courriel (Tarifs)
  fin

  étape « Dernier mot »
  Attendre pendant 1 jour
  aller à l’étape « Rappel », 2 fois au plus
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def copy(relance: Relance, project: Path, *options: str) -> object:
    (project / "relance.relance").write_text(OTHER, encoding="utf-8")
    return relance("copier-regles", "relance", "Tarifs", *options, "--dossier", project)


def test_rules_are_listed_with_the_numbers_they_are_chosen_by(
    relance: Relance, project: Path
) -> None:
    (project / "relance.relance").write_text(OTHER, encoding="utf-8")
    said = relance("copier-regles", "Relance", "--json", "--dossier", project)
    rows = json.loads(said.out)
    assert [one["sorte"] for one in rows] == [*["entrée"] * 2, "sortie réussie", *["étape"] * 2]
    assert rows[1]["regle"].endswith("- Pointage lead au-dessus de (10)")


def test_what_is_copied_is_shown_before_and_stands_where_the_like_of_it_does(
    relance: Relance, project: Path
) -> None:
    asked = ("--regle", "1", "--regle", "prospects) - pointage", "--regle", "achat", "--regle", "4")
    tried = copy(relance, project, *asked, "--essai")
    assert (tried.code, "+    quand Événement (Achat) survenu" in tried.out) == (0, True)
    assert (project / "tarifs.relance").read_text("utf-8") == SCRIPT
    assert copy(relance, project, *asked).code == 0
    text = (project / "tarifs.relance").read_text("utf-8")
    first, _, rest = text.partition("    quand Formulaire (Demande de tarif) rempli\n")
    assert first.endswith("entrée\n")
    assert rest.startswith("    # Qui revient.\n    quand Formulaire (Retour) rempli\n")
    assert "  sortie réussie\n    quand Événement (Achat) survenu\n" in rest
    assert rest.index("À rappeler") < rest.index("étape «\u00a0Rappel\u00a0»")
    assert rest.index("étape «\u00a0Rappel\u00a0»") < rest.index("scénario")
    assert (project / "relance.relance").read_text("utf-8") == OTHER
    assert relance("check", project).code == 0


def test_what_is_moved_is_there_no_more_nor_the_words_above_it(
    relance: Relance, project: Path
) -> None:
    assert copy(relance, project, "--regle", "achat", "--deplacer").code == 0
    left = (project / "relance.relance").read_text("utf-8")
    assert "sortie réussie" not in left
    assert left.replace(" ", "") in OTHER.replace(
        "  sortie réussie\n    quand Événement (Achat) survenu\n", ""
    ).replace(" ", "")
    assert relance("check", project).code == 0


def test_what_a_rule_names_and_is_not_there_is_said_and_nothing_written(
    relance: Relance, project: Path
) -> None:
    said = copy(relance, project, "--regle", "Dernier mot")
    assert (said.code, "Rappel" in said.err, "Rien n’a été écrit" in said.err) == (1, True, True)
    assert (project / "tarifs.relance").read_text("utf-8") == SCRIPT
    many = copy(relance, project, "--regle", "quand")
    assert (many.code, "plusieurs règles répondent" in many.err) == (1, True)
    twice = relance("copier-regles", "Relance", "Relance", "--regle", "1", "--dossier", project)
    assert (twice.code, "nommez une autre campagne" in twice.err) == (1, True)
    assert copy(relance, project, "--regle", "Rappel").code == 0
    again = copy(relance, project, "--regle", "4")
    assert (again.code, "a déjà une étape" in again.err) == (1, True)


def test_a_campaign_with_no_named_step_has_its_rules_listed_and_takes_others_in_their_order(
    relance: Relance, project: Path
) -> None:
    """Whatever it has: a campaign of nothing yet takes entries, then exits, then steps."""
    (project / "vide.relance").write_text("campagne «\u00a0Vide\u00a0»\nfin\n", encoding="utf-8")
    listed = relance("copier-regles", "Tarifs", "--dossier", project)
    assert (listed.code, "Demande de tarif" in listed.out) == (0, True)
    none = relance("copier-regles", "Vide", "--dossier", project)
    assert (none.code, none.err) == (0, "")
    (project / "relance.relance").write_text(OTHER, encoding="utf-8")
    asked = ("--regle", "Rappel", "--regle", "1", "--regle", "achat")
    assert relance("copier-regles", "Relance", "Vide", *asked, "--dossier", project).code == 0
    text = (project / "vide.relance").read_text("utf-8")
    assert text.index("entrée") < text.index("sortie réussie") < text.index("étape")
