"""The remarks of one file as it is being typed: those of `check`, at the price of that file alone.

A file is judged with all the others, of which little is needed: the names they declare, what their
campaigns send, which open names they use. That is kept from the last time each was looked into.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dsl.check.campaigns import CheckedCampaign
from dsl.check.findings import Findings
from dsl.check.lists import ListDeclaration
from dsl.check.project import CheckedProject, Elsewhere, ProjectChecker, ScriptFile
from dsl.check.references import Offered, OpenUse
from dsl.diagnostics import Diagnostic
from dsl.help.misspelt import spellings_of
from dsl.help.proposals import admitted
from dsl.program import Statement
from dsl.project import CheckedProgram, journeys_of, programs_of
from dsl.service.memory import ReadingMemory, ReadScript

DiagnosticsByFile = Mapping[str, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class _Share:
    """What one file brings to the judgement of others, as its text was."""

    text: str
    campaigns: Sequence[CheckedCampaign]
    open_uses: Mapping[str, Sequence[OpenUse]]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found of some files among all; `journeys`: of each campaign found, in order."""

    files: Mapping[str, ScriptFile]
    checked: CheckedProject
    journeys: Sequence[tuple[Statement, ...]]


class RemarkFinder:
    """Finds the remarks of files, again and again."""

    def __init__(self, memory: ReadingMemory) -> None:
        self._memory = memory
        self._shares: dict[str, _Share] = {}
        self._references: Mapping[str, Offered] = {}

    def of(
        self,
        sources: Mapping[str, str],
        references: Mapping[str, Offered],
        asked: Collection[str],
    ) -> DiagnosticsByFile:
        """The remarks of the files asked about; what they propose is accepted in its place."""
        self._refer_to(references)
        scripts = self._memory.scripts(sources)
        changed = {name for name, text in sources.items() if self._unknown(name, text)}
        found = self._found(scripts, {*asked, *changed})
        kept = {name: found[name] for name in asked if name in found}

        def again(amended: Mapping[str, str]) -> DiagnosticsByFile:
            # What is tried is not the project: nothing of it is kept.
            trial = {name: self._memory.tried(name, text) for name, text in amended.items()}
            return self._found({**scripts, **trial}, amended, keep=False)

        return admitted(sources, kept, again, spellings_of(self._memory.catalogue))

    def _refer_to(self, references: Mapping[str, Offered]) -> None:
        if references is not self._references:
            self._references, self._shares = references, {}

    def _unknown(self, name: str, text: str) -> bool:
        share = self._shares.get(name)
        return share is None or share.text != text

    def lists(
        self, sources: Mapping[str, str], references: Mapping[str, Offered], file: str
    ) -> tuple[ListDeclaration, ...]:
        """The dynamic lists that one file declares, with their conditions: those without an error."""
        self.of(sources, references, (file,))
        return self._judged(self._memory.scripts(sources), (file,)).checked.lists

    def programs(
        self, sources: Mapping[str, str], references: Mapping[str, Offered], file: str
    ) -> tuple[CheckedProgram, ...] | None:
        """The campaigns that one file declares, compiled; None when it has an error."""
        self._refer_to(references)
        scripts = self._memory.scripts(sources)
        # Of the others what they bring is needed, of this one all that it says.
        changed = {name for name, text in sources.items() if self._unknown(name, text)}
        if changed - {file}:
            self._found(scripts, changed)
        judged = self._judged(scripts, (file,))
        if judged.files[file].findings.broken:
            return None
        return programs_of(judged.checked, judged.journeys, ())

    def _found(
        self, scripts: Mapping[str, ReadScript], only: Collection[str], *, keep: bool = True
    ) -> DiagnosticsByFile:
        judged = self._judged(scripts, only)
        files, checked = judged.files, judged.checked
        if keep:
            # Gone through once: of ten thousand scripts, each would else go through all.
            campaigns, uses = (
                _campaigns_by_file(checked.campaigns),
                _uses_by_file(checked.open_uses),
            )
            for name in only:
                if name in scripts:
                    mine = campaigns.get(name, []), uses.get(name, {})
                    self._shares[name] = _Share(scripts[name].text, *mine)
        return {name: files[name].findings.all() for name in only if name in files}

    def _judged(self, scripts: Mapping[str, ReadScript], only: Collection[str]) -> _Judged:
        files = {name: _file(one) for name, one in scripts.items()}
        others = [self._shares[name] for name in scripts if name not in only]
        checker = ProjectChecker(
            files.values(), self._memory.lexicon, self._references, only, _elsewhere(others)
        )
        checked = checker.check()
        return _Judged(files, checked, journeys_of(checked))


def _file(script: ReadScript) -> ScriptFile:
    parsed = script.reading.parsed
    return ScriptFile(parsed.script, Findings(script.name, script.text, parsed.diagnostics))


def _elsewhere(others: Sequence[_Share]) -> Elsewhere:
    uses: dict[str, list[OpenUse]] = {}
    for one in others:
        for kind, several in one.open_uses.items():
            uses.setdefault(kind, []).extend(several)
    return Elsewhere([each for one in others for each in one.campaigns], uses)


def _campaigns_by_file(
    campaigns: Iterable[CheckedCampaign],
) -> Mapping[str, list[CheckedCampaign]]:
    found: dict[str, list[CheckedCampaign]] = {}
    for one in campaigns:
        found.setdefault(one.findings.file, []).append(one)
    return found


def _uses_by_file(
    uses: Mapping[str, Sequence[OpenUse]],
) -> Mapping[str, dict[str, list[OpenUse]]]:
    """By file, then by kind, in the order they have."""
    found: dict[str, dict[str, list[OpenUse]]] = {}
    for kind, several in uses.items():
        for one in several:
            found.setdefault(one[1].file, {}).setdefault(kind, []).append(one)
    return found
