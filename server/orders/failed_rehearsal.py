"""What is answered to who would publish a draft of which a scenario fails."""

from collections.abc import Sequence

from server.orders.declined import Declined, Gesture
from server.rehearsal.draft_rehearsal import DraftRehearsal

#: Of those that fail, how many are shown with what was expected.
_SHOWN = 10


def refusal(found: DraftRehearsal) -> Declined | None:
    """Why the draft must not be published; None when it may."""
    if found.passes:
        return None
    return Declined(
        "\n".join([*_lines(found), "Corrigez le script ou le scénario, puis recommencez : "]),
        *(Gesture.REPLAY, " montre tout ce qui arrive. Qui administre peut passer outre, en "),
        *("disant pourquoi : ", Gesture.DESPITE),
        ".",
        about="malgre_scenarios",
    )


def _lines(found: DraftRehearsal) -> Sequence[str]:
    lines = [f"{found.headline} Rien n’a été publié."]
    for one in found.failed[:_SHOWN]:
        lines += [one.where, *(f"    {each}" for each in one.lines)]
    if (rest := len(found.failed) - _SHOWN) > 0:
        lines.append(f"Et {rest} de plus.")
    return lines
