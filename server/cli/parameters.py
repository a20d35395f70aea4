"""What several commands take, written once."""

from pathlib import Path
from typing import Annotated

import typer

#: The project's folder, given as the command's only word.
Folder = Annotated[Path, typer.Argument(help="Le dossier du projet.", metavar="dossier")]
#: The project's folder, when the command's words are taken by something else.
FolderOption = Annotated[
    Path, typer.Option("--dossier", help="Le dossier du projet.", metavar="dossier")
]
#: Scripts, or folders of scripts.
Paths = Annotated[
    list[Path],
    typer.Argument(
        help="Des scripts (*.relance), ou des dossiers qui en contiennent.", metavar="chemin…"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Écrire le résultat en JSON.")]

HERE = Path(".")
