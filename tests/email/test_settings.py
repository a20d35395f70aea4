"""The `[email]` section, read strictly."""

from pathlib import Path

import pytest

from plugins.email.settings import KEYS, read_settings
from relance.channel import Doubt
from relance.errors import ConfigurationError

DOCS = Path(__file__).parents[2] / "docs" / "courriel.md"


def test_without_any_setting_mail_leaves_by_this_machine() -> None:
    found = read_settings({})
    assert (found.host, found.port, found.security) == ("localhost", 25, "aucune")
    assert found.doubt is Doubt.RESEND
    assert read_settings({"doute": "garder"}).doubt is Doubt.HOLD
    assert not found.track_opens


@pytest.mark.parametrize(
    ("section", "port", "security"),
    [
        ({"serveur": "smtp.exemple.ca"}, 587, "starttls"),
        ({"serveur": "smtp.exemple.ca", "securite": "tls"}, 465, "tls"),
        ({"serveur": "smtp.exemple.ca", "sécurité": "aucune"}, 25, "aucune"),
        ({"serveur": "smtp.exemple.ca", "port": "2525"}, 2525, "starttls"),
    ],
)
def test_a_far_server_is_spoken_to_in_private(
    section: dict[str, object], port: int, security: str
) -> None:
    found = read_settings(section)
    assert (found.port, found.security) == (port, security)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"servuer": "a"}, "« serveur »"),
        ({"port": "beaucoup"}, "nombre"),
        ({"port": 0}, "1 à 65535"),
        ({"port": True}, "nombre"),
        ({"securite": "ssl"}, "starttls"),
        ({"doute": "jeter"}, "garder, renvoyer"),
        ({"expediteur": "zut"}, "adresse"),
        ({"suivi_clics": "peut-être"}, "true ou false"),
        ({"serveur": 12}, "texte"),
        ({"debits": ["gmail.com vite"]}, "gmail.com 5"),
        ({"debits": ["gmail.com 0"]}, "gmail.com 5"),
        ({"debits": ["autres 5", "Autres 6"]}, "deux fois"),
    ],
)
def test_a_wrong_setting_is_refused_in_french(section: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_settings(section)


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS.read_text()
