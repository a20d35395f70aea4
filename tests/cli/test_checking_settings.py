"""`check` reads the settings as the server will: a green check starts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.setup import line_of

WRONG = [
    # Section, key, a wrong line, what is said of it.
    ("email", "serveurr", 'serveurr = "smtp.exemple.ca"', "serveur"),
    ("email", "port", 'port = "vingt-cinq"', "port"),
    ("sms", "jetton", 'jetton = "x"', "jeton"),
    ("sms", "debit", "debit = [1]", "debit"),
    ("crm", "jeton", "jeton = 12", "jeton"),
    ("web", "site", 'site = ["https://a.ca"]', "sites"),
    ("web", "consentement", "consentement = 3", "consentement"),
    ("push", "dure", "dure = 3", "duree"),
    ("push", "essais", "essais = 0", "essais"),
]


def write(project: Path, text: str) -> None:
    (project / "relance.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("section", "key", "line", "said"), WRONG)
def test_a_wrong_setting_of_a_plugin_is_told_at_its_line(
    relance: Callable, project: Path, section: str, key: str, line: str, said: str
) -> None:
    write(project, f'fuseau = "America/Montreal"\n\n# Envois\n[{section}]\n{line}\n')
    result = relance("check", project)
    assert result.code == 1
    (told,) = [one for one in result.out.splitlines() if "relance.toml" in one]
    assert told.endswith("relance.toml:5  erreur")
    assert key in result.out
    assert said in result.out


def test_several_wrong_settings_are_told_at_once(relance: Callable, project: Path) -> None:
    write(project, '[email]\nserveurr = "a"\nport = "b"\n\n[web]\nsite = "c"\n')
    places = [line for line in relance("check", project).out.splitlines() if "relance.toml" in line]
    assert [place.split(":")[1].split()[0] for place in places] == ["2", "3", "6"]


def test_a_section_that_nobody_reads_is_told_with_what_was_meant(
    relance: Callable, project: Path
) -> None:
    write(project, 'port = 8080\n[emial]\nserveur = "smtp.exemple.ca"\n')
    result = relance("check", project)
    assert result.code == 1
    assert "relance.toml:2" in result.out
    assert "[email]" in result.out


def test_the_section_of_a_plugin_put_aside_is_left_alone(relance: Callable, project: Path) -> None:
    write(project, '[extensions]\ndesactivees = ["sms"]\n[sms]\njetton = "x"\n')
    assert relance("check", project).code == 0


def test_what_would_stop_every_mail_is_told(relance: Callable, project: Path) -> None:
    mail = project / "courriels" / "tarifs.md"
    lines = mail.read_text(encoding="utf-8").splitlines(keepends=True)
    mail.write_text("".join(one for one in lines if "xpéditeur" not in one), encoding="utf-8")
    write(project, "port = 8080\n\n[email]\n")
    result = relance("check", project)
    assert result.code == 1
    assert "relance.toml:3" in result.out
    assert "expéditeur" in result.out
    write(project, '[email]\nexpediteur = "La Boutique <info@exemple.ca>"\n')
    assert relance("check", project).code == 0


def test_a_script_alone_is_checked_without_the_settings(relance: Callable, project: Path) -> None:
    write(project, '[email]\nserveurr = "a"\n')
    assert relance("check", project / "tarifs.relance").code == 0


@pytest.mark.parametrize(
    ("section", "key", "line"),
    [("email", "serveur", 4), ("email", "repondre_a", 5), ("web", "", 6), ("crm", "champs", 8)],
)
def test_a_setting_is_found_at_its_line(section: str, key: str, line: int) -> None:
    text = 'serveur = "x"\n\n[ email ]\nserveur = "a"\n"répondre à" = "b"\n[web]\n[crm]\n[crm.champs]\n'
    assert line_of(text, section, key) == line
