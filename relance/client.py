"""Who asks, as far as the connection tells."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request


def client_of(request: "Request") -> str | None:
    """The address of the machine that asks; None when it is not known."""
    return request.client.host if request.client is not None else None
