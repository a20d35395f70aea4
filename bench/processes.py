"""The servers under measure, as processes of their own: Relance, and the bare one."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen


class Process:
    """A server on `port`, started on entry, stopped on exit; its output goes to `log`."""

    def __init__(self, arguments: list[str], port: int, log: Path) -> None:
        self.port = port
        self._log = log
        self._arguments = arguments

    def __enter__(self) -> "Process":
        environment = {n: v for n, v in os.environ.items() if not n.startswith("RELANCE_")}
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                stdout=output,
                stderr=output,
                env=environment,
            )
        self._wait()
        return self

    def _wait(self) -> None:
        limit = time.monotonic() + 60
        while time.monotonic() < limit and self._process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/sante", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        self._process.kill()
        raise RuntimeError(f"{self._arguments} : {self._log.read_text(errors='replace')[-2000:]}")

    def processor(self) -> float:
        """Seconds of processor that it has used, in itself and in the kernel (Linux only)."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def __exit__(
        self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask it to go, and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def relance(folder: Path, port: int) -> Process:
    """`relance serve` on a project folder."""
    return Process(["server.cli.main", "serve", str(folder)], port, folder / "serveur.log")


def bare(folder: Path, port: int, smtp_port: int) -> Process:
    """The bare Starlette application."""
    return Process(["bench.bare", str(port), str(smtp_port)], port, folder / "nu.log")
