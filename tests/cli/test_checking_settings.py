"""`check` reads the settings as the server will: a green check starts."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
import pytest

from server.runtime import Runtime
from server.settings import load_settings
from server.setup import line_of
from tests.whole import running

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
    (shown,) = [one for one in result.out.splitlines() if "relance.toml" in one]
    assert shown.endswith("relance.toml:5  erreur")
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


CORE = [
    # A wrong line, its key, in what section.
    ('port = "quatre-vingts"', "port", ""),
    ("prot = 8080", "prot", ""),
    ('fuseau = "Montréal"', "Montréal", ""),
    ('region = "Québec"', "region", ""),
    ('devise = "dollar"', "devise", ""),
    ('secret = "court"', "secret", ""),
    ('adresse = "ftp://exemple.ca"', "adresse", ""),
    ('base = "mysql://a"', "base", ""),
    ('mandataires = ["ici"]', "mandataires", ""),
    ("origines = ['*']", "origines", "formulaires"),
    ("rafale = 0", "rafale", "formulaires"),
    ("origine = []", "origine", "formulaires"),
    ("jeton = 'court'", "jeton", "evenements"),
    ("secret = 'abc'", "secret", "evenements"),
    ("hotes_permis = 3", "hotes_permis", "reseau"),
    ("feries = ['zz']", "zz", "calendrier"),
    ("feries = ['31 juin']", "31 juin", "calendrier"),
    ("desactivees = ['smss']", "smss", "extensions"),
    ("actives = ['emial']", "emial", "extensions"),
]


@pytest.mark.parametrize(("line", "said", "section"), CORE)
def test_a_wrong_setting_of_the_server_is_told_at_its_line_as_it_is_refused(
    relance: Callable, project: Path, line: str, said: str, section: str
) -> None:
    write(project, "# Réglages\n\n" + (f"[{section}]\n" if section else "\n") + line + "\n")
    result = relance("check", project)
    assert result.code == 1
    (place,) = [one for one in result.out.splitlines() if "relance.toml" in one]
    assert place.endswith("relance.toml:4  erreur")
    assert said in result.out
    refused = relance("serve", project)
    assert refused.code != 0
    assert said in refused.err


def test_wrong_settings_of_the_server_and_of_plugins_are_told_together(
    relance: Callable, project: Path
) -> None:
    write(
        project, 'port = "a"\nregion = "Québec"\n[formulaires]\nrafale = 0\n[email]\nport = "b"\n'
    )
    places = [line for line in relance("check", project).out.splitlines() if "relance.toml" in line]
    assert [place.split(":")[1].split()[0] for place in places] == ["1", "2", "4", "6"]


#: What each section may say, one of them drawn.
CHOICES = {
    "": ["", 'fuseau = "Europe/Paris"', 'region = "FR"\ndevise = "EUR"', "connexions = 100"],
    "formulaires": ["", 'origines = ["https://exemple.ca"]', "rafale = 10"],
    "evenements": ["", 'jeton = "un jeton de seize lettres"'],
    "extensions": ["", 'desactivees = ["sms", "house"]', 'desactivees = ["crm"]'],
    "email": ["", 'serveur = "127.0.0.1"', 'expediteur = "a@exemple.ca"'],
    "web": ["", 'sites = ["https://exemple.ca"]'],
    "maison": ["", 'nom = "La Roue"'],
    "push": ["", "essais = 3"],
    "crm": ["", "essais = 3"],
}
DRAWN = 12


def drawn(number: int) -> str:
    """The same settings for the same number, every choice tried with many others."""
    shuffled = Random(number)
    text = ""
    for section, choices in CHOICES.items():
        chosen = shuffled.choice(choices)
        text += (f"[{section}]\n" if section and chosen else "") + chosen + "\n"
    return text


def test_whatever_the_settings_what_check_finds_sound_starts(
    relance: Callable, project: Path
) -> None:
    started = 0
    for number in range(DRAWN):
        write(project, drawn(number))
        if relance("check", project).code == 0:
            started += 1
            asyncio.run(start(project))
    assert started > DRAWN // 2


async def start(project: Path) -> None:
    """The real server, answering on a free port, then stopped."""
    runtime = Runtime(load_settings(project, {"RELANCE_PORT": "0"}))
    runtime.listen()
    async with running(runtime), httpx.AsyncClient(base_url=runtime.url) as visitor:
        assert (await visitor.get("/sante")).status_code in (200, 503)
