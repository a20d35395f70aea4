"""`relance test`: the scenarios of the scripts, played by the real engine on a virtual clock."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import Annotated

import typer

from dsl.project import CheckedScenario
from relance.report import CellType, Column, Columns, Report, report
from server.cli.check import has_errors, show_diagnostics
from server.cli.explain import show_timeline
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import AsJson, Paths
from server.cli.report import tell
from server.cli.safe import safe
from server.cli.terminal import Console, say
from server.cli.workspace import Workspace, open_workspace
from server.reports.french import count
from server.reports.timeline import TimelineLine
from server.simulation import Failure, ScenarioResult, run_scenarios
from server.simulation.results import PlayedLine

_Course = Annotated[
    bool,
    typer.Option("--deroule", help="Avec --json : dire aussi tout ce qui arrive, dans l’ordre."),
]
_Followed = Annotated[
    bool,
    typer.Option(
        "--suite",
        help="Jouer seulement des scénarios lus sur l’entrée, comme écrits à la fin du script.",
    ),
]


def run(
    chemins: Paths, as_json: AsJson = False, course: _Course = False, followed: _Followed = False
) -> None:
    """Jouer les scénarios des scripts sur une horloge virtuelle.

    Rien ne part : les courriels sont retenus. Un scénario qui échoue montre ce qui a été
    trouvé et le fil du lead.
    """
    if course and not as_json:
        raise CommandStop(MISUSED, "«\u00a0--deroule\u00a0» se lit en JSON : ajoutez --json.")
    workspace = open_workspace(chemins)
    first = 0
    if followed:
        _refuse_several(workspace)
        if as_json:
            _follow(workspace, course=course)
            return
        workspace, first = _continued(workspace, sys.stdin.read())
    _refuse_errors(workspace)
    results = asyncio.run(_play(workspace, first, follows=course))
    if as_json:
        _tell(workspace, results, course=course)
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
_NOBODY = Failure(0, "", "")
#: What ends a text on the entry where several follow one another, and the answer to each.
_END = "\f\n"
#: A row of what was played: its file, its scenario, what happened, and how that failed.
_Row = tuple[str, ScenarioResult, PlayedLine | None, Failure | None]
_COURSE: Columns[_Row] = {
    Column("Fichier", "fichier"): lambda one: one[0],
    Column("Scénario", "scenario"): lambda one: one[1].scenario.name,
    Column("Passe", "passe", CellType.FLAG): lambda one: one[1].passed,
    Column("Ligne", "ligne", CellType.NUMBER): lambda one: _line(one[2], one[3]),
    Column("Quand", "quand", CellType.EXACT_INSTANT): lambda one: one[2].at if one[2] else None,
    Column("Lead", "lead"): lambda one: (one[2] or one[3] or _NOBODY).lead,
    Column("Ce qui arrive", "arrive"): lambda one: _thread(one[2], "text"),
    Column("Pourquoi", "pourquoi"): lambda one: _thread(one[2], "reason"),
    Column("Sorte", "sorte"): lambda one: _thread(one[2], "kind"),
    Column("Campagne", "campagne"): lambda one: _thread(one[2], "campaign"),
    Column("Attendu", "attendu"): lambda one: one[3].text if one[3] else None,
    Column("Ce qui ne va pas", "message"): lambda one: one[3].message if one[3] else None,
    Column("Trouvé", "trouve", CellType.LINES): lambda one: one[3].found if one[3] else (),
}


def _line(played: PlayedLine | None, failure: Failure | None) -> int | None:
    return played.line if played else failure.line if failure else None


def _thread(played: PlayedLine | None, name: str) -> str | None:
    return getattr(played.thread, name) if played and played.thread else None


def _courses(workspace: Workspace, results: Sequence[ScenarioResult]) -> Report:
    """Each line of each scenario and all that happened, in order, a row each."""
    rows = [row for one in results for row in _course(workspace.shown(one.scenario.file), one)]
    return report("Déroulé des scénarios", _COURSE, rows, empty="Aucun scénario.")


def _course(file: str, one: ScenarioResult) -> Iterator[_Row]:
    failures = {failure.line: failure for failure in one.failures}
    for played in one.course:
        failed = failures.pop(played.line, None) if played.line is not None else None
        yield file, one, played, failed
    for failure in failures.values():  # a lead that could not be made has no course
        yield file, one, None, failure
    if not one.course and not one.failures:
        yield file, one, None, None


def _refuse_several(workspace: Workspace) -> None:
    if workspace.whole or len(workspace.asked) != 1:
        raise CommandStop(
            MISUSED, "«\u00a0--suite\u00a0» se joue à la fin d’un seul script : nommez-le."
        )


def _refuse_errors(workspace: Workspace) -> None:
    if has_errors(workspace):
        show_diagnostics(workspace, workspace.faults)
        raise CommandStop(WRONG, "Des scripts sont en erreur : les scénarios n’ont pas été joués.")


def _tell(workspace: Workspace, results: Sequence[ScenarioResult], *, course: bool) -> None:
    shown = _courses(workspace, results) if course else _report(workspace, results)
    tell(shown, workspace.settings.zone, as_json=True)
    if not all(one.passed for one in results):
        raise CommandStop(WRONG, "")


def _follow(workspace: Workspace, *, course: bool) -> None:
    """Each text that is read, the project being read but once: who gives the next waits for the answer."""
    passed = True
    for text, ended in _texts():
        continued, first = _continued(workspace, text)
        _refuse_errors(continued)
        results = asyncio.run(_play(continued, first, follows=course))
        if not ended:
            _tell(continued, results, course=course)
            break
        with suppress(CommandStop):
            _tell(continued, results, course=course)
        passed = passed and all(one.passed for one in results)
        sys.stdout.write(_END)
        sys.stdout.flush()
    if not passed:
        raise CommandStop(WRONG, "")


def _texts() -> Iterator[tuple[str, bool]]:
    """What is read on the entry: one text, or several, each of which a line of its own ends."""
    read: list[str] = []
    several = False
    for line in sys.stdin:
        if line == _END:
            several = True
            yield "".join(read), True
            read = []
        else:
            read.append(line)
    if read or not several:
        yield "".join(read), False


def _continued(workspace: Workspace, text: str) -> tuple[Workspace, int]:
    """The same, its script having that text as its end; the number of the first line of that."""
    (name,) = workspace.asked
    source = workspace.sources[name].rstrip("\n") + "\n\n"
    sources = {**workspace.sources, name: source + text}
    return replace(workspace, sources=sources), source.count("\n") + 1


def _report(workspace: Workspace, results: Sequence[ScenarioResult]) -> Report:
    """Each scenario in a row, or in as many as it has lines that do not hold."""
    rows = [
        (workspace.shown(one.scenario.file), one, failure)
        for one in results
        for failure in (one.failures or (None,))
    ]
    return report("Scénarios", _PLAYED, rows, empty="Aucun scénario.")


async def _play(workspace: Workspace, first: int, *, follows: bool) -> Sequence[ScenarioResult]:
    asked = frozenset(workspace.asked)

    def wanted(scenario: CheckedScenario) -> bool:
        return scenario.file in asked and scenario.line >= first

    return await run_scenarios(
        workspace.checked,
        workspace.plugins,
        workspace.settings.zone,
        wanted=wanted,
        people=workspace.plugins.people(workspace.files),
        currency=workspace.settings.currency,
        region=workspace.settings.region,
        files=workspace.files,
        sections=workspace.settings.plugins,
        works=workspace.settings.calendar.works,
        consent=workspace.settings.consent.asked,
        follows=follows,
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
