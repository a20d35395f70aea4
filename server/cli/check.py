"""`relance check`: everything that is wrong with the scripts and the messages, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.style import Style

from dsl.diagnostics import Diagnostic, Severity
from dsl.help import render
from relance.fault import Fault
from server.cli.outcome import WRONG, CommandStop
from server.cli.outlook import read_outlook, show_outlook
from server.cli.parameters import AsJson, Paths
from server.cli.terminal import Console, say, say_json
from server.cli.workspace import Workspace, open_workspace
from server.reports.faults import as_data, head
from server.reports.french import count
from server.settings import PublishingMode

if TYPE_CHECKING:
    from server.reports.outlook import Outlook

_STYLES = {Severity.ERROR: Style(color="red"), Severity.WARNING: Style(color="yellow")}


def check_scripts(chemins: Paths, as_json: AsJson = False) -> None:
    """Vérifier des scripts et les courriels du projet : toutes les erreurs en une fois.

    Chaque erreur dit où elle est, ce qui a été lu et ce qu’il faut écrire à la place.
    Les avertissements ne changent pas le code de sortie.
    """
    workspace = open_workspace(chemins, examined=True)
    faults = workspace.faults
    outlook = None if has_errors(workspace) else read_outlook(workspace)
    if as_json:
        say_json(_verdict(workspace, faults, outlook))
    else:
        show_diagnostics(workspace, faults)
        _summary(workspace, faults)
        if outlook is not None:
            show_outlook(workspace.settings.zone, outlook)
    if has_errors(workspace) or _refused(workspace, outlook):
        raise CommandStop(WRONG)


def show_diagnostics(workspace: Workspace, faults: Sequence[Fault] = ()) -> None:
    """Print what is wrong, in the order of the files."""
    console = Console(highlight=False, soft_wrap=True)
    for name in workspace.asked:
        found = list(_found(workspace, name))
        texts = render.as_texts(workspace.sources[name], found, workspace.shown(name))
        for one, text in zip(found, texts, strict=True):
            first, _, rest = text.partition("\n")
            console.print(escape(first), style=_STYLES[one.severity])
            console.print(escape(rest) + "\n")
    for fault in faults:
        console.print(escape(head(fault, workspace.shown(fault.file))), style="red")
        console.print(escape(f"  {fault.message}") + "\n")


def has_errors(workspace: Workspace) -> bool:
    """Whether any file that was asked about holds an error."""
    return bool(_errors(workspace) or workspace.faults)


def _refused(workspace: Workspace, outlook: Outlook | None) -> bool:
    """Whether `relance publier` would refuse these very scripts, whatever it were asked with.

    What is published as it is saved goes without a list that is still used, and the server says so.
    """
    if outlook is None:
        return False
    used = any(one.still for one in outlook.lost)
    on_demand = workspace.settings.publishing is PublishingMode.ON_DEMAND
    return bool(outlook.asked) or (used and on_demand)


def _found(workspace: Workspace, name: str) -> Sequence[Diagnostic]:
    return workspace.checked.diagnostics.get(name, ())


def _severities(workspace: Workspace) -> Sequence[Severity]:
    return [one.severity for name in workspace.asked for one in _found(workspace, name)]


def _errors(workspace: Workspace) -> int:
    return sum(one is Severity.ERROR for one in _severities(workspace))


def _summary(workspace: Workspace, faults: Sequence[Fault]) -> None:
    errors = _errors(workspace) + len(faults)
    warnings = len(_severities(workspace)) - _errors(workspace)
    parts = [count(len(workspace.asked), "script vérifié", "scripts vérifiés")]
    parts.append(count(errors, "erreur") if errors else "aucune erreur")
    if warnings:
        parts.append(count(warnings, "avertissement"))
    say(", ".join(parts) + ".")


def _verdict(workspace: Workspace, faults: Sequence[Fault], outlook: Outlook | None) -> object:
    found = [
        one
        for name in workspace.asked
        for one in render.as_data(
            workspace.sources[name], _found(workspace, name), workspace.shown(name)
        )
    ]
    data: dict[str, object] = {
        "ok": not (_errors(workspace) or faults or _refused(workspace, outlook)),
        "diagnostics": [*found, *(as_data(one, workspace.shown(one.file)) for one in faults)],
    }
    if outlook is None:
        return data
    if outlook.asked:
        data["questions"] = [one.question for one in outlook.asked]
    if outlook.lost:
        data["lists_lost"] = [
            {
                "list": one.name,
                "members": one.members,
                "used_by": list(one.users),
                "refusal": one.refusal or None,
            }
            for one in outlook.lost
        ]
    return data
