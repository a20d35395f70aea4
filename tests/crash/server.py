"""The real server as a process: started, killed without warning, started again."""

import time
from pathlib import Path
from types import TracebackType

import httpx

from tests.processes import Command


class Server:
    """`relance serve` on a project folder."""

    def __init__(self, folder: Path, port: int, *, crash_at: str | None = None) -> None:
        self.url = f"http://127.0.0.1:{port}"
        crash = {"RELANCE_CRASH_AT": crash_at or ""}
        self.process = Command("serve", folder, out=folder / "serveur.log", variables=crash)

    def wait_ready(self, timeout: float = 90.0) -> bool:
        """Whether it answers; False when it died first."""
        limit = time.monotonic() + timeout
        # One client for all that is asked: making another costs what the server needs to start.
        with httpx.Client(timeout=2, verify=False) as client:
            while time.monotonic() < limit:
                if self.process.returncode is not None:
                    return False
                try:
                    if client.get(f"{self.url}/sante").status_code == 200:
                        return True
                except httpx.TransportError:
                    time.sleep(0.02)
        raise AssertionError("the server neither answers nor dies")

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        self.process.kill()

    def stop(self, timeout: float = 20.0) -> float:
        """SIGTERM; the seconds it took to go."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout)
        return time.monotonic() - began

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.process.returncode is None:
            self.kill()
