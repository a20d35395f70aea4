"""Visitors who keep posting the form and remember every answer they got."""

import threading
from collections.abc import Iterator
from itertools import count

import httpx

from tests.crash.history import History


class Visitors:
    """A few threads posting one new address after another; `acknowledged` holds the 2xx."""

    def __init__(
        self,
        url: str,
        numbers: Iterator[int],
        *,
        threads: int = 4,
        rest: float = 0.0,
        patience: float = 5.0,
        history: History | None = None,
    ) -> None:
        """How long each waits between two, and for an answer, in seconds; `history` is told of each."""
        self.acknowledged: set[str] = set()
        #: How the others were answered.
        self.refused: list[str] = []
        self._url = f"{url}/webhooks/forms/Inscription"
        self._numbers = numbers
        self._rest, self._patience, self._history = rest, patience, history
        self._stopping, self._answered = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(threads)]

    def _visit(self) -> None:
        with httpx.Client(timeout=self._patience) as client:
            while not self._stopping.wait(self._rest):
                number = next(self._numbers)
                address = f"visiteur{number}@exemple{number % 97}.example"
                self._note(address)
                try:
                    answer = client.post(self._url, data={"courriel": address, "nom": "Tremblay"})
                except httpx.TransportError as error:
                    self.refused.append(repr(error))
                    self._note(address, "unknown")
                    self._stopping.wait(0.01)
                    continue
                self._note(address, "ok" if answer.is_success else "failed")
                if answer.is_success:
                    self.acknowledged.add(address)
                    self._answered.set()
                else:
                    self.refused.append(answer.text)

    def _note(self, address: str, outcome: str = "") -> None:
        if self._history is not None:
            self._history.note(address, "form", self._url, outcome)

    def wait_answered(self, timeout: float) -> None:
        """Until somebody was answered, or the time is over."""
        self._answered.wait(timeout)

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()


def numbers() -> Iterator[int]:
    """Visitors' numbers, shared by every round (`itertools.count` is atomic in CPython)."""
    return count()
