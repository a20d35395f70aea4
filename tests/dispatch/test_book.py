"""What was noted as messages left tells, after an abrupt stop, which of them are in doubt."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from relance.channel import Doubt, Limits, Message, Outcome, Refused, Sent
from relance.events import NewEvent
from relance.testing import FakeChannel
from server.dispatch.book import Book, attempt_of
from server.dispatch.claims import message_key
from server.dispatch.dispatch import Dispatch
from tests.dispatch.outbox import Noticed, Outbox

ANNOUNCED = Limits(announced=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "envois"


class Dead:
    """A process that was sending one message, and the book it left."""

    def __init__(self, outbox: Outbox, intake: Noticed, path: Path, boot: str = "one") -> None:
        self.outbox, self.path = outbox, path
        self.book = Book(path, boot)
        self.book.begin()
        self.channel = FakeChannel("email", limits=ANNOUNCED, doubt=Doubt.HOLD)
        self._intake = intake

    async def sending(self) -> str:
        await self.outbox.put(1, state="sending", attempts=1)
        (row,) = await self.outbox.rows()
        key = tuple(row[n] for n in ("lead_id", "campaign_id", "entry", "move", "ordinal"))
        return attempt_of("email", message_key(key, row["created_at"]), 1)

    async def comes_back(self, boot: str = "one") -> int:
        again = Dispatch(
            self.outbox.store,
            self.outbox.clock,
            [self.channel],
            self._intake,
            book=Book(self.path, boot),
        )
        doubts = await again.recover()
        await again.drain()
        await again.close()
        return doubts


@pytest.fixture
def dead(outbox: Outbox, intake: Noticed, path: Path) -> Dead:
    return Dead(outbox, intake, path)


async def test_what_was_accepted_is_sent_and_its_events_are_told(dead: Dead) -> None:
    attempt = await dead.sending()
    dead.book.taken(attempt)
    dead.book.leaving(attempt)
    event = NewEvent("email_sent", "Bienvenue", properties={"message": "é"})
    dead.book.answered(attempt, Sent("ref-1", (event,)), dead.outbox.clock.now())
    assert await dead.comes_back() == 0
    (row,) = await dead.outbox.rows()
    assert (row["state"], row["reference"], row["doubted_at"]) == ("sent", "ref-1", None)
    assert [kind for _, kind, _ in await dead.outbox.events()] == ["email_sent"]
    assert dead.channel.attempts == []


async def test_what_had_not_begun_to_leave_leaves_without_a_doubt(dead: Dead) -> None:
    dead.book.taken(await dead.sending())
    assert await dead.comes_back() == 0
    (row,) = await dead.outbox.rows()
    assert (row["state"], row["doubted_at"]) == ("sent", None)
    assert len(dead.channel.sent) == 1


async def test_what_had_begun_to_leave_is_in_doubt(dead: Dead) -> None:
    attempt = await dead.sending()
    dead.book.taken(attempt)
    dead.book.leaving(attempt)
    assert await dead.comes_back() == 1
    assert await dead.outbox.states() == ["doubtful"]


async def test_after_the_machine_itself_stopped_silence_proves_nothing(dead: Dead) -> None:
    dead.book.taken(await dead.sending())
    assert await dead.comes_back("another") == 1
    assert await dead.outbox.states() == ["doubtful"]


async def test_a_channel_that_announces_nothing_leaves_all_in_doubt(dead: Dead) -> None:
    await dead.sending()
    assert await dead.comes_back() == 1


async def test_a_line_cut_short_is_passed_over(dead: Dead) -> None:
    attempt = await dead.sending()
    dead.book.taken(attempt)
    dead.book.leaving(attempt)
    with dead.path.open("ab") as file:
        file.write(b'{"attempt": "' + attempt.encode())
    assert await dead.comes_back() == 1


async def test_a_book_that_cannot_be_written_says_nothing_rather_than_half(
    dead: Dead, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await dead.sending()
    dead.book.taken(attempt)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("server.dispatch.book.os.write", full)
        dead.book.leaving(attempt)
    assert await dead.comes_back() == 1


async def test_while_messages_leave_each_step_is_noted_before_the_next(
    outbox: Outbox, intake: Noticed, path: Path
) -> None:
    seen: list[object] = []

    def send(message: Message) -> Outcome:
        def noted() -> object:
            (one,) = Book(path, "one").read().values()
            return one.certain, one.left, one.accepted is not None

        seen.append(noted())
        message.leaving()
        seen.append(noted())
        return Sent("ref")

    channel = FakeChannel("email", limits=ANNOUNCED, otherwise=send)
    await outbox.put(1)
    sender = Dispatch(outbox.store, outbox.clock, [channel], intake, book=Book(path, "one"))
    await sender.recover()
    await sender.drain()
    assert seen == [(True, False, False), (True, True, False)]
    (one,) = Book(path, "one").read().values()
    assert one.accepted == Sent("ref")


def test_the_book_keeps_only_what_is_not_settled(path: Path) -> None:
    book = Book(path, "one")
    book.begin()
    book.taken("open")
    for number in range(12_000):
        book.taken(f"{number} {'x' * 100}")
        book.settled(f"{number} {'x' * 100}")
    assert path.stat().st_size < 1_100_000
    assert "open" in Book(path, "one").read()


def test_a_refusal_is_not_noted(path: Path, outbox: Outbox) -> None:
    book = Book(path, "one")
    book.begin()
    book.answered("one", Refused("non"), outbox.clock.now())
    assert Book(path, "one").read() == {}


def test_a_message_handed_to_another_process_announces_nothing(path: Path) -> None:
    heard: list[bool] = []
    message = Message("k", "m", 1, "a@b.ca", {}, "c", 1, datetime(2026, 1, 1, tzinfo=UTC))
    message = replace(message, score=3, leaving=lambda: heard.append(True))
    there = pickle.loads(pickle.dumps(message))
    there.leaving()
    assert (there, there.score, heard) == (message, 3, [])
