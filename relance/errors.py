"""What can go wrong between the host and a plugin.

RelanceError
├── ContractError          a plugin does not keep the contract; the host refuses to load it
│   ├── WrongContract      it was written for another version
│   ├── PhraseCollision    two phrases read the same
│   └── BadPhrase          no example, no help, an example that reads as something else…
├── ConfigurationError     a setting is missing or wrong; the message is French, for the operator
├── NetworkRefused         the guarded network will not connect there
├── StoreUnavailable       nothing can be written now (disk full); callers answer « later »
└── Unacceptable           what the outside sent cannot be stored as it is; nothing of it was

An author's mistake in a script is none of these: it is a `dsl.diagnostics.Diagnostic`, a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class RelanceError(Exception):
    """Any error of Relance's own."""


class ContractError(RelanceError):
    """A plugin does not keep the contract. `plugin` names it."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"L’extension « {plugin} » ne peut pas être chargée : {reason}")
        self.plugin = plugin
        self.reason = reason


class WrongContract(ContractError):
    """A plugin was written for another version of the contract."""


class PhraseCollision(ContractError):
    """Two phrases read the same."""


class BadPhrase(ContractError):
    """A phrase lacks what the catalogue owes its readers."""


class ConfigurationError(RelanceError):
    """A setting is missing or wrong; `key`: which, of the section being read, when it is one."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class NetworkRefused(RelanceError):
    """The guarded network will not connect there."""


class StoreUnavailable(RelanceError):
    """Nothing can be written now; try again later."""


def in_pointer(name: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be stored. `pointer` is a JSON pointer into what came; `message` is French."""

    pointer: str
    message: str


class Unacceptable(RelanceError):
    """What came cannot be stored as it is; nothing of it was.

    A route's handler may raise it: the caller is answered with the problems (RFC 9457, 422), or,
    on a `conflict` with what is stored already, 409.
    """

    def __init__(self, problems: Sequence[Problem], *, conflict: bool = False) -> None:
        super().__init__("; ".join(f"{item.pointer} {item.message}" for item in problems))
        self.problems = tuple(problems)
        self.conflict = conflict
