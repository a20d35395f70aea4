"""`relance test`: the scenarios of the scripts, played by the real engine on a virtual clock."""

import asyncio
from collections.abc import Sequence
from itertools import groupby

from server.cli.check import has_errors, show_diagnostics
from server.cli.explain import show_timeline
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import AsJson, Paths
from server.cli.report import tell
from server.cli.safe import safe
from server.cli.terminal import Console, say
from server.cli.workspace import Workspace, open_workspace
from server.reports.french import count
from server.reports.report import CellType, Column, Columns, Report, report
from server.reports.timeline import TimelineLine
from server.simulation import Failure, ScenarioResult, run_scenarios


def run(chemins: Paths, as_json: AsJson = False) -> None:
    """Jouer les scénarios des scripts sur une horloge virtuelle.

    Rien ne part : les courriels sont retenus. Un scénario qui échoue montre ce qui a été
    trouvé et le fil du lead.
    """
    workspace = open_workspace(chemins)
    if has_errors(workspace):
        show_diagnostics(workspace, workspace.faults)
        raise CommandStop(WRONG, "Des scripts sont en erreur : les scénarios n’ont pas été joués.")
    results = asyncio.run(_play(workspace))
    if as_json:
        tell(_report(workspace, results), workspace.settings.zone, as_json=True)
        if not all(one.passed for one in results):
            raise CommandStop(WRONG, "")
        return
    console = Console(highlight=False, soft_wrap=True)
    for file, several in groupby(results, key=lambda result: result.scenario.file):
        console.print(f"[bold]{safe(workspace.shown(file))}[/bold]")
        for result in several:
            _show(console, workspace, result)
    failed = sum(not result.passed for result in results)
    if not results:
        say("Aucun scénario.")
    elif failed:
        raise CommandStop(
            WRONG, f"{count(failed, 'scénario échoue', 'scénarios échouent')} sur {len(results)}."
        )
    else:
        say(f"{count(len(results), 'scénario passe', 'scénarios passent')}.")


_PLAYED: Columns[tuple[str, ScenarioResult, Failure | None]] = {
    Column("Fichier", "fichier"): lambda one: one[0],
    Column("Scénario", "scenario"): lambda one: one[1].scenario.name,
    Column("Passe", "passe", CellType.FLAG): lambda one: one[1].passed,
    Column("Ligne", "ligne", CellType.NUMBER): lambda one: one[2].line if one[2] else None,
    Column("Ce qui ne va pas", "message"): lambda one: one[2].message if one[2] else None,
    Column("Trouvé", "trouve", CellType.LINES): lambda one: one[2].found if one[2] else (),
}


def _report(workspace: Workspace, results: Sequence[ScenarioResult]) -> Report:
    """Each scenario in a row, or in as many as it has lines that do not hold."""
    rows = [
        (workspace.shown(one.scenario.file), one, failure)
        for one in results
        for failure in (one.failures or (None,))
    ]
    return report("Scénarios", _PLAYED, rows, empty="Aucun scénario.")


async def _play(workspace: Workspace) -> Sequence[ScenarioResult]:
    asked = frozenset(workspace.asked)
    return await run_scenarios(
        workspace.checked,
        workspace.plugins,
        workspace.settings.zone,
        wanted=lambda scenario: scenario.file in asked,
        people=workspace.plugins.people(workspace.files),
        currency=workspace.settings.currency,
        region=workspace.settings.region,
        files=workspace.files,
        sections=workspace.settings.plugins,
        works=workspace.settings.calendar.works,
        consent=workspace.settings.consent.asked,
    )


def _show(console: Console, workspace: Workspace, result: ScenarioResult) -> None:
    mark = "[green]✓[/green]" if result.passed else "[red]✗[/red]"
    console.print(f"  {mark} {safe(result.scenario.name)}")
    shown: dict[str, Sequence[TimelineLine]] = {}
    for failure in result.failures:
        again = shown.get(failure.lead) == failure.timeline
        _show_failure(console, workspace, result, failure, again=again)
        shown[failure.lead] = failure.timeline


def _show_failure(
    console: Console,
    workspace: Workspace,
    result: ScenarioResult,
    failure: Failure,
    *,
    again: bool,
) -> None:
    place = f"{workspace.shown(result.scenario.file)}:{failure.line}"
    console.print(f"\n    [red]{safe(place)}[/red]  {safe(failure.text)}")
    console.print(f"    {safe(failure.message)}")
    for line in failure.found:
        console.print(f"      {safe(line)}")
    if failure.timeline and not again:  # the same twice would bury what differs
        who = f" ({failure.lead})" if failure.lead else ""
        console.print(f"\n    [bold]Le fil du lead{safe(who)}[/bold]")
        show_timeline(console, failure.timeline, workspace.settings.zone)
    console.print()
