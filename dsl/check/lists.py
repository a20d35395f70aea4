"""Dynamic lists: « liste « Inactifs » : … », whose members are those for whom a condition holds.

Until the engine keeps their members, a use of such a list is replaced by its condition.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from dsl.check.findings import Findings
from dsl.check.naming import well_named
from dsl.help.wording import listed
from dsl.tree.nodes import ListLine
from relance.facts import All, Condition, InList
from relance.fold import key_of
from relance.french import quoted

#: Binds the condition of a list of some file.
Bind = Callable[[ListLine, Findings], Condition]


@dataclass(frozen=True, slots=True)
class ListDeclaration:
    """A dynamic list and the condition of its members."""

    name: str
    condition: Condition


@dataclass(slots=True)
class _Entry:
    line: ListLine
    findings: Findings
    condition: Condition | None = None
    broken: bool = False


@dataclass(slots=True)
class ListChecker:
    """The dynamic lists of a project, bound on first use."""

    bind: Bind | None = None
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def declare(self, line: ListLine, findings: Findings) -> None:
        """Take in a « liste » line."""
        if not well_named(line.name, findings):
            return
        key = key_of(line.name.text)
        known = self._entries.get(key)
        if known is None:
            self._entries[key] = _Entry(line, findings)
            return
        findings.error(
            "R318",
            line.name.span,
            f"La liste {quoted(line.name.text)} est déjà déclarée dans {known.findings.file}, ligne "
            f"{known.findings.line(known.line.span)}. Donnez un autre nom à celle-ci.",
        )

    def __contains__(self, name: str) -> bool:
        return key_of(name) in self._entries

    def declared(self, only: Container[str] | None = None) -> tuple[ListDeclaration, ...]:
        """Every list, bound, or those of some files; those with an error are left out."""
        found = [
            (entry, self._condition(key, entry))
            for key, entry in self._entries.items()
            if only is None or entry.findings.file in only
        ]
        return tuple(
            ListDeclaration(entry.line.name.text, condition)
            for entry, condition in found
            if not entry.broken
        )

    def refer(self, fact: Condition, findings: Findings) -> Condition:
        """The fact itself, once the list it may ask about is known to be sound.

        What rests on a list with an error is broken too, though reported once, where the list is.
        """
        entry = self._entries.get(key_of(fact.name)) if isinstance(fact, InList) else None
        if entry is not None:
            self._condition(key_of(entry.line.name.text), entry)
            if entry.broken:
                findings.fault()
        return fact

    def _condition(self, key: str, entry: _Entry) -> Condition:
        if entry.condition is not None:
            return entry.condition
        if key in self._open:
            self._circular(key)
            return All(())
        if self.bind is None:
            return All(())
        faults = entry.findings.faults
        self._open.append(key)
        entry.condition = self.bind(entry.line, entry.findings)
        self._open.pop()
        entry.broken = entry.broken or entry.findings.faults > faults
        return entry.condition

    def _circular(self, key: str) -> None:
        circle = self._open[self._open.index(key) :]
        # Whichever was asked about first, it is told of the same list.
        first = min(range(len(circle)), key=lambda at: list(self._entries).index(circle[at]))
        circle = [*circle[first:], *circle[:first]]
        path = [self._entries[one].line.name.text for one in circle]
        for one in circle:
            self._entries[one].broken = True
        entry = self._entries[circle[-1]]
        entry.findings.error(
            "R319",
            entry.line.span,
            f"Les listes {listed(path, 'et')} dépendent l’une de l’autre : personne ne peut dire "
            "qui en est membre."
            if len(path) > 1
            else f"La liste {quoted(path[0])} dépend d’elle-même : personne ne peut dire qui en est "
            "membre.",
        )
