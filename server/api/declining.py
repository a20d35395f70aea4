"""Why an order is refused, in the words of the API: its own members and addresses, and no option."""

from collections.abc import Mapping

from server.api.asking import Misasked
from server.orders.declined import Declined, Gesture, Words

WORDS: Words = {
    Gesture.ACTIVATE: "«\u00a0POST …/activate\u00a0»",
    Gesture.RESUME: "«\u00a0POST …/resume\u00a0»",
    Gesture.RESTORE: "«\u00a0POST …/restore\u00a0»",
    Gesture.SEE_LATE: "«\u00a0GET …/overdue\u00a0»",
    Gesture.CHOOSE_LATE: (
        '"en_retard": "all" (tout de suite), "spread" avec "secondes" (étalé sur cette durée), "skip" '
        'avec "secondes" (les envois plus vieux ne partent pas) ou "shift" (tout est repoussé de la '
        "durée de la pause)"
    ),
    Gesture.ALLOW: '"autoriser":',
    Gesture.OVER: '"sur":',
    Gesture.KEEP: '"keep" dans "sorts" pour',
    Gesture.MIGRATE: '"migrate" pour',
    Gesture.LET_GO: '"leave" pour',
    Gesture.TRY: '"trial"',
    Gesture.REPLAY: "la page des scénarios d’un script",
    Gesture.DESPITE: '"malgre_scenarios": true, avec "note", par une session',
}
#: The members that say the arguments of orders which are not called alike.
_MEMBERS: Mapping[str, str] = {"comment": "en_retard", "duree": "secondes"}


def misasked(declined: Declined) -> Misasked:
    """That refusal, at the member that is to be said, or said otherwise."""
    member = _MEMBERS.get(declined.about, declined.about)
    return Misasked("refuse", f"/{member}" if member else "", declined.in_words(WORDS))
