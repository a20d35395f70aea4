"""`relance check`: everything that is wrong with the scripts and the messages, at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.style import Style

from dsl import render
from dsl.diagnostics import Diagnostic, Severity
from relance.errors import RelanceError
from relance.fault import Fault
from relance.french import quoted
from server.cli.outcome import WRONG, Stop
from server.cli.parameters import AsJson, Paths
from server.cli.safe import safe
from server.cli.terminal import Console, say, say_json
from server.cli.workspace import Workspace, open_workspace
from server.clock import SystemClock
from server.engine.publication.project import project_of
from server.engine.publication.renaming import Unsaid, unsaid
from server.reports import french
from server.reports.french import count
from server.reports.presence import Present, present
from server.reports.reader import reading

_STYLES = {Severity.ERROR: Style(color="red"), Severity.WARNING: Style(color="yellow")}


def check_scripts(chemins: Paths, as_json: AsJson = False) -> None:
    """Vérifier des scripts et les courriels du projet : toutes les erreurs en une fois.

    Chaque erreur dit où elle est, ce qui a été lu et ce qu’il faut écrire à la place.
    Les avertissements ne changent pas le code de sortie.
    """
    workspace = open_workspace(chemins)
    faults = workspace.faults
    outlook = Outlook() if has_errors(workspace) else asyncio.run(_outlook(workspace))
    if as_json:
        say_json(_data(workspace, faults, outlook))
    else:
        show_diagnostics(workspace, faults)
        _summary(workspace, faults)
        _show_outlook(workspace, outlook)
    if has_errors(workspace) or outlook.asked:
        raise Stop(WRONG)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing would do to those who are there already, if there is a store to ask.

    `asked`: what is to be answered before it can be published.
    """

    asked: Sequence[Unsaid] = ()
    present: Sequence[Present] = ()


async def _outlook(workspace: Workspace) -> Outlook:
    checked, settings = workspace.checked, workspace.settings
    published = project_of(checked, ()).programs
    lists = {one.name: one.condition for one in checked.lists}
    try:
        async with reading(settings.database) as reader:
            async with reader.read() as conn:
                asked = await unsaid(conn, published)
            now = SystemClock().now()
            return Outlook(asked, await present(reader, published, lists, now, settings.zone))
    except RelanceError:
        return Outlook()  # nothing was ever published, or the store does not answer: others say so


def _show_outlook(workspace: Workspace, outlook: Outlook) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for question in outlook.asked:
        console.print(safe(question.question), style="red")
    for one in outlook.present:
        when = "à la publication"
        if one.opening is not None:
            zone = workspace.settings.zone
            when = f"à l’ouverture de la période, le {french.instant(one.opening, zone)}"
        console.print(f"{safe(quoted(one.campaign))} : {_entering(one.count)} {when}, par")
        console.print(f"  {safe(one.trigger)}")


def _entering(number: int | None) -> str:
    if number is None:
        return "entreront ceux qui y répondent déjà, que la base ne sait pas encore compter,"
    if number == 1:
        return "1 personne qui y répond déjà entrera"
    return f"{french.number(number)} personnes qui y répondent déjà entreront"


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
        console.print(escape(f"{workspace.shown(fault.file)}:{fault.line}  erreur"), style="red")
        console.print(escape(f"  {fault.message}") + "\n")


def has_errors(workspace: Workspace) -> bool:
    """Whether any file that was asked about holds an error."""
    return bool(_errors(workspace) or workspace.faults)


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


def _data(workspace: Workspace, faults: Sequence[Fault], outlook: Outlook) -> object:
    found = [
        one
        for name in workspace.asked
        for one in render.as_data(
            workspace.sources[name], _found(workspace, name), workspace.shown(name)
        )
    ]
    files = [
        {
            "code": None,
            "severity": Severity.ERROR.value,
            "file": workspace.shown(fault.file),
            "message": fault.message,
            "start": {"line": fault.line},
        }
        for fault in faults
    ]
    data: dict[str, object] = {
        "ok": not (_errors(workspace) or faults or outlook.asked),
        "diagnostics": [*found, *files],
    }
    if outlook.asked:
        data["questions"] = [one.question for one in outlook.asked]
    return data
