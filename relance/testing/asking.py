"""Requests, as the server would hand them to a route."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import Message


def asked(
    method: str = "GET",
    path: str = "/",
    *,
    parameters: Mapping[str, str] | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    client: str | None = "127.0.0.1",
) -> Request:
    """A request for a route's handler; `parameters` are those of its path, or of its token."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    lines = [(name.lower().encode(), text.encode()) for name, text in (headers or {}).items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": lines,
        "path_params": dict(parameters or {}),
        "client": (client, 0) if client is not None else None,
    }
    return Request(scope, receive)
