"""Steps: each has its name once in a campaign, and a jump never lands inside a block from outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dsl.check.findings import Findings
from dsl.check.names import KnownName, Names
from dsl.check.naming import well_named
from dsl.check.references import References
from dsl.diagnostics import RelatedPlace
from dsl.tree import nodes
from relance.french import quoted

#: The blocks a statement stands in, outermost first, each by (position of its owner, branch).
Path = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Steps:
    """The steps of one campaign."""

    names: Names = field(default_factory=Names)
    _marks: dict[str, tuple[nodes.StepMark, Path]] = field(default_factory=dict)
    _jumps: dict[int, Path] = field(default_factory=dict)

    def gather(self, body: Sequence[nodes.Statement], findings: Findings) -> None:
        """Note every step and every jump of a body."""
        for statement, path in walk(body):
            if isinstance(statement, nodes.GoTo):
                self._jumps[id(statement)] = path
            elif isinstance(statement, nodes.StepMark):
                self._mark(statement, path, findings)

    def _mark(self, mark: nodes.StepMark, path: Path, findings: Findings) -> None:
        if not well_named(mark.name, findings):
            return
        found = self.names.find(mark.name.text)
        if isinstance(found, KnownName):
            first = self._marks[found.name][0]
            findings.error(
                "R403",
                mark.name.span,
                f"Deux étapes s’appellent {quoted(found.name)} : donnez un autre nom à celle-ci.",
                notes=(RelatedPlace(first.span, "la première est ici"),),
            )
            return
        self.names.add(mark.name.text)
        self._marks[mark.name.text] = (mark, path)

    def name_of(self, mark: nodes.StepMark) -> str:
        """The name of a step as first written."""
        found = self.names.find(mark.name.text)
        return found.name if isinstance(found, KnownName) else mark.name.text

    def target(self, jump: nodes.GoTo, references: References, findings: Findings) -> str | None:
        """The step a jump goes to; what is wrong is reported."""
        name = references.among(self.names, "étape", jump.step, findings, "R304")
        if name is None:
            return None
        mark, path = self._marks[name]
        if self._jumps.get(id(jump), ())[: len(path)] != path:
            findings.error(
                "R404",
                jump.span,
                f"L’étape {quoted(name)} est à l’intérieur d’un bloc : on n’y entre pas par un saut. "
                "Placez l’étape hors du bloc, ou le saut dans le même bloc.",
                notes=(RelatedPlace(mark.span, "l’étape est ici"),),
            )
            return None
        return name


def walk(
    body: Sequence[nodes.Statement], path: Path = ()
) -> Iterator[tuple[nodes.Statement, Path]]:
    """Every statement of a body with the blocks it stands in."""
    for position, statement in enumerate(body):
        yield statement, path
        for branch, inner in enumerate(blocks(statement)):
            yield from walk(inner, (*path, (position, branch)))


def blocks(statement: nodes.Statement) -> tuple[Sequence[nodes.Statement], ...]:
    """The bodies a statement holds."""
    if isinstance(statement, nodes.If):
        return (*(body for _, body in statement.branches), statement.otherwise or ())
    if isinstance(statement, nodes.WaitBlock):
        return (*(branch.body for branch in statement.branches), statement.timeout or ())
    if isinstance(statement, nodes.Repeat):
        return (statement.body,)
    if isinstance(statement, nodes.SplitBlock):
        return tuple(share.body for share in statement.shares)
    return ()
