"""What the system tells a server by a signal: to stop, or to read its files again."""

import asyncio
import signal
from collections.abc import Callable


def obey_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """Have the running loop do it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if hasattr(signal, "SIGHUP"):
        loop.add_signal_handler(signal.SIGHUP, reload)
