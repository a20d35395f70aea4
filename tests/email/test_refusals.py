"""What servers answer, word for word: only « nobody is there » stops us from writing for good."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugins.email.bounces import HARD, SOFT, about_sender, kind_of
from plugins.email.channel import EmailChannel
from relance.channel import Message, Refused
from relance.reach import Suppress
from relance.testing import FakeHost
from tests.email.sink import Sink

Build = Callable[..., Message]
THEIRS, OURS = "aline@exemple.ca", "bonjour@lapetiteroue.example"
ABOUT_US = "nous"


def answers() -> Iterator[tuple[str, str]]:
    """The verdict and the answer, of each line of the collection."""
    lines = (Path(__file__).parent / "refus" / "reponses.txt").read_text(encoding="utf-8")
    for line in lines.splitlines():
        if line and not line.startswith("#"):
            verdict, answer = line.split(maxsplit=1)
            yield verdict, answer.replace("{elle}", THEIRS).replace("{nous}", OURS)


@pytest.mark.parametrize(("verdict", "answer"), list(answers()))
def test_an_answer_says_whose_fault_it_is_and_for_how_long(verdict: str, answer: str) -> None:
    assert kind_of("", answer, [OURS], THEIRS) == (HARD if verdict == HARD else SOFT)
    if verdict != SOFT:
        assert about_sender(answer, [OURS], THEIRS) == (verdict == ABOUT_US)


async def test_a_refusal_of_our_domain_costs_no_lead_its_address(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    for answer in (
        f"550 <{OURS}>: Sender address rejected: Domain not found",
        f"550 5.1.1 <{OURS}>: Sender address rejected: User unknown in local recipient table",
        f"550 {OURS}: user unknown",
    ):
        sink.answer_to["RCPT"] = answer
        outcome = await channel.send(message())
        assert isinstance(outcome, Refused)
        assert outcome.events[0].properties["genre"] == SOFT
        assert outcome.reach == ()


async def test_a_server_that_has_not_heard_the_recipient_cannot_mean_it(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    sink.answer_to["MAIL"] = "550 5.1.1 user unknown"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert (outcome.events, outcome.reach) == ((), ())


async def test_a_dead_mailbox_told_in_french_is_not_written_to_again(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    sink.answer_to["RCPT"] = "550 Utilisateur inconnu"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    (dead,) = outcome.reach
    assert isinstance(dead, Suppress)
    assert dead.address == THEIRS
    assert not dead.asked, "a server's word can be lifted by the operator"
