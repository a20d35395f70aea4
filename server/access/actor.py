"""Who does something, and from where: what the audit log says of each deed."""

from dataclasses import dataclass

_LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a request comes from: its address, and what the browser says it is."""

    address: str = ""
    browser: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "browser", self.browser[:_LONGEST_BROWSER])


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program, or the server itself."""

    who: str
    origin: str


#: What nobody in particular asked for.
SERVER = Actor("Relance", "serveur")


def by_command(account: str) -> Actor:
    """Whoever gives commands on the machine, under that account of it."""
    return Actor(f"{account or 'compte inconnu'} (ligne de commande)", "cette machine")
