"""`relance fmt`: scripts as the house writes them."""

from typing import Annotated

import typer

from dsl.formatter import format_source
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import Paths
from server.cli.rewriting import rewrite
from server.cli.terminal import say
from server.cli.workspace import open_workspace
from server.reports.french import count


def fmt(
    chemins: Paths,
    only_check: Annotated[
        bool, typer.Option("--check", help="Ne rien écrire ; nommer ce qui changerait.")
    ] = False,
) -> None:
    """Remettre des scripts en forme : retraits, accents, guillemets, mots usuels.

    Les commentaires restent ; une ligne en erreur est laissée telle quelle.
    """
    workspace = open_workspace(chemins)
    changed = 0
    for name in workspace.asked:
        source = workspace.sources[name]
        formatted = format_source(source, workspace.plugins.catalogue)
        if formatted == source:
            continue
        changed += 1
        say(workspace.shown(name))
        if not only_check:
            rewrite(workspace.folder / name, formatted)
    total = len(workspace.asked)
    if not changed:
        say(f"Rien à reprendre ({count(total, 'script')}).")
    elif only_check:
        raise CommandStop(WRONG, f"{count(changed, 'script')} à remettre en forme, sur {total}.")
    else:
        say(f"{count(changed, 'script remis', 'scripts remis')} en forme, sur {total}.")
