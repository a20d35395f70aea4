"""`relance apercu`: a message as a lead would read it, in a page, in the terminal or sent to oneself."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from relance.channel import Channel, Composer, Preview, Previewer
from relance.fold import fold
from relance.french import quoted
from relance.host import Setup
from relance.project_files import ProjectFiles
from relance.slip import slip_of
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, FolderOption
from server.cli.terminal import say
from server.plugins import Plugins, load_plugins
from server.preview.links import visits
from server.preview.page import alone
from server.preview.showing import NotShown, send, show
from server.preview.stage import PreviewStage, stage
from server.publication.in_place import in_place
from server.publication.on_disk import on_disk
from server.publication.reading import scripts_of
from server.reports.french import count
from server.settings import Settings, load_settings
from server.system_words import os_reason


def preview(
    message: Annotated[str, typer.Argument(help="Le nom du message.")],
    lead: Annotated[
        str | None,
        typer.Option(
            "--lead",
            help="Le courriel, le téléphone ou le numéro du lead qui le lirait ; "
            "sans lui, une personne inventée.",
            metavar="lead",
        ),
    ] = None,
    canal: Annotated[
        str | None,
        typer.Option(
            "--canal", help="«\u00a0courriel\u00a0» ou «\u00a0SMS\u00a0», si les deux ont ce nom."
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="Écrire la page du courriel, à ouvrir dans un navigateur."),
    ] = None,
    envoyer: Annotated[
        str | None,
        typer.Option("--envoyer", help="L’adresse à laquelle l’envoyer pour voir."),
    ] = None,
    liens: Annotated[
        bool, typer.Option("--liens", help="Vérifier que ses liens mènent quelque part.")
    ] = False,
    dossier: FolderOption = HERE,
) -> None:
    """Montrer un message comme un lead le lirait, avant qu’il ne parte.

    Le message est celui des fichiers enregistrés, publiés ou non. Rien n’est compté ni suivi : un
    envoi pour voir ne part qu’à l’adresse donnée, et son objet commence par « [Essai] ».
    """
    settings = load_settings(dossier)
    asyncio.run(_preview(settings, message, lead, canal, page, envoyer, liens))


async def _preview(
    settings: Settings,
    message: str,
    lead: str | None,
    kind: str | None,
    page: Path | None,
    to: str | None,
    follow: bool,
) -> None:
    plugins = load_plugins(settings.enabled, settings.disabled)
    draft = on_disk(settings.folder)
    files = draft.keeping(in_place(scripts_of(draft), plugins.catalogue).files)
    name = _sender(plugins, files, message, kind)
    async with stage(settings, plugins, files, lead) as here:
        if here is None:
            raise CommandStop(MISUSED, f"Aucun lead ne répond à {quoted(lead or '')}.")
        channel = plugins.channels(here.host)[name]
        try:
            await _show(here, channel, message, page, to, follow)
        finally:
            await channel.close()


def _sender(plugins: Plugins, files: ProjectFiles, message: str, kind: str | None) -> str:
    """The channel of that message."""
    called = {one.channel: one.label for one in plugins.glossary.channels}
    wanted, names = fold(message), plugins.message_names(files)
    found = [one for one, several in names.items() if wanted in map(fold, several)]
    if kind is not None:
        found = [one for one in found if called.get(one, one).lower() == kind.strip().lower()]
    if not found:
        every = dict.fromkeys(name for several in names.values() for name in several)
        near = slip_of(message, list(every))
        meant = f" Vouliez-vous dire {quoted(near)} ?" if near else ""
        raise CommandStop(MISUSED, f"Aucun message ne s’appelle {quoted(message)}.{meant}")
    if len(found) > 1:
        several = " ou ".join(f"--canal {called.get(one, one)}" for one in found)
        said = f"Plusieurs messages s’appellent {quoted(message)} : ajoutez {several}."
        raise CommandStop(MISUSED, said)
    return found[0]


async def _show(
    here: PreviewStage, channel: Channel, name: str, page: Path | None, to: str | None, follow: bool
) -> None:
    shown = await show(here, channel, name)
    if isinstance(shown, NotShown):
        raise CommandStop(_code(channel), shown.reason)
    if page is not None:
        _write(page, shown, here.host)
    if to is not None:
        await _sent(here, channel, name, to)
    if page is None and to is None:
        said = f"Objet : {shown.subject}\n\n" if shown.subject else ""
        say(f"{said}{shown.text}".rstrip())
    if follow:
        await _follow(here, shown)


def _code(channel: Channel) -> int:
    """A channel that cannot is misused; one that could and did not is wrong."""
    return WRONG if isinstance(channel, Previewer | Composer) else MISUSED


def _write(page: Path, shown: Preview, setup: Setup) -> None:
    if not shown.html:
        raise CommandStop(
            MISUSED, "Ce message n’a pas de page : lisez-le ici, sans «\u00a0--page\u00a0»."
        )
    try:
        page.write_text(alone(shown.html, setup), encoding="utf-8")
    except OSError as error:
        said = f"La page ne peut pas être écrite dans {quoted(str(page))} : {os_reason(error)}"
        raise CommandStop(MISUSED, f"{said}.") from error
    say(f"Objet : {shown.subject}\nLa page est dans {quoted(str(page))}.")


async def _follow(here: PreviewStage, shown: Preview) -> None:
    found = await visits(here.host.network, shown.links)
    say("\nLes liens :" if found else "\nCe message n’a pas de lien vers le web.")
    for one in found:
        mark = "✓" if one.wrong is None else "✗"
        why = "" if one.wrong is None else f" : {one.wrong}"
        say(f"  {mark} {one.link.name}, {one.link.target}{why}")
    wrong = sum(one.wrong is not None for one in found)
    if wrong:
        many = count(wrong, "lien ne mène nulle part", "liens ne mènent nulle part")
        raise CommandStop(WRONG, f"{many}.")


async def _sent(here: PreviewStage, channel: Channel, name: str, to: str) -> None:
    refused = await send(here, channel, name, to)
    if refused is not None:
        code = WRONG if isinstance(channel, Previewer) else MISUSED
        raise CommandStop(code, refused.reason)
    say(f"Envoyé à {quoted(to)}.")
