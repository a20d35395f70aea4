"""SMTP: connections kept open between messages, and what each answer of the server means.

Before the message's own bytes are sent, a broken connection means nothing left; once they are,
nobody can tell any more, unless the server says so.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

from aiosmtplib.errors import SMTPException, SMTPServerDisconnected

from plugins.email.exchange import Exchange
from plugins.email.headers import Mailbox
from plugins.email.settings import EmailSettings
from relance.channel import Doubtful, Outcome, Refused, Retry, Sent
from relance.errors import NetworkRefused
from relance.host import Network

#: A connection is closed after that many messages, or that many idle seconds.
MOST_MESSAGES = 100
MOST_IDLE = 20.0
_STATUS = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class Rejected(Exception):
    """The server said no. `stage` is the command it answered."""

    def __init__(self, stage: str, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.stage = stage
        self.code = code
        self.text = text

    @property
    def permanent(self) -> bool:
        """Whether trying again is no use.

        What the server says of our own manners (bad sequence, unknown command, login wanted) is
        for the operator to mend, and the message waits.
        """
        if self.stage == "RCPT":
            return 500 <= self.code < 600 and self.code not in {502, 503, 530}
        return 550 <= self.code < 560

    @property
    def outcome(self) -> Outcome:
        """What becomes of a message to somebody whose address is not for this to judge."""
        return Refused(str(self)) if self.permanent else Retry(str(self))

    @property
    def status(self) -> str:
        """The enhanced status (RFC 3463), if any: « 5.1.1 »."""
        found = _STATUS.match(self.text)
        return found[1] if found else ""


class _Connection:
    """One connection, ready for a message."""

    def __init__(self, client: Any, stack: AsyncExitStack) -> None:
        self.utf8 = client.supports_extension("smtputf8")
        self.used = 0
        self.idle_since = 0.0
        self._together = client.supports_extension("pipelining")
        self._exchange = Exchange(client.protocol.transport)
        self._stack = stack

    async def introduce(self, sender: bytes, recipient: bytes) -> None:
        """Have whom the message is from and whom it is to accepted; Rejected when one is not.

        Where the server lets us, we ask for the message in the same breath: the answer is read when
        it begins, and nothing of it leaves before.
        """
        asked = b"MAIL FROM:" + sender, b"RCPT TO:" + recipient
        if self._together:
            self._exchange.say(*asked, b"DATA")
            await self._accepted("MAIL", 250)
        else:
            await self._command("MAIL", asked[0], 250)
            self._exchange.say(asked[1])
        await self._accepted("RCPT", 250, 251)

    async def begin(self) -> None:
        """Have the message itself asked for; Rejected when it is not."""
        if not self._together:
            self._exchange.say(b"DATA")
        await self._accepted("DATA", 354)

    def wait_until(self, instant: float) -> None:
        """Wait no longer for any answer: TimeoutError."""
        self._exchange.wait_until(instant)

    async def body(self, data: bytes, until: float) -> str:
        """Send the message's bytes (no lone CR or LF in them) and wait for the server's word."""
        self.wait_until(until)
        self._exchange.write(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return await self._accepted("DATA", 250)

    async def reset(self) -> bool:
        """Be ready for another message; False if that cannot be."""
        self.wait_until(_now() + 5)
        while self._exchange.owed:
            if (await self._exchange.answer()).code == 354:
                return False  # it waits for a message that nobody is to get
        await self._command("RSET", b"RSET", 250)
        return True

    async def _command(self, stage: str, line: bytes, *expected: int) -> None:
        self._exchange.say(line)
        await self._accepted(stage, *expected)

    async def _accepted(self, stage: str, *expected: int) -> str:
        """What the next answer says; Rejected unless it is one of those expected."""
        code, text = await self._exchange.answer()
        if code not in expected:
            raise Rejected(stage, code, _one_line(text))
        return _one_line(text)

    async def close(self, *, politely: bool = False) -> None:
        with suppress(Exception):
            if politely:
                self.wait_until(_now() + 2)
                await self._command("QUIT", b"QUIT", 221)
        self._exchange.close()
        with suppress(Exception):
            await self._stack.aclose()


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


class Smtp:
    """A way to one SMTP server, with as many connections as messages under way."""

    def __init__(self, network: Network, settings: EmailSettings) -> None:
        self._network = network
        self._settings = settings
        self._idle: list[_Connection] = []
        self._closed = False
        #: Whether the server will report what becomes of messages: it was asked, and said it can.
        self.reports = False
        self._context = _context(settings)

    async def deliver(
        self, sender: Mailbox, recipient: Mailbox, data: bytes, leaving: Callable[[], None]
    ) -> Outcome | Rejected:
        """Hand one message over, saying so just before its bytes leave."""
        begun = False
        connection: _Connection | None = None
        kept = False
        try:
            until = _now() + self._settings.timeout
            connection = await self._greeted(sender, recipient, until)
            await connection.begin()
            leaving()
            begun = True
            said = await connection.body(data, _now() + 2 * self._settings.timeout)
            kept = True
            return Sent(said or None)
        except Rejected as answer:
            kept = answer.code != 421 and await self._reset(connection)
            return answer
        except NetworkRefused as error:
            return Retry(str(error))
        except Exception as error:
            if begun:
                return Doubtful("la connexion s’est perdue pendant que le message partait")
            if not isinstance(error, OSError | SMTPException):
                raise  # a bug, not a network
            return Retry(_why(error))
        finally:
            if connection is not None:
                await self._give_back(connection, kept)

    async def reach(self) -> str | None:
        """Connect and sign in as to send, and send nothing; why that cannot be, if so."""
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(self._settings.timeout):
                connection = await self._open()
        except NetworkRefused as error:
            return str(error)
        except Exception as error:
            if not isinstance(error, OSError | SMTPException):
                raise
            return _why(error)
        finally:
            if connection is not None:
                await connection.close(politely=True)
        return None

    async def _greeted(self, sender: Mailbox, recipient: Mailbox, until: float) -> _Connection:
        """A connection that has accepted the sender and the recipient; TimeoutError past `until`.

        One that was kept open may have been closed by the server meanwhile: then a new one is
        tried at once.
        """
        while True:
            fresh = not self._idle
            if fresh:
                async with asyncio.timeout_at(until):
                    connection = await self._open()
            else:
                connection = self._idle.pop()
            connection.wait_until(until)
            try:
                if not fresh and _now() - connection.idle_since > MOST_IDLE:
                    raise ConnectionError("trop longtemps inactive")
                await self._introduce(connection, sender, recipient)
            except Rejected as answer:
                # A server that tells an old connection to go (421) may take a new one.
                again = not fresh and answer.code == 421
                await self._give_back(connection, not again and await self._reset(connection))
                if not again:
                    raise
            except OSError as error:
                await connection.close()
                if fresh or isinstance(error, TimeoutError):
                    raise
            except BaseException:
                await connection.close()
                raise
            else:
                return connection

    async def _introduce(
        self, connection: _Connection, sender: Mailbox, recipient: Mailbox
    ) -> None:
        options, wanted = b"", b""
        if self.reports:  # RFC 3461; the headers that come back carry our id
            options, wanted = b" RET=HDRS", b" NOTIFY=SUCCESS,FAILURE"
        if recipient.utf8:
            if not connection.utf8:
                raise Rejected("RCPT", 553, "5.6.7 adresse accentuée, que le serveur n’accepte pas")
            options += b" SMTPUTF8 BODY=8BITMIME"
        await connection.introduce(_path(sender) + options, _path(recipient) + wanted)

    async def _open(self) -> _Connection:
        settings = self._settings
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                self._network.smtp(
                    settings.host,
                    settings.port,
                    tls=settings.security == "tls",
                    context=self._context,
                    timeout=settings.timeout,
                )
            )
            await client.ehlo()
            if settings.security == "starttls":
                if not client.supports_extension("starttls"):
                    raise ConnectionError("le serveur n’offre pas STARTTLS")
                await client.starttls(tls_context=self._context, server_hostname=settings.host)
                # What was offered in clear does not count any more (RFC 3207).
                await client.ehlo()
            if settings.user is not None:
                if not client.supports_extension("auth"):
                    raise ConnectionError(
                        "le serveur n’offre pas l’identification : "
                        "vérifiez « utilisateur » et « securite » dans [email]"
                    )
                await client.login(settings.user, settings.password)
            self.reports = settings.reports == "dsn" and client.supports_extension("dsn")
            return _Connection(client, stack.pop_all())

    @staticmethod
    async def _reset(connection: _Connection | None) -> bool:
        """Make a connection ready for another message; False if it is lost."""
        if connection is None:
            return False
        try:
            return await connection.reset()
        except Exception:
            return False

    async def _give_back(self, connection: _Connection, kept: bool) -> None:
        connection.used += 1
        if not kept or self._closed:
            await connection.close()
        elif connection.used >= MOST_MESSAGES:
            await connection.close(politely=True)
        else:
            connection.idle_since = _now()
            self._idle.append(connection)

    async def close(self) -> None:
        """Let every connection go."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close(politely=True) for connection in idle))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _path(mailbox: Mailbox) -> bytes:
    """An SMTP argument; whatever could end it early is a bug of the guard above."""
    data = mailbox.address.encode()
    if re.search(rb"[\x00-\x20<>\x7f]", data):
        raise ValueError("not an SMTP path")
    return b"<" + data + b">"


def _context(settings: EmailSettings) -> ssl.SSLContext | None:
    if settings.security == "aucune":
        return None
    return ssl.create_default_context(cafile=settings.certificate)


def _why(error: Exception) -> str:
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return (
            f"le serveur a répondu {code} {_one_line(str(getattr(error, 'message', '')))}".strip()
        )
    if isinstance(error, TimeoutError):
        return "le serveur ne répond pas à temps"
    if isinstance(error, ssl.SSLError):
        return "la connexion chiffrée a échoué : vérifiez « securite » et le certificat"
    if isinstance(error, ConnectionRefusedError):
        return "le serveur refuse la connexion : est-il en marche, à cette adresse et à ce port ?"
    if isinstance(error, ConnectionResetError | BrokenPipeError | SMTPServerDisconnected):
        return "le serveur a coupé la connexion"
    if type(error) is ConnectionError and str(error):
        return _one_line(str(error))  # told by the way out, in French
    return "le serveur est injoignable : vérifiez son adresse, son port et le réseau"
