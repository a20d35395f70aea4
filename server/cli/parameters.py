"""What several commands take, written once."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.outcome import MISUSED, CommandStop

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

Charted = Annotated[
    bool, typer.Option("--graphique", help="Dessiner ce qui est compté, plutôt qu’un tableau.")
]

#: A file for a spreadsheet, which its name says the form of.
Output = Annotated[
    Path | None,
    typer.Option(
        "--sortie",
        help="Écrire le résultat dans un fichier : .csv, ou .xlsx pour un classeur Excel.",
        metavar="fichier",
    ),
]

HERE = Path(".")
_SHEETS = {".csv", ".xlsx", ".txt", ".tsv"}


def sheet_file(path: Path, *pages: str) -> Path:
    """That file, when its name says in which form to write it; `pages`: how else it may end."""
    if path.suffix.lower() not in {*_SHEETS, *pages}:
        page = f"{pages[0]}, " if pages else ""
        raise CommandStop(MISUSED, f"Le nom du fichier doit finir par {page}.csv ou .xlsx.")
    return path
