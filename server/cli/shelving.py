"""`relance ranger`: campaigns put in a binder, under labels."""

from typing import Annotated

import typer

from server.cli.ordering import ordered, say_answer
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption
from server.orders import shelving
from server.settings import load_settings


def put_in_order(
    campagnes: Annotated[
        list[str], typer.Argument(help="Les noms des campagnes.", metavar="campagne…")
    ],
    classeur: Annotated[
        str | None,
        typer.Option("--classeur", help="Les ranger dans ce classeur.", metavar="nom"),
    ] = None,
    sans_classeur: Annotated[
        bool, typer.Option("--sans-classeur", help="Les sortir de leur classeur.")
    ] = False,
    etiquette: Annotated[
        list[str] | None,
        typer.Option("--etiquette", help="Poser cette étiquette. Répétez-la.", metavar="nom"),
    ] = None,
    oter_etiquette: Annotated[
        list[str] | None,
        typer.Option("--oter-etiquette", help="Ôter cette étiquette. Répétez-la.", metavar="nom"),
    ] = None,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Ranger des campagnes : dans un classeur, un seul pour chacune, et sous des étiquettes.

    Rien ne change pour personne. « relance statut » les dit, et les choisit par là.
    """
    if classeur is not None and sans_classeur:
        raise CommandStop(MISUSED, "--classeur et --sans-classeur : l’un ou l’autre.")
    if classeur is not None and not classeur.strip():
        raise CommandStop(MISUSED, "Donnez le nom du classeur ; --sans-classeur les en sort.")
    binder = (classeur or "") if classeur or sans_classeur else None
    order = shelving.arranging(campagnes, binder, etiquette or (), oter_etiquette or ())
    if order is None:
        known = "--classeur, --sans-classeur, --etiquette ou --oter-etiquette"
        raise CommandStop(MISUSED, f"Dites où les ranger : {known}.")
    say_answer(ordered(load_settings(dossier), *order), as_json=as_json)
