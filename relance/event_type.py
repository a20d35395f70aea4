"""Event types: what a plugin knows to happen to leads, and who may say that it did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event. `name` is French, as people read it: « panier payé ».

    `public`: a site or another program may post it (`/webhooks/events`), by its type or by its
    French name; the others only the plugin itself records. `told_by` names the channel that tells
    such an event of each message it hands over, its subject the message's name: scenarios, where
    nothing leaves, tell it in its place. `worth` says what its property « montant » is: 1 what
    the lead gave, -1 what was given back to it, 0 nothing that is summed.
    """

    type: str
    name: str
    help: str
    public: bool = False
    told_by: str | None = None
    worth: int = 0
