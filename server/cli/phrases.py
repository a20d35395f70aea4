"""`relance phrases`: everything a script may say, plugin by plugin."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

from server.cli.parameters import HERE, AsJson, Folder
from server.cli.written import written
from server.plugins import load_plugins
from server.settings import load_settings


def list_phrases(
    dossier: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Lister les phrases que les règles peuvent employer, par extension."""
    settings = load_settings(dossier)
    plugins = load_plugins(settings.enabled, settings.disabled)
    if as_json:
        catalogue = [_data(one.plugin, phrase) for one in plugins.phrases for phrase in one.phrases]
        print(json.dumps(catalogue, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for one in plugins.phrases:
        if not one.phrases:
            continue
        console.print(f"\n[bold]{escape(one.plugin)}[/bold]")
        for phrase in one.phrases:
            console.print(
                f"  [cyan]{escape(written(phrase.pattern))}[/cyan]  [dim]{phrase.kind.value}[/dim]"
            )
            console.print(f"      {escape(phrase.help)}")
            console.print(f"      [dim]Exemple :[/dim] {escape(phrase.example)}")


def _data(plugin: str, phrase: Any) -> dict[str, object]:
    return {
        "extension": plugin,
        "id": phrase.id,
        "genre": phrase.kind.value,
        "phrase": written(phrase.pattern),
        "aussi": [written(alias) for alias in phrase.aliases],
        "aide": phrase.help,
        "exemple": phrase.example,
    }
