"""Settings: read whole, or refused with the setting's name."""

from pathlib import Path

import pytest

from relance.errors import ConfigurationError
from server.plugins import load_plugins
from server.settings import KNOWN_KEYS, load_settings
from server.setup import refuse_unread

SECRET = "whsec_" + "QUFB" * 8


def load(tmp_path: Path, text: str = "", **environment: str):  # type: ignore[no-untyped-def]
    (tmp_path / "relance.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, environment)


def test_without_a_file_all_is_set(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.database == f"sqlite:///{tmp_path.resolve()}/.relance/relance.db"
    assert settings.zone.key == "America/Montreal"
    assert settings.events.secret is None
    assert settings.public_url == "http://127.0.0.1:8080"


def test_every_setting_of_the_server_is_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        f"""
        adresse = "https://relance.exemple.ca/"
        "écoute" = "0.0.0.0"
        port = 9000
        base = "postgresql://localhost/relance"
        fuseau = "Europe/Paris"
        region = "fr"
        secret = "{"s" * 32}"
        hotes = ["Relance.exemple.ca"]
        mandataires = ["10.0.0.1"]
        [formulaires]
        origines = ["https://boutique.ca"]
        redirections = ["https://boutique.ca:443"]
        champ_piege = "site"
        debit = 0.5
        rafale = 4
        [formulaires.secrets]
        "Essai routier" = "{SECRET}"
        [formulaires.retours]
        Contact = "https://boutique.ca/merci"
        [evenements]
        secret = "{SECRET}"
        jeton = "un-jeton-assez-long"
        types = ["panier_abandonne"]
        [reseau]
        hotes_permis = ["smtp.local"]
        [extensions]
        desactivees = ["split"]
        [email]
        serveur = "smtp.exemple.ca"
        """,
    )
    assert settings.public_url == "https://relance.exemple.ca"
    assert (settings.listen, settings.port, settings.region) == ("0.0.0.0", 9000, "FR")
    assert settings.forms.origins == settings.forms.redirects == {"https://boutique.ca"}
    assert settings.forms.secrets == {"essai routier": b"AAA" * 8}
    assert settings.forms.returns == {"contact": "https://boutique.ca/merci"}
    assert (settings.forms.honeypot, settings.forms.rate, settings.forms.burst) == ("site", 0.5, 4)
    assert settings.events.types == {"panier_abandonne"}
    assert settings.allowed_hosts == {"smtp.local"}
    assert settings.plugins == {"email": {"serveur": "smtp.exemple.ca"}}


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        'port = 1\n[email]\nport = 25\nserveur = "a"\n[formulaires]\norigines = []',
        RELANCE_PORT="9001",
        RELANCE_EMAIL_MOT_DE_PASSE="12345",
        RELANCE_EMAIL_PORT="2525",
        RELANCE_FORMULAIRES_ORIGINES="https://a.ca, https://b.ca",
        RELANCE_FORMULAIRES_DEBIT="0",
        RELANCE_CRASH_AT="x",
        HOME="/",
    )
    assert settings.port == 9001
    assert settings.plugins["email"] == {"port": 2525, "serveur": "a", "mot_de_passe": "12345"}
    assert settings.forms.origins == {"https://a.ca", "https://b.ca"}
    assert settings.forms.rate == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "port"),
        ("[formulaire]\norigines = []", "formulaire"),
        ("[formulaires]\norigine = []", "origines"),
        ("port = 'x'", "port"),
        ("port = 70000", "port"),
        ("port = true", "port"),
        ("adresse = 'relance.ca'", "adresse"),
        ("adresse = 'ftp://relance.ca'", "adresse"),
        ("fuseau = 'Montréal'", "Montréal"),
        ("region = 'Québec'", "Québec"),
        ("secret = 'court'", "secret"),
        ("[evenements]\nsecret = 'abc'", "whsec_"),
        ("[evenements]\njeton = 'court'", "jeton"),
        ("[formulaires]\norigines = ['https://a.ca/x']", "https://a.ca/x"),
        ("[formulaires]\norigines = ['*']", "*"),
        ("[formulaires.retours]\na = 'javascript:x'", "javascript:x"),
        ("écoute = 'x'", "ecoute = 'x'"),
        ("formulaires = 3", "formulaires"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        refuse_unread(load(tmp_path, text), load_plugins())
    assert said in str(refused.value)


def test_a_mistyped_variable_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="port"):
        load(tmp_path, RELANCE_PROT="1")


def test_a_section_of_no_plugin_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[email\]"):
        refuse_unread(load(tmp_path, "[emial]\na = 1"), load_plugins())


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    missing = [key for key in KNOWN_KEYS if f"`{key.rpartition('.')[2]}`" not in page]
    assert not missing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('base = "mysql://u:canari@h/x"', "postgresql://"),
        ('base = "postgres://u:canari@h/x"', "postgresql://"),
        ('base = "relance.db"', "sqlite:///chemin"),
        ('base = "sqlite://"', "sqlite:///chemin"),
        ('base = "sqlite://relance.db"', "sqlite:///chemin"),
        ('base = "sqlite:///"', "sqlite:///chemin"),
        ('base = "sqlite:///r.db?mode=ro"', "sans option"),
        ('base = "postgresql://u:canari@h:abc/x"', "machine:5432"),
        ('base = "postgresql://u:canari@h:99999/x"', "machine:5432"),
        ('base = "postgresql://u:canari@[::1/x"', "machine:5432"),
        ('base = "postgresql://u:canari@h/x?sslmode=require"', "ssl"),
        ('base = "sqlite:////"', "sqlite:///chemin"),
        ('base = "sqlite:///."', "sqlite:///chemin"),
        (f'base = "sqlite:///{"r" * 250}.db"', "sqlite:///chemin"),
        ('base = "sqlite:///r/.."', "sqlite:///chemin"),
        ('base = "postgresql://u:canari@h/x?timeout=10"', "command_timeout"),
        ('base = "postgresql://u:canari@h/x?statement_cache_size=10"', "sans autre option"),
        ('base = "postgresql://u:canari@h/x?command_timeout=abc"', "un nombre de secondes"),
        ('base = "postgresql://u:canari@h/x?command_timeout=0"', "un nombre de secondes"),
        ('base = "postgresql://u:canari@h/x?command_timeout=1&command_timeout=2"', "une fois"),
        ('base = "postgresql://u:canari@h/x?port=abc"', "de 1 à 65535"),
        ('base = "postgresql://u:canari@h/x?port=70000"', "de 1 à 65535"),
        ('base = "postgresql://u:canari@h/x?host=h:abc"', "un nom de machine"),
        ('base = "postgresql://u:canari@h/x?ssl=maybe"', "verify-full"),
        ('base = "postgresql://u:canari@h/x?direct_tls=false"', "true"),
        ('base = "postgresql://u:canari@h/x?direct_tls=true"', "require"),
        (f'base = "postgresql://u:canari@{"a" * 300}/x"', "machine:5432"),
        ('base = "postgresql://u:canari@h\\u202e/x"', "machine:5432"),
        ('mandataires = ["le proxy"]', "10.0.0.0/8"),
        ('adresse = "https://' + "é" * 80 + '.ca"', "adresse complète"),
        ("port = 1\nport = 2", "déjà écrit à la ligne 1"),
        ("port = 1\nfuseau = Montréal", "ligne 2, colonne 10"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_in_french(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
    assert "canari" not in str(error.value)
    assert "line" not in str(error.value).replace("ligne", "")


def test_a_file_that_is_no_text_is_told_in_french(tmp_path: Path) -> None:
    (tmp_path / "relance.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="n’est pas un texte en UTF-8"):
        load_settings(tmp_path, {})


def test_an_accented_site_is_written_as_browsers_and_mail_send_it(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        'adresse = "https://été.ca/à/"\n[formulaires]\n'
        'origines = ["https://Été.ca", "https://Straße.de"]\n'
        '[formulaires.retours]\nContact = "https://été.ca/merci"\n',
    )
    assert settings.public_url == "https://xn--t-9fab.ca/%C3%A0"
    assert settings.forms.origins == {"https://xn--t-9fab.ca", "https://xn--strae-oqa.de"}


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///r.db",
        "sqlite:////srv/relance/r.db",
        "postgresql://u:p@h/x",
        "postgresql://u@[::1]:5433/x?command_timeout=30&ssl=verify-full&direct_tls=true",
        "postgresql://u@/x?host=/run/postgresql&port=5433",
        "postgresql://u@/x?host=h:5432&host=été.example:5433&passfile=/srv/mots",
    ],
)
def test_an_address_that_the_driver_takes_is_taken(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, f'base = "{address}"').database == address
