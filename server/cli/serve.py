"""`relance serve`: the server, on a project."""

from rich.console import Console
from rich.markup import escape

from server import runtime
from server.cli.logs import start_logging
from server.cli.outcome import MISUSED, Stop
from server.cli.parameters import HERE, Folder
from server.folder import SCRIPT, scripts
from server.settings import load_settings


def serve(dossier: Folder = HERE) -> None:
    """Lancer le serveur sur un projet.

    Le projet est un dossier : des scripts *.relance, des courriels dans « courriels/ »,
    un « relance.toml » s’il le faut. Les scripts sont relus dès qu’ils changent.
    """
    if not dossier.is_dir():
        raise Stop(MISUSED, f"« {dossier} » n’est pas un dossier.")
    settings = load_settings(dossier)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Relance sert « {escape(settings.folder.name)} » sur {settings.public_url}")
    if not scripts(settings.folder):
        console.print(f"[yellow]Aucun script (*{SCRIPT}) dans ce dossier pour l’instant.[/yellow]")
    console.print("Ctrl-C pour arrêter.")
    start_logging()
    runtime.run(settings)
