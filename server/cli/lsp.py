"""`relance lsp`: what editors outside ask, over the Language Server Protocol."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from server import setup
from server.cli.outcome import MISUSED, CommandStop
from server.language.draft import DraftLanguage
from server.plugins import load_plugins
from server.publication.on_disk import Folder, on_disk
from server.settings import load_settings

_LACKING = (
    "«\u00a0relance lsp\u00a0» a besoin de la bibliothèque pygls : installez-la par "
    "pip install 'relance[lsp]'."
)


def serve_editors(
    dossier: Annotated[
        Path, typer.Argument(help="Le dossier du projet.", file_okay=False, exists=True)
    ] = Path(),
) -> None:
    """Répondre à un éditeur de texte (VS Code, Neovim, Helix…) sur l’entrée et la sortie standard.

    C’est l’éditeur qui lance cette commande : remarques, propositions, survol, renommage, mise en forme.
    """
    try:
        from server.language.lsp import ScriptServer
    except ImportError as error:
        raise CommandStop(MISUSED, _LACKING) from error
    settings = load_settings(dossier)
    plugins = load_plugins(settings.enabled, settings.disabled)
    known = setup.setup_of(settings, on_disk(dossier))
    draft = DraftLanguage(plugins, known, Folder(dossier))
    ScriptServer(dossier, draft, version("relance")).server.start_io()
