"""The sites whose forms were refused, or hid where they come from: the operator's to know.

A visitor's browser is told why; nobody else would be. A stranger chooses what is written here, so
little of it is kept.
"""

import logging

from relance.provenance import HIDDEN

log = logging.getLogger("relance.http")

_MOST = 20
_LONGEST = 200


class Senders:
    """Remembers, since the start, what the operator may have to mend in a site or a setting."""

    def __init__(self) -> None:
        #: Sites that « origines » does not name, and how many of their posts were refused.
        self.strangers: dict[str, int] = {}
        #: Forms, by name, posted by pages that hide their site, and how often.
        self.hidden: dict[str, int] = {}

    def refused(self, origin: str) -> None:
        """A page of that site was refused."""
        if origin == HIDDEN or not _count(self.strangers, origin):
            return
        log.warning(
            "un formulaire de %s a été refusé\u00a0: ajoutez ce site à «\u00a0origines\u00a0» de "
            "[formulaires] s’il est à vous",
            origin,
        )

    def hid(self, form: str) -> None:
        """A page that hides its site posted that form, which was taken."""
        if _count(self.hidden, form):
            log.warning(
                "le formulaire «\u00a0%s\u00a0» est envoyé par une page qui cache son site\u00a0: il "
                "est reçu, sans être joint aux visites. Donnez à cette page "
                "«\u00a0Referrer-Policy: strict-origin-when-cross-origin\u00a0»",
                form,
            )


def _count(among: dict[str, int], name: str) -> bool:
    """Count one more; whether it is the first of that name, and there was room for it."""
    if name not in among and (len(among) >= _MOST or not _sober(name)):
        return False
    among[name] = among.get(name, 0) + 1
    return among[name] == 1


def _sober(name: str) -> bool:
    """Whether a stranger's words may stand in a log as they are."""
    return len(name) <= _LONGEST and name.isprintable()
