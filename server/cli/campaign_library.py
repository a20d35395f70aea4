"""`relance modeles` and `relance nouveau`: the library, and a campaign made from one of its models."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dsl.phrases.catalogue import Catalogue
from relance.errors import RelanceError
from relance.fold import fold
from relance.french import quoted
from relance.slip import slip_of
from server.campaign_library.cloning import DOUBLED, original
from server.campaign_library.copying import Copy, NotCopied, copied, write
from server.campaign_library.models import Model, known_as, models
from server.campaign_library.page import page
from server.campaign_library.place import library
from server.campaign_library.report import clone_report, copy_report, models_report
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.outlook import has_base
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import one_form, tell
from server.cli.terminal import say
from server.plugins import load_plugins
from server.settings import Settings, load_settings
from server.store.instants import DEFAULT_ZONE
from server.system_words import os_reason


def list_models(
    as_json: AsJson = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Écrire la page de la bibliothèque, en Markdown.")
    ] = False,
    sortie: Output = None,
) -> None:
    """Lister les campagnes prêtes de la bibliothèque, par famille.

    « relance nouveau » en copie une dans un projet.
    """
    one_form(sortie, ("--json", as_json), ("--markdown", as_markdown))
    found = models(library(), load_plugins().catalogue)
    if as_markdown:
        say(page(found), end="")
    else:
        tell(models_report(found), DEFAULT_ZONE, as_json=as_json, output=sortie)


def new(
    nom: Annotated[str, typer.Argument(help="Le nom de la campagne nouvelle.", metavar="nom")],
    depuis: Annotated[
        str,
        typer.Option(
            "--depuis",
            help="Le modèle ; «\u00a0relance modeles\u00a0» les dit tous.",
            metavar="modèle",
        ),
    ],
    par: Annotated[
        str,
        typer.Option(
            "--par", help="Le canal, comme le dit «\u00a0relance modeles\u00a0».", metavar="canal"
        ),
    ] = "courriel",
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui serait écrit, et ne rien écrire.")
    ] = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Faire une campagne d’un modèle de la bibliothèque : son script, ses messages, ses scénarios.

    Rien n’est écrasé : ce dont le nom est déjà pris dans le projet en reçoit un autre. La campagne
    reste inactive tant que vous ne l’avez pas publiée, puis activée.
    """
    if dossier.exists() and not dossier.is_dir():
        raise CommandStop(MISUSED, f"{quoted(str(dossier))} n’est pas un dossier.")
    settings = load_settings(dossier)
    model = _chosen(depuis, par, models(library(), load_plugins().catalogue))
    catalogue: Catalogue = load_plugins(settings.enabled, settings.disabled).catalogue
    with _said_why_not():
        copy = copied(model, nom, dossier, catalogue)
        if not essai:
            write(copy, dossier)
    if as_json:
        tell(copy_report(copy, model, written=not essai), DEFAULT_ZONE, as_json=True)
    else:
        _tell(copy, model, dossier, tried=essai)


@contextmanager
def _said_why_not() -> Iterator[None]:
    """What keeps a campaign from being copied, as a command says it: nothing was written then."""
    try:
        yield
    except NotCopied as refused:
        raise CommandStop(WRONG, str(refused)) from refused
    except OSError as error:
        raise CommandStop(MISUSED, f"Rien n’a été écrit : {os_reason(error)}.") from error


def clone(
    campagne: Annotated[str, typer.Argument(help="La campagne à copier.", metavar="campagne")],
    nom: Annotated[str, typer.Argument(help="Le nom de la copie.", metavar="nom")],
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="Copier aussi ses scénarios.")
    ] = False,
    messages: Annotated[
        bool,
        typer.Option(
            "--messages", help="Donner à la copie ses propres messages, copiés eux aussi."
        ),
    ] = False,
    message: Annotated[
        list[str] | None,
        typer.Option("--message", help="Ne copier que ce message. Répétez-la.", metavar="nom"),
    ] = None,
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui serait écrit, et ne rien écrire.")
    ] = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Copier une campagne du projet sous un autre nom : son script, et s’il le faut ses messages.

    La copie est un script de plus, que rien n’a publié : personne n’y est, et elle reste inactive tant
    que vous ne l’avez pas publiée, puis activée. Rien n’est écrasé.
    """
    settings = load_settings(dossier)
    catalogue: Catalogue = load_plugins(settings.enabled, settings.disabled).catalogue
    with _said_why_not():
        own = {"with_scenarios": scenarios, "with_messages": messages or bool(message)}
        model = original(dossier, campagne, catalogue, only=message or None, **own)
        copy = copied(model, nom, dossier, catalogue)
        if not essai:
            write(copy, dossier)
    if not essai and has_base(settings.database):
        _put_beside(settings, campagne, copy.campaign)
    if as_json:
        tell(clone_report(copy, model, written=not essai), DEFAULT_ZONE, as_json=True)
        return
    _tell_files(copy, model, dossier, tried=essai)
    say(f"\n{DOUBLED}")
    if not essai:
        here = shlex.quote(str(dossier))
        say(f"\nEt maintenant\u00a0: changez-y ce qui doit l’être, puis relance publier {here}")


def _put_beside(settings: Settings, former: str, copy: str) -> None:
    """In the same binder, under the same labels; a base that does not answer keeps no copy from being made."""
    # Loaded where there is a base alone: a copy is files, and is made in an instant.
    from server.cli.ordering import ordered
    from server.orders.shelving import COPY

    try:
        ordered(settings, COPY, {"campagne": former, "nom": copy})
    except (RelanceError, CommandStop) as wrong:
        say(f"La copie n’est pas rangée : {wrong}")


def _chosen(name: str, by: str, found: tuple[Model, ...]) -> Model:
    """The model meant, by that channel; Stop, with the nearest, when there is none."""
    variants = known_as(name, found)
    if not variants:
        near = slip_of(fold(name), dict.fromkeys(one.name for one in found))
        meant = f" Vouliez-vous dire {quoted(near)}\u00a0?" if near else ""
        raise CommandStop(
            MISUSED,
            f"La bibliothèque n’a pas de modèle {quoted(name)}.{meant} «\u00a0relance modeles\u00a0» "
            "les dit tous.",
        )
    for one in variants:
        if fold(one.channel) == fold(by):
            return one
    known = " ou ".join(f"«\u00a0--par {one.channel}\u00a0»" for one in variants)
    raise CommandStop(
        MISUSED,
        f"Le modèle {quoted(variants[0].name)} n’est pas écrit par {quoted(by)}\u00a0: {known}.",
    )


def _tell(copy: Copy, model: Model, folder: Path, *, tried: bool) -> None:
    place = "" if folder == HERE else f" --dossier {shlex.quote(str(folder))}"
    here = shlex.quote(str(folder))
    name = copy.campaign
    _tell_files(copy, model, folder, tried=tried)
    if tried:
        return
    say("\nEt maintenant\u00a0:")
    say(
        "  1. Changez ce que dit «\u00a0À régler\u00a0», en tête du script, puis les messages\u00a0: leur"
    )
    say("     texte, leur expéditeur, leurs adresses (celle de l’image, celle du bouton).")
    say(f"  2. Vérifiez et essayez\u00a0: relance check {here}")
    say(f"                            relance test {shlex.quote(str(folder / copy.script))}")
    say(f"  3. Publiez\u00a0: relance publier {here}")
    say(f"  4. Activez\u00a0: relance activer {shlex.quote(name)}{place}")


def _tell_files(copy: Copy, model: Model, folder: Path, *, tried: bool) -> None:
    """What was written, and under which names."""
    say("Seraient écrits\u00a0:" if tried else "Écrits\u00a0:")
    for path in copy.files:
        say(f"  {folder / path}")
    for old, given in copy.renamed.items():
        if old != given:
            say(f"{quoted(old)} existe déjà dans ce projet\u00a0: ici, c’est {quoted(given)}.")
    for topic in copy.shared:
        say(
            f"Le projet donne déjà des points à l’intérêt {quoted(topic)}\u00a0: ses règles valent."
        )
    if tried:
        say("Rien n’a été écrit.")
