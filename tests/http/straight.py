"""A request handed straight to the application: thousands of them, for a test that asks for every page by everybody.

What a socket and its server add is tried elsewhere; here they would take nine tenths of the time.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import unquote

from server.runtime import Runtime


async def status_of(
    runtime: Runtime, method: str, path: str, headers: Mapping[str, str] | None = None
) -> int:
    """What is answered; the rest of an answer without an end is not waited for."""
    host = runtime.url.partition("://")[2]
    sent = {"host": host, **(headers or {})}
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def receive() -> dict[str, object]:
        if not started.done():
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits so long")

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            started.set_result(int(str(message["status"])))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": (host.partition(":")[0], int(host.partition(":")[2])),
        "state": {},
    }
    answering = asyncio.ensure_future(runtime.app(scope, receive, send))
    await asyncio.wait([answering, started], return_when=asyncio.FIRST_COMPLETED)
    if not started.done():
        answering.result()  # what it raised
        raise AssertionError(f"{method} {path} was not answered")
    answering.cancel()
    await asyncio.wait([answering])
    return started.result()
