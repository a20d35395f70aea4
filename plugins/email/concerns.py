"""What keeps messages from leaving as things are set: a sender nobody named."""

from collections.abc import Sequence
from functools import lru_cache

from plugins.email.messages import ALERTS, MESSAGES
from plugins.email.settings import EmailSettings
from relance.concern import Concern, Gravity
from relance.project_files import ProjectFiles

_REMEDY = (
    'Ajoutez à [email] dans relance.toml : expediteur = "La Boutique <bonjour@boutique.ca>", '
    "puis relancez le serveur."
)


@lru_cache(maxsize=2)
def _unsigned(files: ProjectFiles) -> tuple[int, tuple[str, ...]]:
    """How many messages there are, and which name no sender: asked at each look at the health of a server."""
    ready = [one for one in (*MESSAGES.of(files), *ALERTS.of(files)) if one.template]
    names = (one.name for one in ready if one.template and one.template.sender is None)
    return len(ready), tuple(names)


def concerns(files: ProjectFiles, settings: EmailSettings) -> Sequence[Concern]:
    """What is wrong with the section, given the messages of the project."""
    if settings.sender is not None:
        return ()
    ready, without = _unsigned(files)
    if not without:
        return ()
    if len(without) == ready:
        gravity, fact = (
            Gravity.STOPPED,
            "Aucun courriel ne peut partir : ils n’ont pas d’expéditeur.",
        )
    else:
        gravity, fact = Gravity.IMPAIRED, "Des courriels ne peuvent pas partir, faute d’expéditeur."
    return (Concern("email.expediteur", gravity, fact, _REMEDY, tuple(without)),)
