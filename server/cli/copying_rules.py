"""`relance copier-regles`: entries, exits and steps of a campaign, taken by another of the project."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from typing import Annotated

import typer

from dsl.diagnostics import Severity
from relance.french import quoted
from server.campaign_library.copying import NotCopied
from server.campaign_library.report import carried_report, rules_report
from server.campaign_library.rules import carried, chosen, rules_of
from server.campaign_library.written import find
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption
from server.cli.report import tell
from server.cli.rewriting import rewrite
from server.cli.terminal import say
from server.cli.workspace import Workspace, open_workspace
from server.publication.reading import problem
from server.store.instants import DEFAULT_ZONE


def copy_rules(
    campagne: Annotated[str, typer.Argument(help="D’où viennent les règles.", metavar="campagne")],
    vers: Annotated[
        str | None, typer.Argument(help="La campagne qui les reçoit.", metavar="[vers]")
    ] = None,
    regle: Annotated[
        list[str] | None,
        typer.Option(
            "--regle",
            help="Une entrée, une sortie ou une étape : son numéro, ou des mots qu’elle seule "
            "contient. À répéter pour en prendre plusieurs.",
            metavar="règle",
        ),
    ] = None,
    deplacer: Annotated[
        bool, typer.Option("--deplacer", help="Les retirer de la campagne d’où elles viennent.")
    ] = False,
    essai: Annotated[
        bool, typer.Option("--essai", help="Montrer ce qui changerait, et ne rien écrire.")
    ] = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Copier ou déplacer des règles d’une campagne à une autre : entrées, sorties, étapes entières.

    Sans « --regle », les règles de la campagne sont listées avec leur numéro. Les scripts seuls
    changent : rien n’est publié. Si ce qu’une règle nomme manque à la campagne qui la reçoit, c’est
    dit, et rien n’est écrit.
    """
    workspace = open_workspace([dossier])
    scripts, catalogue = workspace.sources, workspace.plugins.catalogue
    try:
        origin = find(scripts, campagne, catalogue)
        name = origin.campaign.name.text
        every = rules_of(scripts[origin.script], origin.campaign)
        if vers is None or not regle:
            if regle or deplacer:
                raise CommandStop(MISUSED, "Dites aussi la campagne qui reçoit ces règles.")
            tell(rules_report(name, every), DEFAULT_ZONE, as_json=as_json)
            return
        target = find(scripts, vers, catalogue)
        if (target.script, target.campaign.span) == (origin.script, origin.campaign.span):
            raise NotCopied(
                f"{quoted(name)} a déjà ses propres règles : nommez une autre campagne."
            )
        rules = chosen(every, regle, name)
        made = carried(scripts, origin, rules, target, catalogue, moved=deplacer)
    except NotCopied as refused:
        raise CommandStop(WRONG, str(refused)) from refused
    missing = list(_missing(workspace, made))
    written = not (essai or missing)
    if as_json:
        what = carried_report(name, target.campaign.name.text, rules, list(made), missing, written)
        tell(what, DEFAULT_ZONE, as_json=True)
    else:
        _show(workspace, made)
    if missing:
        listed = "\n".join(missing)
        raise CommandStop(
            WRONG, f"{listed}\nRien n’a été écrit : les scripts auraient ces erreurs."
        )
    if written:
        for script, text in made.items():
            rewrite(workspace.folder / script, text)
    if not as_json:
        say("Écrit. Rien n’est publié." if written else "Rien n’a été écrit.")


def _missing(workspace: Workspace, made: Mapping[str, str]) -> Iterator[str]:
    """What the checker finds wrong once the scripts are so, that it did not before."""
    before = {
        (name, one.code, one.message)
        for name, found in workspace.checked.diagnostics.items()
        for one in found
    }
    sources = {**workspace.sources, **made}
    for name, found in replace(workspace, sources=sources).checked.diagnostics.items():
        for one in found:
            known = (name, one.code, one.message) in before
            if one.severity is Severity.ERROR and not known:
                yield problem(name, sources[name], one)


def _show(workspace: Workspace, made: Mapping[str, str]) -> None:
    for script, text in made.items():
        former, name = workspace.sources[script].splitlines(), workspace.shown(script)
        for line in unified_diff(former, text.splitlines(), name, name, lineterm="", n=2):
            say(line)
