"""The publication that waits for another person, as every page knows it without asking the base."""

from dataclasses import dataclass, field

from relance.errors import StoreUnavailable
from server.orders.outcomes import Outcomes
from server.publication import requests
from server.store.store import Store


@dataclass(slots=True)
class AwaitedRequest:
    """Its number, None where none waits, and who asked for it, who may not agree to it."""

    number: int | None = None
    person: str = ""
    #: What came of publications that followed by themselves, for who confirmed them.
    outcomes: Outcomes = field(default_factory=Outcomes)

    async def look(self, store: Store) -> None:
        """Know it as it is now: asked whenever one was made, or answered."""
        try:
            async with store.read() as conn:
                one = await requests.waiting(conn)
        except StoreUnavailable:
            return  # a mark of the menu is all that is late
        self.number = None if one is None else one.number
        self.person = "" if one is None else one.wished.person

    def awaits(self, person: str) -> bool:
        """Whether it is for that person to answer, who publishes."""
        return self.number is not None and self.person != person
