"""Identity: the name of a statement that survives edits elsewhere in the script.

A step is known by its name; any other statement by its phrase and values, and which of the same
it is in its branch. A branch is known by the statement that opens it and by its own condition.
What an author tunes without changing the meaning (a limit, a number of times) stays outside.
"""

from collections import Counter
from hashlib import sha256

from dsl.compile.text import condition_text
from dsl.tree import nodes
from relance.fold import fold, identifier_of, loose_key

_LONGEST = 120


def label(statement: nodes.Statement) -> str:
    """What a statement is, its place aside."""
    if isinstance(statement, nodes.Do):
        return phrase_label(statement.use)
    if isinstance(statement, nodes.If):
        return f"si({_short(loose_key(condition_text(statement.branches[0][0])))})"
    if isinstance(statement, nodes.WaitBlock):
        first = statement.branches[0].condition if statement.branches else None
        return f"attendre({_short(loose_key(condition_text(first))) if first else ''})"
    if isinstance(statement, nodes.WaitThat):
        return f"attendre({_short(loose_key(condition_text(statement.condition)))})"
    if isinstance(statement, nodes.StepMark):
        return step_key(statement.name.text)
    if isinstance(statement, nodes.GoTo):
        return f"aller({identifier_of(statement.step.text)})"
    if isinstance(statement, nodes.Repeat):
        return "répéter"
    if isinstance(statement, nodes.Quit):
        return f"sortir({identifier_of(statement.outcome.text) if statement.outcome else ''})"
    return f"répartir({identifier_of(statement.name.text) if statement.name else ''})"


def step_key(name: str) -> str:
    """The key of a named step."""
    return f"étape:{identifier_of(name)}"


def phrase_label(use: nodes.PhraseUse) -> str:
    """A phrase and its values."""
    values = ",".join(fold(text.text) for _, text in use.slots)
    return f"{use.phrase.id if use.phrase else '?'}({_short(values)})"


class Keys:
    """Gives the statements of one branch their keys."""

    def __init__(self, branch: str = "") -> None:
        self._branch = branch
        self._seen: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()

    def next(self, what: str) -> str:
        """The key of the next statement labelled `what`."""
        if what.startswith("étape:"):
            return what
        self._seen[what] += 1
        return f"{self._branch}{what}#{self._seen[what]}"

    def inside(self, key: str, branch: str) -> "Keys":
        """The keys of a branch of the statement known by `key`."""
        place = f"{key}/{loose_key(branch)}"
        self._inside[place] += 1
        if self._inside[place] > 1:
            place = f"{place}#{self._inside[place]}"
        return Keys(f"{_hash(place)}:")


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 13]}~{_hash(text)}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
