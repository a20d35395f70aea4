"""The demonstration's project: a copy of the rules library, its shop's address made local."""

import tomllib
from pathlib import Path

from relance import images
from relance.errors import ConfigurationError
from server.campaign_library.place import library
from server.folder import files

#: The shop of the rules library; the demonstration plays its part.
SHOP = "https://www.lapetiteroue.example"
_TEXTS = (".md", ".relance", ".toml")
#: The variants by SMS, which no provider of the demonstration would send.
_LEFT_OUT = "par-sms"
_SETTINGS = "relance.toml"
_MARK = "# Écrit par « relance demo »"


def make_project(folder: Path, *, server_url: str, shop_url: str, smtp_port: int) -> None:
    """Copy the library into `folder` and write the settings of the demonstration.

    What a former demonstration left there, and somebody may have edited, stays.
    """
    before = _shop_before(folder)
    source = library()
    for path in files(source, _TEXTS):
        if path.name == _SETTINGS or path.parent.name == _LEFT_OUT:
            continue  # the demonstration has settings of its own
        kept = folder / path.relative_to(source)
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            _write(kept, path.read_text(encoding="utf-8").replace(SHOP, shop_url))
        elif before != shop_url:
            _write(kept, kept.read_text(encoding="utf-8").replace(before, shop_url))
    for path in files(source, images.KINDS):
        kept = folder / path.relative_to(source)
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(path.read_bytes())
    _write(folder / _SETTINGS, _settings(server_url, shop_url, smtp_port))


def _shop_before(folder: Path) -> str:
    """The shop of the demonstration kept in this folder; any other project is not touched."""
    if not folder.exists() or not any(folder.iterdir()):
        return SHOP
    try:
        text = (folder / _SETTINGS).read_text(encoding="utf-8")
        if text.startswith(_MARK):
            return str(tomllib.loads(text)["formulaires"]["origines"][0])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise ConfigurationError(
        f"« {folder} » contient déjà autre chose : donnez à la démonstration "
        "un dossier vide, ou qui n’existe pas encore."
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _settings(server_url: str, shop_url: str, smtp_port: int) -> str:
    return f"""\
{_MARK} ; rien ici n’est à garder.
adresse = "{server_url}"
port = {server_url.rpartition(":")[2]}

[formulaires]
origines = ["{shop_url}"]
redirections = ["{shop_url}"]

[maison]
nom = "La Petite Roue"
logo = "la-petite-roue.png"
couleur = "#0b5cad"

[email]
expediteur = "La Petite Roue <bonjour@lapetiteroue.example>"
attente_des_clics = "0 s"
serveur = "127.0.0.1"
port = {smtp_port}
securite = "aucune"
"""
