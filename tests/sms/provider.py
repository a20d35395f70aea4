"""A stand-in for the provider: real HTTP on a local socket, answers as it is told, posts back."""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

CUT = "cut"
#: What the provider's account signs and is signed with.
TOKEN = "jeton-du-fournisseur"


@dataclass
class Asked:
    """One request it received."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, str]
    body: bytes = b""


@dataclass
class Provider:
    """`script` holds the answers to come: (status, body, headers), or `CUT`; else it accepts."""

    script: list[object] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """What a whole server is told so as to send here."""
        return {
            "RELANCE_PORT": "0",
            "RELANCE_RESEAU_HOTES_PERMIS": "127.0.0.1",
            "RELANCE_SMS_ADRESSE": f"http://127.0.0.1:{self.port}",
            "RELANCE_SMS_COMPTE": "AC0123456789",
            "RELANCE_SMS_JETON": TOKEN,
            "RELANCE_SMS_EXPEDITEUR": "+15145550100",
        }

    async def start(self) -> "Provider":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        self._server.close()
        self._server.close_clients() if hasattr(self._server, "close_clients") else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        found = {}
        if headers.get("content-type", "").endswith("form-urlencoded"):
            fields = parse_qs(body.decode(), strict_parsing=True)
            found = {name: one[0] for name, one in fields.items()}
        self.asked.append(Asked(method, path, headers, found, body))
        answer = self.script.pop(0) if self.script else self._accepted()
        if answer == CUT:
            return False
        status, said, more = answer
        data = json.dumps(said).encode() if not isinstance(said, bytes) else said
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", *more]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        await writer.drain()
        return True

    def _accepted(self) -> tuple[int, object, list[str]]:
        return 201, {"sid": f"SM{len(self.asked):032d}", "status": "queued"}, []


def refused(code: int, status: int = 400) -> tuple[int, object, list[str]]:
    return status, {"code": code, "message": "no", "status": status}, []
