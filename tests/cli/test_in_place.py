"""A mail written in a script is checked, played and published as one of a file."""

from collections.abc import Callable
from pathlib import Path

SCRIPT = """\
campagne « Sur place »
  entrée
    quand Formulaire (Démo) rempli
  Envoyer courriel « Votre démo, {{ prénom }} »
    Bonjour {{ prénom }},

    [Choisir une date](https://www.exemple.ca/demo)
  fin
  attendre au plus 3 jours
    dès que Lien (Choisir une date) cliqué dans courriel « Votre démo, {{ prénom }} »
      Étiqueter (Curieux)
  fin
fin

scénario « écrit sur place »
  lead (Aline) : courriel (aline@exemple.ca), prénom (Aline)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Démo) rempli
  vérifier (Aline) : Courriel « Votre démo, {{ prénom }} » envoyé
  1 jour plus tard, (Aline) : Lien (Choisir une date) cliqué dans courriel « Votre démo, {{ prénom }} »
  vérifier (Aline) : Lead étiqueté (Curieux)
fin
"""


def write(project: Path, text: str = SCRIPT) -> Path:
    path = project / "sur-place.relance"
    path.write_text(text, encoding="utf-8")
    (project / "relance.toml").write_text('[email]\nexpediteur = "a@exemple.ca"\n')
    return path


def test_a_sound_one_is_checked_and_played(relance: Callable, project: Path) -> None:
    path = write(project)
    assert relance("check", project).code == 0, relance("check", project)
    said = relance("test", path)
    assert said.code == 0, said


def test_what_is_wrong_with_it_is_told_at_its_line_in_the_script(
    relance: Callable, project: Path
) -> None:
    text = SCRIPT.replace("Bonjour {{ prénom }},", "Bonjour {{ prenmo }},\n    {{ a | zut }}")
    path = write(project, text)
    for asked in (project, path):
        result = relance("check", asked)
        assert result.code == 1
        assert "sur-place.relance:6" in result.out
        assert "zut" in result.out
    path = write(project, SCRIPT.replace("Bonjour {{ prénom }},", "Bonjour {{ prenmo }},"))
    result = relance("check", path)
    assert "sur-place.relance:5" in result.out
    assert "prénom" in result.out
    path = write(project, SCRIPT.replace("démo, {{ prénom }}", "démo, {{ prenmo }}"))
    assert "sur-place.relance:4" in relance("check", path).out


def test_one_that_has_the_name_of_another_mail_is_told(relance: Callable, project: Path) -> None:
    path = write(project, SCRIPT.replace("Votre démo, {{ prénom }}", "Tarifs"))
    result = relance("check", path)
    assert result.code == 1
    assert "sur-place.relance" in result.out
    assert "~sur-place" not in result.out


OTHERS = """\
campagne « Partout »
  entrée
    quand Formulaire (Démo) rempli
  Envoyer SMS « Rappel : demain, {{ prénom }} »
    Bonjour {{ prénom }}, à demain !
  fin
  Envoyer notification « Demain, {{ prénom }} »
    Votre rendez-vous est à 9 h.
    https://www.exemple.ca/demo
  fin
fin

scénario « écrits sur place »
  lead (Aline) : courriel (aline@exemple.ca), prénom (Aline), cellulaire (514 555-0142)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Démo) rempli
  vérifier (Aline) : SMS « Rappel : demain, {{ prénom }} » envoyé
  vérifier (Aline) : Notification « Demain, {{ prénom }} » envoyée
fin
"""


def test_texts_and_notifications_are_written_in_place_too(relance: Callable, project: Path) -> None:
    path = write(project, OTHERS)
    assert relance("check", path).code == 0, relance("check", path)
    said = relance("test", path)
    assert said.code == 0, said


def test_what_is_wrong_with_them_is_told_at_its_line(relance: Callable, project: Path) -> None:
    for written, line in (
        ("{{ prénom }}, à demain", 5),
        ("est à 9 h", 8),
        ("Demain, {{ prénom }} »\n", 7),
    ):
        text = OTHERS.replace(
            written, written.replace("est à 9 h", "{{ prenmo }}").replace("prénom", "prenmo"), 1
        )
        output = relance("check", write(project, text)).out
        assert f"sur-place.relance:{line}" in output
        assert "prénom" in output
    long = OTHERS.replace("à demain !", "mot " * 600)
    assert "sur-place.relance:4" in relance("check", write(project, long)).out
