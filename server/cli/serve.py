"""`relance serve`: the server, on a project."""

import os
from typing import Annotated

import typer

from relance.french import quoted
from server import serving
from server.cli.account import account
from server.cli.logs import start_logging
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, Folder
from server.cli.safe import safe
from server.cli.terminal import Console
from server.folder import SCRIPT, scripts
from server.health.health import Health
from server.orders.publishing import PublishOrder
from server.roles import roles_of
from server.settings import Settings, load_settings


def serve(
    dossier: Folder = HERE,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="Le port, cette fois ; 0 : un port libre."),
    ] = None,
    publier: Annotated[
        bool, typer.Option("--publier", help="Publier d’abord le projet tel qu’il est.")
    ] = False,
    tout_activer: Annotated[
        bool,
        typer.Option("--tout-activer", help="Avec --publier, activer les campagnes nouvelles."),
    ] = False,
    roles: Annotated[
        str | None,
        typer.Option(
            "--roles",
            help="Être l’un de plusieurs processus sur une base PostgreSQL, et faire cela : "
            "recevoir, avancer, envoyer.",
        ),
    ] = None,
) -> None:
    """Lancer le serveur sur un projet.

    Le projet est un dossier : des scripts *.relance, des courriels dans « courriels/ »,
    un « relance.toml » s’il le faut. Ce qui tourne est ce qui a été publié.
    """
    if not dossier.is_dir():
        raise CommandStop(MISUSED, f"{quoted(str(dossier))} n’est pas un dossier.")
    asked = {} if port is None else {"RELANCE_PORT": str(port)}
    if tout_activer and not publier:
        raise CommandStop(MISUSED, "--tout-activer ne va qu’avec --publier.")
    at_start = PublishOrder(account(), activate=None if tout_activer else ()) if publier else None
    among = None if roles is None else roles_of(roles)
    settings = load_settings(dossier, {**os.environ, **asked})
    start_logging()
    serving.run(settings, _Onlooker(settings), at_start, among)


class _Onlooker:
    """The operator's terminal: where the server is, then what is wrong already, worst first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._console = Console(highlight=False, soft_wrap=True)

    def answers(self, url: str) -> None:
        """The address, which works by now."""
        name = safe(self._settings.folder.name)
        self._console.print(f"Relance sert {quoted(name)} sur {safe(url)}")
        if not scripts(self._settings.folder):
            none = f"Aucun script (*{SCRIPT}) dans ce dossier pour l’instant."
            self._console.print(f"[yellow]{none}[/yellow]")
        self._console.print("Ctrl-C pour arrêter.")

    def helps(self, url: str | None) -> None:
        """It is not the first; where it answers, if it does."""
        name = safe(self._settings.folder.name)
        where = f" et répond à {safe(url)}" if url else ""
        self._console.print(f"Relance aide à servir {quoted(name)}{where}")
        self._console.print("Ctrl-C pour arrêter.")

    def awaits_first(self, link: str) -> None:
        """Shown to whoever starts the server, who alone may make the first account."""
        self._console.print(
            "Personne n’a encore de compte. Ce lien crée le premier, une seule fois\u00a0:"
        )
        self._console.print(f"  {safe(link)}", soft_wrap=True)

    def examined(self, health: Health) -> None:
        """Nothing, when all is well."""
        for concern in health.concerns:
            self._console.print(f"[yellow]{safe(concern.fact)}[/yellow] {safe(concern.remedy)}")
            for line in concern.details:
                self._console.print(f"  {safe(line)}")
