"""Why something was decided, in the words of who decides: one limit, whatever the door."""

from server.engine.life.journal import LONGEST_WHY
from server.reports import french

#: How long it may be, as fields and options say it.
AT_MOST = f"{french.number(LONGEST_WHY)} caractères au plus"


def too_long(why: str) -> str:
    """Why a reason is refused; empty when it is not."""
    if len(why) <= LONGEST_WHY:
        return ""
    return f"La raison compte {AT_MOST}, et celle-ci {french.number(len(why))}."
