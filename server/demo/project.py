"""The demonstration's project: a copy of the rules library, its shop's address made local."""

import shutil
from pathlib import Path

from relance.errors import ConfigurationError

#: The shop of the rules library; the demonstration plays its part.
SHOP = "https://www.lapetiteroue.example"
_TEXTS = {".md", ".relance"}


def library() -> Path:
    """The rules library of this installation."""
    here = Path(__file__).parents[2] / "rules"
    if not here.is_dir():
        raise ConfigurationError(
            "La bibliothèque de règles n’est pas là : lancez la démonstration "
            "depuis une copie des sources de Relance (« make demo »)."
        )
    return here


def make_project(folder: Path, *, server_url: str, shop_url: str, smtp_port: int) -> None:
    """Copy the library into `folder` and write the settings of the demonstration."""
    shutil.copytree(
        library(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "relance.toml")
    )
    for path in folder.rglob("*"):
        if path.suffix in _TEXTS:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(SHOP, shop_url), encoding="utf-8")
    (folder / "relance.toml").write_text(
        _settings(server_url, shop_url, smtp_port), encoding="utf-8"
    )


def _settings(server_url: str, shop_url: str, smtp_port: int) -> str:
    return f"""\
# Écrit par « relance demo » ; rien ici n’est à garder.
adresse = "{server_url}"
port = {server_url.rpartition(":")[2]}

[formulaires]
origines = ["{shop_url}"]
redirections = ["{shop_url}"]

[email]
serveur = "127.0.0.1"
port = {smtp_port}
securite = "aucune"
"""
