"""Who does something, and from where: what the audit log says of each deed."""

import re
from dataclasses import dataclass

from relance.access_role import AccessRole

_LONGEST_BROWSER = 200
#: How an account is named: its name may change, its address does not.
_ADDRESS = re.compile(r"<([^<>]+)>$")


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a request comes from: its address, and what the browser says it is."""

    address: str = ""
    browser: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "browser", self.browser[:_LONGEST_BROWSER])


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program, or the server itself.

    `roles`: their rights; None of a command, whose account of the machine has none. `behind`: of a
    program, whoever made its token.
    """

    who: str
    origin: str
    roles: frozenset[AccessRole] | None = None
    behind: str = ""

    @property
    def name(self) -> str:
        """Who that is, as people are called: without an address."""
        return _ADDRESS.sub("", self.who).strip() or self.who

    @property
    def person(self) -> str:
        """Who that is whatever they are called, by a session as by a token of their making."""
        name = self.behind or self.who
        found = _ADDRESS.search(name)
        return found[1].casefold() if found else name


#: What nobody in particular asked for.
SERVER = Actor("Relance", "serveur")


def by_command(account: str) -> Actor:
    """Whoever gives commands on the machine, under that account of it."""
    return Actor(f"{account or 'compte inconnu'} (ligne de commande)", "cette machine")
