"""What one of several processes of a server is to do, as the operator says it."""

from enum import StrEnum

from relance.errors import ConfigurationError
from relance.french import quoted


class ProcessRole(StrEnum):
    """What a process does, among others."""

    #: Forms, events and links.
    RECEIVE = "recevoir"
    #: Moving leads.
    MOVE = "avancer"
    #: Sending; and being the first, whenever nobody is: it publishes, follows the calendar, has the pages.
    SEND = "envoyer"


#: What the first does, which is all.
FIRST = ",".join(ProcessRole)
#: What a process says that it does while it waits for the first's place, to be another release's.
WAITS = "attendre"


def roles_of(said: str) -> frozenset[ProcessRole]:
    """The roles in a list with commas. Raises `ConfigurationError`."""
    words = [word.strip().lower() for word in said.split(",") if word.strip()]
    known = ", ".join(one.value for one in ProcessRole)
    for word in words:
        if word not in {one.value for one in ProcessRole}:
            raise ConfigurationError(
                f"{quoted(word)} n’est pas un rôle. Les rôles sont\u00a0: {known}."
            )
    if not words:
        raise ConfigurationError(f"Dites au moins un rôle\u00a0: {known}.")
    return frozenset(map(ProcessRole, words))
