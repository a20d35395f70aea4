"""What each phrase on calls to other programs means."""

from relance.effects import Emit
from relance.events import EventPattern

MEANINGS = {
    "calls.call": [("Appeler (comptabilité)", (Emit("call_requested", "comptabilité"),))],
    "calls.called": [
        ("Appel à (comptabilité) demandé", EventPattern("call_requested", "comptabilité")),
    ],
}
