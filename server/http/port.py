"""The port of a server: had before anything else is touched, and what answers there."""

import socket
from collections.abc import Sequence

import uvicorn

from relance.errors import ConfigurationError
from server.http.app import App
from server.http.connections import Connections
from server.http.listener import listen
from server.http.prompt import behind
from server.http.wire import wires
from server.system_words import os_reason


def take(host: str, port: int, backlog: int) -> socket.socket:
    """A socket that listens there; ConfigurationError, in French, when it cannot."""
    try:
        return listen(host, port, backlog)
    except OSError as error:
        raise ConfigurationError(
            f"Impossible d’écouter à l’adresse {host}, port {port} : {os_reason(error)}. "
            "Choisissez-en un autre par les réglages « ecoute » et « port », "
            "ou pour une fois : relance serve --port 8090."
        ) from error


def config(
    app: App, connections: Connections, proxies: Sequence[str], patience: int
) -> uvicorn.Config:
    """How requests are answered; a server that stops lets them end for so many seconds."""
    prompt = behind(proxies, app.promptly) if proxies else app.promptly
    return uvicorn.Config(
        app,
        loop="none",
        http=wires(connections, prompt),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=patience,
        backlog=connections.limits.backlog,
    )
