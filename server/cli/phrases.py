"""`relance phrases`: everything a script may say, in the order of the reference."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dsl.help.quotation import quoted
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import one_form, tell
from server.cli.terminal import Console, say
from server.plugins import load_plugins
from server.reference import ReferenceSection, page, phrases_report, searched, sections
from server.settings import load_settings

AsMarkdown = Annotated[
    bool, typer.Option("--markdown", help="Écrire la page de référence, en Markdown.")
]


Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Des mots à chercher, comme «\u00a0achat\u00a0» ; ou le dossier du projet.",
        metavar="mot…",
    ),
]


def list_phrases(
    mots: Words = None,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    as_markdown: AsMarkdown = False,
    sortie: Output = None,
) -> None:
    """Lister les phrases que les règles peuvent employer, avec leur sens, ou chercher parmi elles."""
    one_form(sortie, ("--json", as_json), ("--markdown", as_markdown))
    asked = list(mots or ())
    if asked and Path(asked[0]).is_dir():
        dossier = Path(asked.pop(0))
    settings = load_settings(dossier)
    found = sections(load_plugins(settings.enabled, settings.disabled))
    if asked:
        found = searched(found, " ".join(asked))
    if as_markdown:
        say(page(found), end="")
    elif as_json or sortie is not None:
        tell(phrases_report(found), settings.zone, as_json=as_json, output=sortie)
    elif not found:
        say(f"Aucune phrase ne parle de {quoted(' '.join(asked))}.")
        raise typer.Exit(1)
    else:
        _show(Console(highlight=False, soft_wrap=True), found)


def _show(console: Console, found: tuple[ReferenceSection, ...]) -> None:
    for section in found:
        console.print(f"\n[bold]{escape(section.title)}[/bold]")
        for entry in section.entries:
            kind = entry.phrase.kind.value + (" ⏱" if entry.timed else "")
            console.print(f"  [cyan]{escape(entry.shown)}[/cyan]  [dim]{kind}[/dim]")
            console.print(f"      {escape(entry.phrase.help)}")
            console.print(f"      [dim]Exemple :[/dim] {escape(entry.phrase.example)}")
