"""A CRM on loopback that answers as HubSpot's API does, politely or not, and keeps what it is told."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "pat-na1-essai"
CONTACTS = "/crm/v3/objects/contacts"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Say:
    """An answer other than the polite one. `cut`: the connection ends once the request is handled."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[str, ...] = ()
    cut: bool = False
    #: Whether the request is obeyed all the same.
    obeys: bool = False
    delay: float = 0.0


@dataclass
class StandIn:
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    #: By what the request does (find, write, search): what is said, in order, then the polite answer.
    script: dict[str, list[Say]] = field(default_factory=dict)
    #: The instant the CRM dates its changes with.
    now: Callable[[], str] = lambda: "2026-11-22T15:00:00Z"
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> "StandIn":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    def holds(self, email: str, modified: str = "2026-11-20T12:00:00Z", **properties: str) -> None:
        number = str(100 + len(self.contacts))
        given = {"email": email, **properties}
        self.contacts[email] = {"id": number, "properties": given, "updatedAt": modified}

    def did(self, what: str) -> list[Asked]:
        return [one for one in self.asked if _what(one) == what]

    @property
    def written(self) -> list[dict[str, str]]:
        """The properties of each write, in order."""
        return [one.body["inputs"][0]["properties"] for one in self.did("write")]

    # --- HTTP -----------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (one.partition(":") for one in rest if one)}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = line.split(" ")
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(method, parts.path, query, headers, json.loads(data) if data else None)
        self.asked.append(asked)
        scripted = self.script.get(_what(asked), [])
        say = scripted.pop(0) if scripted else None
        polite = self._polite(asked) if say is None or say.obeys else (200, {})
        if say is None:
            status, body, further = polite[0], json.dumps(polite[1]).encode(), ()
        else:
            await asyncio.sleep(say.delay)
            if say.cut:
                writer.transport.abort()
                return False
            status, body, further = say.status, say.body, say.headers
        head = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", *further]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        return True

    # --- What HubSpot does ----------------------------------------------------------------

    def _polite(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}
        match _what(asked):
            case "find":
                found = self.contacts.get(unquote(asked.path.rpartition("/")[2]))
                wanted = asked.query["properties"].split(",")
                return (200, _shown(found, wanted)) if found else (404, {"status": "error"})
            case "write":
                return 200, {"status": "COMPLETE", "results": [self._upsert(asked.body)]}
            case "search":
                (test,) = asked.body["filterGroups"][0]["filters"]
                found = [
                    _shown(one, asked.body["properties"])
                    for one in self.contacts.values()
                    if one["properties"].get(test["propertyName"]) == test["value"]
                ]
                return 200, {"total": len(found), "results": found}
        return 404, {"status": "error"}

    def _upsert(self, body: Any) -> dict[str, Any]:
        (one,) = body["inputs"]
        assert one["idProperty"] == "email"
        if one["id"] not in self.contacts:
            self.holds(one["id"])
        contact = self.contacts[one["id"]]
        contact["properties"].update(one["properties"])
        contact["updatedAt"] = self.now()
        return contact


def _what(asked: Asked) -> str:
    if asked.path == f"{CONTACTS}/batch/upsert":
        return "write"
    if asked.path == f"{CONTACTS}/search":
        return "search"
    return "find" if asked.path.startswith(CONTACTS) else "?"


def _shown(contact: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    given = contact["properties"]
    return {**contact, "properties": {name: given.get(name) for name in ["email", *wanted]}}
