"""`relance demo`: everything a newcomer needs to see a rule act, in one command."""

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from server.cli.terminal import Console
from server.demo.run import Demo, run_demo


def demo(
    port: Annotated[int, typer.Option("--port", help="Le port du serveur.")] = 8080,
    shop_port: Annotated[
        int, typer.Option("--port-boutique", metavar="port", help="Le port de la boutique.")
    ] = 8081,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dossier", metavar="dossier", help="Où la garder ; sinon, un dossier temporaire."
        ),
    ] = None,
) -> None:
    """Lancer la démonstration : serveur, boutique, boîte aux lettres et horloge.

    Rien ne sort de votre machine. Ctrl-C arrête tout.
    """
    with _folder(folder) as place:
        asyncio.run(run_demo(place, port, shop_port, _announce))
    Console().print("\nLa démonstration est terminée.")


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="relance-demo-") as name:
        yield Path(name).resolve()


def _command() -> str:
    """The command as it can be typed here: by its path when it is not on the PATH."""
    own = Path(sys.argv[0])
    if shutil.which("relance") or own.name != "relance":
        return "relance"
    return os.path.relpath(own)


def _announce(running: Demo) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print("\n[bold]Relance, la démonstration[/bold]\n")
    console.print(f"  La boutique et son formulaire   [cyan]{running.shop_url}/[/cyan]")
    console.print(f"  Les courriels reçus             [cyan]{running.shop_url}/courriels[/cyan]")
    console.print(f"  Le parcours de chaque lead      [cyan]{running.shop_url}/parcours[/cyan]")
    console.print(f"  L’interface, déjà connectée     [cyan]{running.interface_url}[/cyan]")
    console.print("\nLe formulaire, en ligne de commande :\n")
    console.print(f"  {escape(running.curl)}")
    console.print("\nPuis, dans un autre terminal, la raison de chaque pas :\n")
    console.print(
        f"  {escape(shlex.quote(_command()))} explain Bienvenue bruno@example.com "
        f"--dossier {escape(shlex.quote(str(running.folder)))}"
    )
    console.print("\nÀ regarder : le courriel arrive, le lead attend ; cliquez « Lire le guide »,")
    console.print("ou avancez l’horloge de deux jours : la branche n’est pas la même.")
    console.print(
        "Les règles sont dans ce dossier ; modifiées, elles tournent une fois publiées :\n"
    )
    console.print(
        f"  {escape(shlex.quote(_command()))} publier {escape(shlex.quote(str(running.folder)))}\n"
    )
    console.print("Ctrl-C arrête tout.\n")
