"""Commands said at once to servers that let us (RFC 2920), one after the other to those that do not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from plugins.email.channel import EmailChannel
from plugins.email.exchange import Exchange
from relance.channel import Doubtful, Message, Outcome, Refused, Retry, Sent

TOGETHER = "250-puits\r\n250-PIPELINING\r\n250 8BITMIME"
AGREED = "250 de\r\n250 pour\r\n354 allez"


@dataclass
class Script:
    """A server that answers by heart: a list a connection, a text for each thing that it hears.

    `heard` is what came at once, by the first word of each line; « » that the other side left.
    """

    connections: list[list[str]] = field(default_factory=list)
    port: int = 0
    greeting: str = TOGETHER
    heard: list[list[str]] = field(default_factory=list)
    over: list[asyncio.Event] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard, answers = list[str](), [self.greeting, *self.connections[len(self.heard)]]
        self.heard.append(heard)
        self.over.append(over := asyncio.Event())
        writer.write(b"220 puits\r\n")
        for answer in (*answers, None):
            said = (await reader.read(65_536)).decode()
            heard.append(" ".join(line[:4] for line in said.splitlines()[:3]))
            if not said or answer is None:
                break
            bits = max(7, len(answer) // 50)
            for at in range(0, len(answer) + 2, bits):  # as a slow network would cut it
                writer.write(f"{answer}\r\n"[at : at + bits].encode())
                await asyncio.sleep(0.001)
        over.set()
        writer.close()


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    made = Script()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.fixture
def send(
    make: Callable[..., EmailChannel], message: Callable[..., Message], script: Script
) -> Callable[[str], "asyncio.Future[Outcome]"]:
    channel = make(port=script.port, delai=1)

    def sent(key: str) -> "asyncio.Future[Outcome]":
        said = message(key=key, leaving=lambda: script.heard[-1].append("leaves"))
        return asyncio.ensure_future(channel.send(said))

    return sent


Send = Callable[[str], "asyncio.Future[Outcome]"]


async def test_what_asks_for_a_message_is_said_at_once_where_the_server_lets_us(
    send: Send, script: Script
) -> None:
    nobody_asked = "250 pris\r\n421 adieu bientôt"
    script.connections = [[AGREED, nobody_asked, AGREED, "250 pris"]]
    assert isinstance(await send("a"), Sent)
    await asyncio.sleep(0.05)
    assert isinstance(await send("b"), Sent)
    each = ["MAIL RCPT DATA", "leaves", "From To:  Subj"]
    assert script.heard == [["EHLO", *each, *each]]


async def test_each_answer_is_waited_for_where_the_server_does_not_let_us(
    send: Send, script: Script
) -> None:
    script.greeting = "250 puits"
    script.connections = [["250 de", "250 pour", "354 allez", "250 pris"]]
    assert isinstance(await send("a"), Sent)
    assert script.heard == [["EHLO", "MAIL", "RCPT", "DATA", "leaves", "From To:  Subj"]]


@pytest.mark.parametrize(
    ("answers", "outcome", "why"),
    [
        ("451 non\r\n503 non\r\n503 non", Retry, "451"),
        ("250 de\r\n550 5.1.1 inconnu\r\n554 personne", Refused, "550"),
        ("250 de\r\n250 pour\r\n451 plus tard", Retry, "451"),
    ],
)
async def test_the_first_refusal_is_the_one_that_counts_and_the_connection_still_serves(
    send: Send, script: Script, answers: str, outcome: type[Outcome], why: str
) -> None:
    script.connections = [[answers, "250 oublié", AGREED, "250 pris"]]
    refused = await send("a")
    assert isinstance(refused, outcome)
    assert why in refused.reason
    assert isinstance(await send("b"), Sent)
    assert script.heard[0][:4] == ["EHLO", "MAIL RCPT DATA", "RSET", "MAIL RCPT DATA"]


async def test_nothing_of_a_message_leaves_where_it_is_asked_for_after_a_refusal(
    send: Send, script: Script
) -> None:
    script.connections = [["250 de\r\n550 5.1.1 inconnu\r\n354 allez"], [AGREED, "250 pris"]]
    assert isinstance(await send("a"), Refused)
    await script.over[0].wait()
    assert script.heard == [["EHLO", "MAIL RCPT DATA", ""]], (
        "it waits for a message nobody is to get"
    )
    assert isinstance(await send("b"), Sent)


async def test_a_kept_connection_whose_server_says_good_bye_is_replaced_at_once(
    send: Send, script: Script
) -> None:
    script.connections = [[AGREED, "250 pris", "421 adieu"], [AGREED, "250 pris"]]
    assert isinstance(await send("a"), Sent)
    assert isinstance(await send("b"), Sent)
    assert script.heard[1] == ["EHLO", "MAIL RCPT DATA", "leaves", "From To:  Subj"]


@pytest.mark.parametrize("said", ["2" * 40_000, "bonjour", "250-de\r\n" * 5_000])
async def test_an_answer_that_is_none_or_has_no_end_is_tried_again(
    send: Send, script: Script, said: str
) -> None:
    script.connections = [[said]]
    outcome = await send("a")
    assert isinstance(outcome, Retry)
    assert "le serveur a répondu" in outcome.reason


async def test_a_connection_lost_once_the_message_is_asked_for_leaves_no_doubt_before_its_bytes_do(
    send: Send, script: Script
) -> None:
    script.connections = [["250 de\r\n250 pour"], [AGREED]]
    lost = send("a")
    while len(script.heard) < 1 or len(script.heard[0]) < 2:
        await asyncio.sleep(0.01)
    assert isinstance(await lost, Retry), "the message was not asked for in time"
    doubt = send("b")
    while len(script.heard) < 2 or "leaves" not in script.heard[1]:
        await asyncio.sleep(0.01)
    assert isinstance(await doubt, Doubtful)


class Silent(asyncio.Transport):
    """One that nobody answers."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """It says nothing to it."""

    def is_closing(self) -> bool:
        return False

    def write(self, data: object) -> None:
        """Nobody hears."""

    def close(self) -> None:
        """Nothing is held."""


async def test_an_answer_is_waited_for_no_longer_than_said_though_the_timer_rang_before() -> None:
    exchange = Exchange(Silent())
    loop = asyncio.get_running_loop()
    exchange.wait_until(loop.time())
    await asyncio.sleep(0.01)  # it rings, and nobody waits
    exchange.say(b"NOOP")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await exchange.answer()
    assert loop.time() < exchange._until + 4, "by its own timer"
    exchange.close()
